//! Both stores of parts: writing, reading and deleting what a video of 80 MiB has, by one client with as many requests
//! at once as the functions make.
//!
//! `cargo bench --profile local --bench stores [-- RUNS]`. DynamoDB is the embedded one of the local stack, so this is
//! no figure of AWS's: it shows what the adapters and their protocols cost a function.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs
)]

use std::time::{Duration, Instant};

use dodolens::{
    app::ports::{Clock as _, PartKey, PartStore},
    aws::SystemClock,
    domain::{ids::SessionId, plan::PartIndex},
};
use dodolens_tests::{
    stack::Setup,
    valkey::{Mode, ValkeyServer},
};
use futures::{StreamExt as _, stream};

/// 80 chunks of 1 MiB in three parts each.
const CHUNKS: u32 = 80;
const PARTS: u32 = 3;
const PART_BYTES: usize = 349_526;
/// Requests at once.
const PARALLEL: usize = 16;

#[tokio::main]
async fn main() {
    let word = std::env::args().skip(1).find(|word| word != "--bench");
    let runs: usize = word.map_or(5, |runs| runs.parse().expect("RUNS is a number"));
    let mut server = ValkeyServer::start(Mode::Cluster).await;
    let stack = server.stack(Setup::default()).await;
    let (dynamo, valkey) = (stack.chunks(), server.chunks(&stack).await);
    let (mut of_dynamo, mut of_valkey) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        of_dynamo.push(run(&dynamo).await);
        of_valkey.push(run(&valkey).await);
    }
    println!("240 parts of 342 KiB, ms, median of {runs}");
    println!("{:10}{:>10}{:>10}", "", "dynamodb", "valkey");
    for (index, name) in ["write", "read", "delete", "verify"].iter().enumerate() {
        let median = |of: &[[Duration; 4]]| {
            let mut times: Vec<_> = of.iter().filter_map(|run| run.get(index)).collect();
            times.sort();
            times
                .get(times.len() / 2)
                .map_or(0.0, |time| time.as_secs_f64() * 1e3)
        };
        println!(
            "{name:10}{:10.0}{:10.0}",
            median(&of_dynamo),
            median(&of_valkey)
        );
    }
    stack.running.shutdown().await;
}

async fn run(store: &impl PartStore) -> [Duration; 4] {
    let session = SessionId::from_bytes(dodolens::crypto::random().unwrap());
    let keys: Vec<_> = (0..CHUNKS)
        .flat_map(|chunk| (0..PARTS).map(move |part| PartIndex { chunk, part }))
        .map(|at| PartKey { session, at })
        .collect();
    let now = SystemClock.now();
    let sealed = vec![0xA5; PART_BYTES];

    let began = Instant::now();
    stream::iter(&keys)
        .map(|key| store.put(*key, sealed.clone(), now + Duration::from_secs(300)))
        .buffer_unordered(PARALLEL)
        .for_each(async |put| put.unwrap())
        .await;
    let write = began.elapsed();

    let began = Instant::now();
    stream::iter(&keys)
        .map(|key| store.get(*key, now))
        .buffer_unordered(PARALLEL)
        .for_each(async |part| assert_eq!(part.unwrap().unwrap().len(), PART_BYTES))
        .await;
    let read = began.elapsed();

    let began = Instant::now();
    stream::iter(&keys)
        .map(|key| store.delete(*key, None))
        .buffer_unordered(2 * PARALLEL)
        .for_each(async |gone| gone.unwrap())
        .await;
    let delete = began.elapsed();

    let began = Instant::now();
    assert_eq!(store.count_present(&keys).await.unwrap(), 0);
    [write, read, delete, began.elapsed()]
}

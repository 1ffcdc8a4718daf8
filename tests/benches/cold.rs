//! How long functions take to start, and how much longer their first event takes than the next: with TLS before the
//! services, as in AWS.
//!
//! `cargo bench --profile local --bench cold -- RUNS [BOOTSTRAPS…]`; each of BOOTSTRAPS is a directory of bootstraps, such
//! as those of release builds before and after a change. Their runs alternate.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs
)]

use std::{path::PathBuf, time::Duration};

use bytes::Bytes;
use dodolens_local::{toolchain, video::VideoSpec};
use dodolens_tests::{
    cold::{AWAITED, Certificate, Cold, UNAWAITED, unfed},
    stack::{Setup, TestStack, showing, video},
};

#[tokio::main]
async fn main() {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let runs: usize = words
        .next()
        .map_or(5, |runs| runs.parse().expect("RUNS is a number"));
    let mut bootstraps: Vec<_> = words.map(PathBuf::from).collect();
    if bootstraps.is_empty() {
        bootstraps.push(toolchain::bootstraps().await.unwrap());
    }
    let stack = TestStack::start(Setup {
        adjust: Some(unfed),
        parameters: vec![
            ("WebhookUrl", "http://127.0.0.1:9/hook".into()),
            (
                "WebhookSecret",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into(),
            ),
        ],
        schedule_scale: 1e6,
        ..Setup::default()
    })
    .await;
    let spec = VideoSpec {
        seconds: 3.0,
        size: (640, 360),
        bitrate: Some(1_200_000),
        ..showing(&["sofa_3_seat@living_room"])
    };
    let video: Bytes = std::fs::read(video(&spec, ".mp4").await).unwrap().into();
    let certificate = Certificate::new();
    let cold = Cold::new(&stack, &video, Some(&certificate)).await;

    println!(
        "{:26}{:>4}{:>10}{:>10}{:>10}{:>8}  connections before, in first, in second",
        "medians, ms", "", "init", "first", "second", "ratio"
    );
    for function in AWAITED {
        let mut starts = vec![Vec::new(); bootstraps.len()];
        for _ in 0..runs {
            for (at, directory) in bootstraps.iter().enumerate() {
                starts[at].push(cold.start(function, directory).await);
            }
        }
        for (at, starts) in starts.iter().enumerate() {
            let median = |of: fn(&dodolens_tests::cold::Start) -> Duration| {
                median(starts.iter().map(of).collect())
            };
            let (init, first, second) = (
                median(|start| start.init),
                median(|start| start.first),
                median(|start| start.second),
            );
            let ratio = first / second;
            println!(
                "{function:26}{at:4}{init:10.1}{first:10.1}{second:10.1}{ratio:8.2}  {:?}",
                starts[0].connections
            );
        }
    }
    for function in UNAWAITED {
        let mut inits = vec![Vec::new(); bootstraps.len()];
        for _ in 0..runs {
            for (at, directory) in bootstraps.iter().enumerate() {
                inits[at].push(cold.init(function, directory).await);
            }
        }
        for (at, inits) in inits.into_iter().enumerate() {
            println!("{function:26}{at:4}{:10.1}", median(inits));
        }
    }
    stack.running.shutdown().await;
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e3
}

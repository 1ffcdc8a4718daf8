//! All cells: from the record of undisturbed sessions, and checked against it.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread::available_parallelism,
    time::{Duration, Instant},
};

use bytes::Bytes;
use dodolens_local::video::VideoSpec;
use dodolens_tests::{
    gate::Step,
    stack::{showing, video},
};
use futures::{StreamExt as _, future::join_all, stream};
use tokio::sync::Semaphore;

use crate::{
    cell::{Cell, Client, Seen, record},
    player::CHUNK,
    scenario::{PROCESS, Scenario},
};

/// Stacks that are there at one time; most of them wait for a deadline.
const ALIVE: usize = 64;

/// Longest that a cell may take.
const LIMIT: Duration = Duration::from_secs(600);

/// Two chunks: one of two parts, and what is left.
async fn some_video() -> Bytes {
    let spec = VideoSpec {
        seconds: 3.0,
        bitrate: Some(1_200_000),
        size: (640, 360),
        say: Some("The piano stays.".into()),
        ..showing(&["sofa_3_seat@living_room"])
    };
    let bytes = Bytes::from(std::fs::read(video(&spec, ".mp4").await).unwrap());
    let chunks = bytes.len().div_ceil(CHUNK as usize);
    assert_eq!(chunks, 2, "{} bytes", bytes.len());
    bytes
}

/// Every operation of a function that was seen anywhere is one at which the function is ended.
fn assert_complete(records: &BTreeMap<Scenario, Vec<Step>>, cells: &[Cell]) {
    let kind = |step: &Step| (step.function.clone(), step.operation.clone());
    let seen: BTreeSet<_> = records.values().flatten().map(kind).collect();
    let ended: BTreeSet<_> = cells.iter().map(|cell| kind(&cell.step)).collect();
    let missed: Vec<_> = seen.difference(&ended).collect();
    assert!(missed.is_empty(), "no cell for {missed:?}");
}

/// Before the sweep there is something to be swept: else the sweeps would be praised for nothing.
fn assert_control(seen: &[(Cell, Seen)]) {
    for function in ["ChunkUploadFunction", "FinalizeFunction", PROCESS] {
        let of = seen
            .iter()
            .filter(|(cell, _)| cell.step.function == function);
        let left: Vec<_> = of
            .filter(|(_, seen)| seen.at_crash.readable > 0 && seen.at_crash.served > 0)
            .collect();
        assert!(!left.is_empty(), "a crash of {function} left nothing");
        let kept = left.iter().any(|(_, seen)| seen.at_deadline.readable > 0);
        assert!(
            kept,
            "nothing outlived its time after a crash of {function}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_a_function_ends_nothing_of_the_video_stays() {
    let start = Instant::now();
    let video = some_video().await;
    let recorded = join_all(Scenario::ALL.map(|scenario| record(scenario, &video))).await;
    let records: BTreeMap<_, _> = Scenario::ALL
        .into_iter()
        .zip(recorded)
        .map(|(scenario, steps)| (scenario, steps.unwrap()))
        .collect();
    let mut cells: Vec<_> = records
        .iter()
        .flat_map(|(scenario, steps)| {
            let of_victims = |step: &&Step| scenario.victims().contains(&step.function.as_str());
            steps
                .iter()
                .filter(of_victims)
                .flat_map(|step| Cell::of(*scenario, step))
        })
        .collect();
    assert_complete(&records, &cells);
    // Those that wait longest come first.
    cells.sort_by_key(|cell| (cell.step.function != PROCESS, cell.clone()));
    println!("{} cells, recorded in {:?}", cells.len(), start.elapsed());

    let cores = available_parallelism().map_or(2, usize::from);
    let active = Semaphore::new(cores);
    let results: Vec<_> = stream::iter(cells)
        .map(async |cell| {
            let run = Box::pin(cell.run(&video, &active));
            let seen = tokio::time::timeout(LIMIT, run).await;
            let seen = seen.unwrap_or_else(|_| Err(format!("not done within {LIMIT:?}")));
            (cell, seen)
        })
        .buffer_unordered(ALIVE)
        .collect()
        .await;
    let count = results.len();
    let (mut seen, mut broken) = (Vec::new(), Vec::new());
    for (cell, result) in results {
        match result {
            Ok(result) if cell.client == Client::Leaves => seen.push((cell, result)),
            Ok(_) => {}
            Err(error) => broken.push(format!("{cell}: {error}")),
        }
    }
    broken.sort();
    assert!(
        broken.is_empty(),
        "{} of {count}:\n{}",
        broken.len(),
        broken.join("\n")
    );
    println!("{count} cells hold after {:?}", start.elapsed());
    assert_control(&seen);
}

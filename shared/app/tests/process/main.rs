//! What becomes of a session when evidence is missing, and when something takes too long.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;
mod policy;
mod slow;

use std::time::Duration;

use dodolens_app::{
    ports::{Clock as _, MediaLimits},
    process::{Disposition, JobDelivery, ProcessSettings, process},
};
use dodolens_domain::{
    catalogue,
    evidence::{Cue, Decision, Gap},
    inventory::Inventory,
    money::Usd,
    receipt::PartDeletion,
    session::{Failure, Session, SessionState},
};
use dodolens_memory::{Answers, Memory};

use common::World;

fn bicycle(decision: Decision) -> Vec<Cue> {
    vec![Cue {
        item: catalogue::item("bicycle"),
        label: String::new(),
        room: None,
        count: None,
        decision,
        remark: None,
    }]
}

/// A world with one session, which waits to be processed.
async fn queued(answers: Answers) -> Memory {
    let world = World::new(answers);
    let credential = world.open().await.unwrap();
    world.queue(&credential).await.unwrap();
    world.memory
}

/// The session as it stands.
fn session(memory: &Memory) -> Session {
    memory.sessions().pop().unwrap()
}

/// Processes the session; it must be done within `time`, of which decoding may take `decoding`, and be told of within a tenth
/// of it.
async fn run(memory: &Memory, time: Duration, decoding: Duration, retryable: bool) -> Disposition {
    let settings = ProcessSettings {
        media: MediaLimits {
            frames: 4,
            long_side: 1024,
            source_pixels: u64::MAX,
            deadline: decoding,
        },
        analysis_time: time,
        analysis_budget: Usd::from_nanos(1_000_000),
        telling: time / 10,
        result_lifetime: Duration::from_secs(3600),
        reserve: Duration::ZERO,
        deletion: PartDeletion::Explicit,
        sinks: Vec::new(),
    };
    let job = JobDelivery {
        session: session(memory).id,
        owner: "invocation".into(),
        deadline: memory.now() + time,
        sent_at: None,
        retryable,
    };
    process(memory, &settings, &job).await
}

/// How a session ended: with what was found and what was missing, or with what problem.
fn ended(memory: &Memory) -> Result<(Vec<String>, Vec<Gap>), Failure> {
    let session = session(memory);
    let last = memory.pushed().pop().map(|pushed| pushed.message);
    match (session.result, session.failure) {
        (
            Some(Inventory {
                rooms, degraded, ..
            }),
            None,
        ) => {
            assert_eq!(session.state, SessionState::Complete);
            assert!(last.is_some_and(|last| last.contains("analysis_complete")));
            let ids = rooms.into_iter().flat_map(|room| room.things.into_keys());
            Ok((ids.collect(), degraded))
        }
        (None, Some(failure)) => {
            assert_eq!(session.state, SessionState::Failed);
            assert!(last.is_some_and(|last| last.contains("\"error\"")));
            Err(failure)
        }
        other => panic!("it has not ended: {other:?}"),
    }
}

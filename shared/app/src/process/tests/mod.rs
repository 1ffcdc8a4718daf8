//! What becomes of a session when evidence is missing, and when something takes too long.

mod policy;
mod ports;
mod slow;

use std::{sync::atomic::Ordering::Relaxed, time::Duration};

use self::ports::{DECODING, Hangs, World};
use super::{Delivery, Disposition, ProcessPorts, ProcessSettings};
use crate::{
    models::Models,
    ports::{Clock as _, MediaLimits},
};
use dodolens_domain::{
    catalogue,
    evidence::{Cue, Decision, Gap, Observation, SizeClass},
    ids::SessionId,
    inventory::Inventory,
    media::{ExtractedMedia, Frame, Losses, Sound, SoundFormat},
    money::Usd,
    receipt::PartDeletion,
    session::{Failure, SessionState},
};

/// A video with pictures and sound.
fn video() -> ExtractedMedia {
    let frame = |at| Frame {
        jpeg: vec![1].into(),
        at: Duration::from_secs(at),
    };
    ExtractedMedia {
        frames: (0..4).map(frame).collect(),
        sound: Some(Sound {
            bytes: vec![1].into(),
            format: SoundFormat::M4a,
            duration: Duration::from_secs(4),
        }),
        duration: Duration::from_secs(4),
        losses: Losses::default(),
    }
}

fn armchair() -> Vec<Observation> {
    vec![Observation {
        frame: 0,
        item: catalogue::item("armchair"),
        label: String::new(),
        room: None,
        count: 1,
        size: SizeClass::Medium,
        fragile: false,
        confidence: 0.9,
    }]
}

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

/// Processes the session; it must be done within `time`, and be told of within a tenth of it.
async fn process(world: &World, time: Duration, retryable: bool) -> Disposition {
    let ports = ProcessPorts {
        sessions: world,
        chunks: world,
        vault: world,
        extractor: world,
        models: Models {
            vision: world,
            transcriber: world,
            cues: world,
        },
        receipts: world,
        notifier: world,
        clock: world,
    };
    let settings = ProcessSettings {
        media: MediaLimits {
            frames: 4,
            long_side: 1024,
            source_pixels: u64::MAX,
            deadline: DECODING,
        },
        analysis_time: time,
        analysis_budget: Usd::from_nanos(1_000_000),
        telling: time / 10,
        result_lifetime: Duration::from_secs(3600),
        reserve: Duration::ZERO,
        deletion: PartDeletion::Explicit,
    };
    let delivery = Delivery {
        session: SessionId::from_bytes([1; 16]),
        owner: "invocation".into(),
        deadline: ports.clock.now() + time,
        sent_at: None,
        retryable,
    };
    ports.process(&settings, &delivery).await
}

/// How a session ended: with what was found and what was missing, or with what problem.
fn ended(world: &World) -> Result<(Vec<String>, Vec<Gap>), Failure> {
    let session = world.session();
    let last = world.pushed.lock().unwrap().last().cloned();
    match (session.result, session.failure) {
        (
            Some(Inventory {
                objects, degraded, ..
            }),
            None,
        ) => {
            assert_eq!(session.state, SessionState::Complete);
            assert!(last.is_some_and(|last| last.contains("analysis_complete")));
            let ids = objects.into_iter().filter_map(|it| it.catalogue_id);
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

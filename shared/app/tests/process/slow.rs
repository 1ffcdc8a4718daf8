//! What takes too long has an ending of its own, and what only tells clients costs nothing that is known.

use std::time::Duration;

use dodolens_app::process::Disposition;
use dodolens_domain::{
    evidence::Decision,
    session::{Change, Failure, Progress, SessionState},
};
use dodolens_memory::{Answers, Call, Calls, Cargo, Fault, Memory};
use tokio::time::Instant;

use crate::{
    bicycle,
    common::{armchairs, film, quiet},
    ended, queued, run, session,
};

/// Far more than any machine needs for what does not hang.
const PATIENCE: Duration = Duration::from_secs(120);

/// What decoding may take.
const DECODING: Duration = Duration::from_millis(20);

/// What does not come to an end.
#[derive(Debug, Clone, Copy)]
enum Hangs {
    All(&'static str),
    Reports(fn(Cargo<'_>) -> bool),
    /// Messages that tell how far the work is.
    Pushes,
}

const VAULT: Hangs = Hangs::All("KeyVault::version");
const PARTS: Hangs = Hangs::All("PartStore::get");
const DECODER: Hangs = Hangs::All("MediaExtractor::extract");
const VISION: Hangs = Hangs::All("VisionModel::look");
const TRANSCRIPTION: Hangs = Hangs::All("Transcriber::transcribe");

const ANALYSING: Hangs = Hangs::Reports(|cargo| reports(cargo, Progress::ANALYSING));
const HALF_DONE: Hangs = Hangs::Reports(|cargo| reports(cargo, Progress::HALF_DONE));
const FINISHING: Hangs = Hangs::Reports(|cargo| reports(cargo, Progress::FINISHING));

fn reports(cargo: Cargo<'_>, how_far: Progress) -> bool {
    matches!(cargo, Cargo::Change(Change::Report { progress, .. }) if *progress == how_far)
}

/// Whether a message tells how far the work is, and not how it ended.
fn tells(cargo: Cargo<'_>) -> bool {
    let ends = ["analysis_complete", "error"];
    matches!(cargo, Cargo::Message(message) if !ends.iter().any(|end| message.contains(end)))
}

impl From<Hangs> for Calls {
    fn from(hangs: Hangs) -> Self {
        match hangs {
            Hangs::All(method) => Call(method).into(),
            Hangs::Reports(carrying) => Self {
                of: Call("SessionStore::change"),
                carrying,
            },
            Hangs::Pushes => Self {
                of: Call("Notifier::push"),
                carrying: tells,
            },
        }
    }
}

/// A session that waits to be processed. An armchair will be seen and a bicycle said, and something will hang.
async fn hanging(hangs: Hangs) -> Memory {
    let memory = queued(Answers {
        seen: Ok(armchairs(1)),
        cues: Ok(bicycle(Decision::Move)),
        ..quiet(film())
    })
    .await;
    memory.faults.last(Some((hangs.into(), Fault::Never)));
    memory
}

/// The time for all of it is doubled until what hangs was waited for, with all the time that decoding may have: a busy
/// machine may need longer to get there.
async fn waited(hangs: Hangs, retryable: bool) -> (Memory, Disposition) {
    let mut time = Duration::from_millis(100);
    loop {
        let memory = hanging(hangs).await;
        // A millisecond, since timestamps are whole ones.
        let until = Instant::now() + time - Duration::from_millis(1);
        let disposition = run(&memory, time, DECODING, retryable).await;
        if memory.faults.hung().is_some_and(|at| at + DECODING < until) {
            return (memory, disposition);
        }
        time *= 2;
        assert!(time < PATIENCE, "{hangs:?} is never waited for");
    }
}

#[tokio::test]
async fn each_stage_that_hangs_has_its_own_ending() {
    let stored = Failure::StorageUnavailable;
    for (hangs, failure, passing) in [
        (VAULT, stored, true),
        (PARTS, stored, true),
        (DECODER, Failure::MediaTooSlow, false),
        (ANALYSING, stored, true),
        (VISION, Failure::AnalysisUnavailable, true),
        (TRANSCRIPTION, Failure::AnalysisUnavailable, true),
    ] {
        let (memory, disposition) = waited(hangs, false).await;
        assert_eq!(disposition, Disposition::Done);
        assert_eq!(ended(&memory), Err(failure), "{hangs:?}");

        let (memory, disposition) = waited(hangs, true).await;
        if passing {
            assert_eq!(disposition, Disposition::RetryNow, "{hangs:?}");
            assert_eq!(session(&memory).state, SessionState::Queued);
        } else {
            assert_eq!(ended(&memory), Err(failure), "{hangs:?}");
        }
    }
}

#[tokio::test]
async fn what_is_known_is_not_lost_for_telling_how_far_it_is() {
    for hangs in [Hangs::Pushes, HALF_DONE, FINISHING] {
        let mut time = Duration::from_secs(2);
        let found = loop {
            let memory = hanging(hangs).await;
            run(&memory, time, DECODING, false).await;
            assert!(memory.faults.hung().is_some(), "{hangs:?}");
            match ended(&memory) {
                // The machine was too busy for this time.
                Err(_) if time < PATIENCE => time *= 2,
                other => break other,
            }
        };
        let both = vec!["armchair".to_owned(), "bicycle".to_owned()];
        assert_eq!(found, Ok((both, vec![])), "{hangs:?}");
    }
}

/// The time was used up before the decoder began: that is not the video's fault.
#[tokio::test]
async fn a_decoder_that_had_no_time_does_not_make_the_video_slow() {
    let memory = hanging(DECODER).await;
    run(&memory, DECODING / 2, DECODING, false).await;
    assert_eq!(ended(&memory), Err(Failure::StorageUnavailable));
}

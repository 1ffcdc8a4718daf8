//! What takes too long has an ending of its own, and what only tells clients costs nothing that is known.

use super::*;
use dodolens_domain::session::Progress;

/// Far more than any machine needs for what does not hang.
const PATIENCE: Duration = Duration::from_secs(120);

/// An armchair is seen and a bicycle said, and something hangs. The time for all of it is doubled until what hangs was
/// waited for: a busy machine may need longer to get there.
async fn hanging(hangs: Hangs, retryable: bool) -> (World, Disposition) {
    let mut time = Duration::from_millis(100);
    loop {
        let world = World {
            seen: Ok(armchair()),
            cues: Ok(bicycle(Decision::Move)),
            hangs,
            ..World::new(video())
        };
        let disposition = process(&world, time, retryable).await;
        if world.reached.load(Relaxed) {
            return (world, disposition);
        }
        time *= 2;
        assert!(time < PATIENCE, "{hangs:?} is never waited for");
    }
}

#[tokio::test]
async fn each_stage_that_hangs_has_its_own_ending() {
    let stored = Failure::StorageUnavailable;
    for (hangs, failure, passing) in [
        (Hangs::Vault, stored, true),
        (Hangs::Parts, stored, true),
        (Hangs::Decoder, Failure::MediaTooSlow, false),
        (Hangs::Report(Progress::ANALYSING), stored, true),
        (Hangs::Vision, Failure::AnalysisUnavailable, true),
        (Hangs::Transcription, Failure::AnalysisUnavailable, true),
    ] {
        let (world, disposition) = hanging(hangs, false).await;
        assert_eq!(disposition, Disposition::Done);
        assert_eq!(ended(&world), Err(failure), "{hangs:?}");

        let (world, disposition) = hanging(hangs, true).await;
        if passing {
            assert_eq!(disposition, Disposition::RetryNow, "{hangs:?}");
            assert_eq!(world.session().state, SessionState::Queued);
        } else {
            assert_eq!(ended(&world), Err(failure), "{hangs:?}");
        }
    }
}

#[tokio::test]
async fn what_is_known_is_not_lost_for_telling_how_far_it_is() {
    for hangs in [
        Hangs::Pushes,
        Hangs::Report(Progress::HALF_DONE),
        Hangs::Report(Progress::FINISHING),
    ] {
        let mut time = Duration::from_secs(2);
        let found = loop {
            let world = World {
                seen: Ok(armchair()),
                cues: Ok(bicycle(Decision::Move)),
                hangs,
                ..World::new(video())
            };
            process(&world, time, false).await;
            assert!(world.reached.load(Relaxed), "{hangs:?}");
            match ended(&world) {
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
    let world = World {
        hangs: Hangs::Decoder,
        ..World::new(video())
    };
    process(&world, DECODING / 2, false).await;
    assert_eq!(ended(&world), Err(Failure::StorageUnavailable));
}

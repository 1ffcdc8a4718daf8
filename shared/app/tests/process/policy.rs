//! The rows of docs/FAILURES.md.

use std::time::Duration;

use dodolens_app::{
    ports::{Looked, ModelError},
    process::Disposition,
};
use dodolens_domain::{
    evidence::{Decision, Gap},
    media::{ExtractedMedia, Losses, SoundLoss},
    session::{Failure, SessionState},
};
use dodolens_memory::{Answers, Memory};

use crate::{
    bicycle,
    common::{armchairs, film, quiet},
    ended, queued, run, session,
};

const TIME: Duration = Duration::from_secs(600);

const DOWN: ModelError = ModelError::Unavailable;

fn silent(media: ExtractedMedia) -> ExtractedMedia {
    with(media, |losses| losses.sound = Some(SoundLoss::Silent))
}

fn mute(media: ExtractedMedia) -> ExtractedMedia {
    ExtractedMedia {
        sound: None,
        ..media
    }
}

fn unreadable_sound(media: ExtractedMedia) -> ExtractedMedia {
    with(mute(media), |losses| {
        losses.sound = Some(SoundLoss::Unreadable);
    })
}

fn blind(media: ExtractedMedia) -> ExtractedMedia {
    let blind = ExtractedMedia {
        frames: Vec::new(),
        ..media
    };
    with(blind, |losses| losses.pictures = 8)
}

fn with(mut media: ExtractedMedia, lose: impl FnOnce(&mut Losses)) -> ExtractedMedia {
    lose(&mut media.losses);
    media
}

/// Processes with a last try, and says how the session ended.
async fn last_try(memory: &Memory) -> Result<(Vec<String>, Vec<Gap>), Failure> {
    assert_eq!(run(memory, TIME, TIME, false).await, Disposition::Done);
    ended(memory)
}

/// The same, after a try that is followed by another when the failure may pass.
async fn both_tries(memory: &Memory, passing: bool) -> Result<(Vec<String>, Vec<Gap>), Failure> {
    let first = run(memory, TIME, TIME, true).await;
    if !passing {
        assert_eq!(first, Disposition::Done);
        return ended(memory);
    }
    assert_eq!(first, Disposition::RetryNow);
    assert_eq!(session(memory).state, SessionState::Queued);
    last_try(memory).await
}

#[tokio::test]
async fn a_video_that_shows_nothing_is_an_inventory_of_nothing() {
    for (media, gaps) in [
        (film(), vec![]),
        (mute(film()), vec![Gap::NoSound]),
        (silent(film()), vec![Gap::SoundSilent]),
    ] {
        let memory = queued(quiet(media)).await;
        assert_eq!(both_tries(&memory, false).await, Ok((vec![], gaps)));
    }
}

#[tokio::test]
async fn nothing_found_while_a_model_is_down_is_no_inventory() {
    let unavailable = Err(Failure::AnalysisUnavailable);
    for media in [
        film(),
        mute(film()),
        silent(film()),
        unreadable_sound(film()),
    ] {
        let memory = queued(Answers {
            seen: Err(DOWN),
            ..quiet(media)
        });
        assert_eq!(both_tries(&memory.await, true).await, unavailable);
    }
    for (heard, cues) in [(Err(DOWN), Ok(vec![])), (Ok("words"), Err(DOWN))] {
        for media in [film(), blind(film())] {
            let memory = queued(Answers {
                heard: heard.map(str::to_owned),
                cues: cues.clone(),
                ..quiet(media)
            });
            assert_eq!(both_tries(&memory.await, true).await, unavailable);
        }
    }
}

#[tokio::test]
async fn empty_speech_is_no_evidence() {
    for heard in ["", " \n"] {
        let memory = queued(Answers {
            seen: Err(DOWN),
            heard: Ok(heard.to_owned()),
            ..quiet(film())
        });
        assert_eq!(
            both_tries(&memory.await, true).await,
            Err(Failure::AnalysisUnavailable)
        );
    }
    // What stays is nothing that moves.
    let memory = queued(Answers {
        seen: Err(DOWN),
        cues: Ok(bicycle(Decision::Leave)),
        ..quiet(film())
    });
    assert_eq!(
        both_tries(&memory.await, true).await,
        Err(Failure::AnalysisUnavailable)
    );
}

#[tokio::test]
async fn nothing_found_in_a_video_that_lost_something_is_no_inventory() {
    let second = Duration::from_secs(1);
    let cut = SoundLoss::Cut { heard: second };
    for media in [
        blind(film()),
        blind(mute(film())),
        blind(silent(film())),
        unreadable_sound(film()),
        with(film(), |losses| losses.sound = Some(cut)),
        with(film(), |losses| losses.pictures = 1),
        with(film(), |losses| losses.unseen.push(second..second * 9)),
    ] {
        let memory = queued(quiet(media)).await;
        assert_eq!(
            both_tries(&memory, false).await,
            Err(Failure::MediaUnreadable)
        );
    }
}

#[tokio::test]
async fn what_was_found_is_not_held_back_and_says_what_is_missing() {
    let chair = || Ok(armchairs(1));
    let bike = || Ok(bicycle(Decision::Move));
    let (unseen, unsaid) = (|| Ok(Looked::default()), || Ok(vec![]));
    // One of two calls gave no answer.
    let partial = || {
        Ok(Looked {
            unanswered: vec![1..2, 3..4],
            ..armchairs(1)
        })
    };
    let mut hurried = film();
    hurried.coverage.skipped = 3;
    let lossy = with(unreadable_sound(film()), |losses| losses.pictures = 1);
    for (media, seen, cues, found, gaps) in [
        (
            film(),
            Err(DOWN),
            bike(),
            "bicycle",
            vec![Gap::VisionUnavailable],
        ),
        (
            film(),
            chair(),
            Err(DOWN),
            "armchair",
            vec![Gap::SpeechUnavailable],
        ),
        (
            blind(film()),
            unseen(),
            bike(),
            "bicycle",
            vec![Gap::PicturesUnreadable],
        ),
        (
            silent(film()),
            chair(),
            bike(),
            "armchair",
            vec![Gap::SoundSilent],
        ),
        (
            film(),
            partial(),
            unsaid(),
            "armchair",
            vec![Gap::VisionPartial],
        ),
        (
            hurried,
            chair(),
            unsaid(),
            "armchair",
            vec![Gap::PicturesSkipped],
        ),
        (
            lossy,
            chair(),
            unsaid(),
            "armchair",
            vec![Gap::PicturesLost, Gap::SoundUnreadable],
        ),
    ] {
        let memory = queued(Answers {
            seen,
            cues,
            ..quiet(media)
        });
        let expected = (vec![found.to_owned()], gaps);
        assert_eq!(both_tries(&memory.await, false).await, Ok(expected));
    }
}

#[tokio::test]
async fn nobody_is_paid_for_listening_to_silence() {
    for (media, times) in [(film(), 1), (silent(film()), 0)] {
        let memory = queued(quiet(media)).await;
        last_try(&memory).await.unwrap();
        let made = memory.faults.made().into_iter();
        let listened = made.filter(|call| call.0 == "Transcriber::transcribe");
        assert_eq!(listened.count(), times);
    }
}

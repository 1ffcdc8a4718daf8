//! The rows of docs/FAILURES.md.

use super::*;
use crate::ports::ModelError;
use dodolens_domain::media::SoundLoss;

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
async fn last_try(world: &World) -> Result<(Vec<String>, Vec<Gap>), Failure> {
    assert_eq!(process(world, TIME, false).await, Disposition::Done);
    ended(world)
}

/// The same, after a try that is followed by another when the failure may pass.
async fn both_tries(world: &World, passing: bool) -> Result<(Vec<String>, Vec<Gap>), Failure> {
    let first = process(world, TIME, true).await;
    if !passing {
        assert_eq!(first, Disposition::Done);
        return ended(world);
    }
    assert_eq!(first, Disposition::RetryNow);
    assert_eq!(world.session().state, SessionState::Queued);
    last_try(world).await
}

#[tokio::test]
async fn a_video_that_shows_nothing_is_an_inventory_of_nothing() {
    for (media, gaps) in [
        (video(), vec![]),
        (mute(video()), vec![Gap::NoSound]),
        (silent(video()), vec![Gap::SoundSilent]),
    ] {
        let world = World::new(media);
        assert_eq!(both_tries(&world, false).await, Ok((vec![], gaps)));
    }
}

#[tokio::test]
async fn nothing_found_while_a_model_is_down_is_no_inventory() {
    let unavailable = Err(Failure::AnalysisUnavailable);
    for media in [
        video(),
        mute(video()),
        silent(video()),
        unreadable_sound(video()),
    ] {
        let mut world = World::new(media);
        world.seen = Err(DOWN);
        assert_eq!(both_tries(&world, true).await, unavailable);
    }
    for (heard, cues) in [(Err(DOWN), Ok(vec![])), (Ok("words"), Err(DOWN))] {
        for media in [video(), blind(video())] {
            let mut world = World::new(media);
            (world.heard, world.cues) = (heard, cues.clone());
            assert_eq!(both_tries(&world, true).await, unavailable);
        }
    }
}

#[tokio::test]
async fn empty_speech_is_no_evidence() {
    for heard in ["", " \n"] {
        let mut world = World::new(video());
        (world.seen, world.heard) = (Err(DOWN), Ok(heard));
        assert_eq!(
            both_tries(&world, true).await,
            Err(Failure::AnalysisUnavailable)
        );
    }
    // What stays is nothing that moves.
    let mut world = World::new(video());
    (world.seen, world.cues) = (Err(DOWN), Ok(bicycle(Decision::Leave)));
    assert_eq!(
        both_tries(&world, true).await,
        Err(Failure::AnalysisUnavailable)
    );
}

#[tokio::test]
async fn nothing_found_in_a_video_that_lost_something_is_no_inventory() {
    let second = Duration::from_secs(1);
    let cut = SoundLoss::Cut { heard: second };
    for media in [
        blind(video()),
        blind(mute(video())),
        blind(silent(video())),
        unreadable_sound(video()),
        with(video(), |losses| losses.sound = Some(cut)),
        with(video(), |losses| losses.pictures = 1),
        with(video(), |losses| losses.unseen.push(second..second * 9)),
    ] {
        let world = World::new(media);
        assert_eq!(
            both_tries(&world, false).await,
            Err(Failure::MediaUnreadable)
        );
    }
}

#[tokio::test]
async fn what_was_found_is_not_held_back_and_says_what_is_missing() {
    let chair = || Ok(armchair());
    let bike = || Ok(bicycle(Decision::Move));
    let (unseen, unsaid) = (|| Ok(vec![]), || Ok(vec![]));
    let lossy = with(unreadable_sound(video()), |losses| losses.pictures = 1);
    for (media, seen, cues, found, gaps) in [
        (
            video(),
            Err(DOWN),
            bike(),
            "bicycle",
            vec![Gap::VisionUnavailable],
        ),
        (
            video(),
            chair(),
            Err(DOWN),
            "armchair",
            vec![Gap::SpeechUnavailable],
        ),
        (
            blind(video()),
            unseen(),
            bike(),
            "bicycle",
            vec![Gap::PicturesUnreadable],
        ),
        (
            silent(video()),
            chair(),
            bike(),
            "armchair",
            vec![Gap::SoundSilent],
        ),
        (
            lossy,
            chair(),
            unsaid(),
            "armchair",
            vec![Gap::PicturesLost, Gap::SoundUnreadable],
        ),
    ] {
        let mut world = World::new(media);
        (world.seen, world.cues) = (seen, cues);
        let expected = (vec![found.to_owned()], gaps);
        assert_eq!(both_tries(&world, false).await, Ok(expected));
    }
}

#[tokio::test]
async fn nobody_is_paid_for_listening_to_silence() {
    for (media, times) in [(video(), 1), (silent(video()), 0)] {
        let world = World::new(media);
        last_try(&world).await.unwrap();
        assert_eq!(world.listened.load(Relaxed), times);
    }
}

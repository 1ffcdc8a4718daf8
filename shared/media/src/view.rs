//! From the pictures that came at first to those that are shown.

use std::{ops::Range, time::Duration};

use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use super::{
    coverage::coverage,
    further::Wishes,
    pictures::Pictures,
    plan::{FEWEST, Plan, wanted},
    retry,
    schedule::Schedule,
    select::{Fate, select},
    sound::Heard,
    source::Source,
    taking::{Outcome, Picture, take},
};
use dodolens_app::ports::MediaError;
use dodolens_domain::media::{Coverage, ExtractedMedia, Frame, Losses};

/// The pictures that are shown, and what did not come.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// In order of time.
    pub(super) frames: Vec<Frame>,
    /// How many of the planned pictures came neither themselves nor by a neighbour.
    pub(super) lost: usize,
    /// Stretches of which nothing was seen.
    pub(super) unseen: Vec<Range<Duration>>,
    /// Length of the video.
    pub(super) duration: Duration,
    /// How the pictures cover it.
    pub(super) coverage: Coverage,
}

/// Completes what came of `plan`, `first`, and chooses at most `frames` of it: lost pictures are replaced, poor ones tried
/// again beside, and more taken where the scene changes fast, as long as the `schedule` allows it. Of what was planned and
/// not begun, only the number is told.
///
/// # Errors
/// If nothing came, and a retry failed.
pub(super) async fn complete(
    source: &impl Source,
    pictures: &Pictures,
    mut plan: Plan,
    first: Vec<Outcome>,
    frames: usize,
    schedule: Schedule,
) -> Result<Seen, MediaError> {
    let planned = plan.shots.len();
    let begun = |outcome: &Outcome| !matches!(outcome, Outcome::Skipped);
    let mut which = first.iter().map(begun);
    plan.shots.retain(|_| which.next().unwrap_or(false));
    let skipped = planned - plan.shots.len();
    let first = first.into_iter().filter(begun).collect();
    let completed = retry::complete(source, pictures, &plan, first, schedule.give_up).await?;
    let mut all = completed.pictures;
    if Instant::now() < schedule.begin {
        let short = planned <= FEWEST;
        let (seen, wishes) = aside(all, move |seen| Wishes::new(seen, short)).await?;
        all = seen;
        let room = room(planned, wanted(pictures.length(), frames), frames);
        let shots = wishes.shots(pictures, plan.slice, &completed.tried, room);
        let batches = source.batches(&shots);
        let more = take(source, &shots, batches, schedule.begin);
        // What does not come of these is no loss.
        if let Ok(Ok(more)) = timeout_at(schedule.give_up, more).await {
            all.extend(more.into_iter().filter_map(Outcome::picture));
            all.sort_by_key(|picture| picture.frame.at);
        }
    }
    let (slice, duration) = (plan.slice, plan.duration);
    let choose = move |pictures: &[Picture]| {
        let fates = select(pictures, slice, frames);
        let coverage = coverage(pictures, &fates, duration, skipped);
        (fates, coverage)
    };
    let (all, (fates, coverage)) = aside(all, choose).await?;
    let kept = all.into_iter().zip(fates);
    let kept = kept.filter_map(|(it, fate)| (fate == Fate::Kept).then_some(it.frame));
    Ok(Seen {
        frames: kept.collect(),
        lost: completed.lost,
        unseen: completed.unseen,
        duration,
        coverage,
    })
}

/// How many pictures may be taken beyond those that were planned: of a short film half as many again; of a longer one as many
/// again as are wanted, but not more than can be shown. A few for poor ones there may always be.
fn room(planned: usize, wanted: usize, frames: usize) -> usize {
    let most = match planned <= FEWEST {
        true => wanted * 3 / 2,
        false => (wanted * 2).min(frames.max(planned)),
    };
    most.saturating_sub(planned).max(wanted / 8)
}

/// What `look` makes of the pictures, on a thread where that holds up nobody; the pictures come back.
async fn aside<T: Send + 'static>(
    pictures: Vec<Picture>,
    look: impl FnOnce(&[Picture]) -> T + Send + 'static,
) -> Result<(Vec<Picture>, T), MediaError> {
    let look = move || {
        let made = look(&pictures);
        (pictures, made)
    };
    spawn_blocking(look)
        .await
        .map_err(|_| MediaError::Unreadable)
}

/// What was seen and heard, together.
///
/// # Errors
/// [`MediaError::Unreadable`] when that is nothing.
pub(super) fn media(seen: Seen, heard: Heard) -> Result<ExtractedMedia, MediaError> {
    let Seen {
        frames,
        lost,
        mut unseen,
        mut duration,
        mut coverage,
    } = seen;
    if frames.is_empty() {
        let sound = heard.sound.as_ref().ok_or(MediaError::Unreadable)?;
        duration = duration.max(sound.duration);
        unseen = vec![Duration::ZERO..duration];
        coverage.longest_gap = duration;
    }
    Ok(ExtractedMedia {
        frames,
        sound: heard.sound,
        duration,
        losses: Losses {
            pictures: lost,
            unseen,
            sound: heard.loss,
        },
        coverage,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_that_changes_gets_as_many_again_as_long_as_they_can_be_shown() {
        for (planned, wanted, frames, expected) in [
            (8, 8, 96, 4),
            (23, 23, 96, 23),
            (60, 60, 96, 36),
            (91, 91, 96, 11),
            (192, 96, 96, 12),
        ] {
            assert_eq!(room(planned, wanted, frames), expected, "{planned}");
        }
    }
}

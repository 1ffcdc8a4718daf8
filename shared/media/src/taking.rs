//! Takes pictures in batches, several at the same time, and looks at each.

use std::sync::{Mutex, PoisonError};

use futures::future::try_join_all;
use tokio::{task::spawn_blocking, time::Instant};

use super::{batches::Batch, look::Look, plan::Shot, source::Source};
use dodolens_app::ports::MediaError;
use dodolens_domain::media::{Frame, Secret};

/// A picture and what it looks like.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    /// The picture.
    pub(super) frame: Frame,
    /// `None` when that can't be seen.
    pub(super) look: Option<Look>,
}

/// What came of a shot.
#[derive(Debug, Clone, Default)]
pub(super) enum Outcome {
    /// The picture.
    Came(Picture),
    /// It can't be decoded.
    Lost,
    /// Its batch was not begun, or not ended, for want of time.
    #[default]
    Skipped,
}

impl Outcome {
    /// Whether the picture came.
    pub(super) const fn came(&self) -> bool {
        matches!(self, Self::Came(_))
    }

    /// The picture, if it came.
    pub(super) fn picture(self) -> Option<Picture> {
        match self {
            Self::Came(picture) => Some(picture),
            Self::Lost | Self::Skipped => None,
        }
    }
}

/// Takes `shots` in `batches`, of which none but the first is begun after `begin`. What can't be read of the video ends it
/// at once; other failures only if nothing came. Of a batch that takes too long, the pictures are skipped too.
///
/// # Errors
/// The first that occurred.
pub(super) async fn take(
    source: &impl Source,
    shots: &[Shot],
    batches: Vec<Batch>,
    begin: Instant,
) -> Result<Vec<Outcome>, MediaError> {
    let mut outcomes = Vec::new();
    outcomes.resize_with(shots.len(), Outcome::default);
    let outcomes = Mutex::new(outcomes);
    let failure = Mutex::new(None);
    let waiting = Mutex::new(batches.into_iter().enumerate());
    let next = || {
        let next = lock(&waiting).next();
        next.filter(|(i, _)| *i == 0 || Instant::now() < begin)
    };
    let lane = || async {
        while let Some((_, batch)) = next() {
            let wanted = batch.shots(shots);
            let jpegs = match source.take(&wanted).await {
                Ok(jpegs) => jpegs,
                Err(error @ MediaError::Read(_)) => return Err(error),
                Err(error @ MediaError::TooSlow) => {
                    lock(&failure).get_or_insert(error);
                    continue;
                }
                Err(error) => {
                    lock(&failure).get_or_insert(error);
                    vec![None; wanted.len()]
                }
            };
            let looked = looked_at(&wanted, jpegs).await?;
            let mut outcomes = lock(&outcomes);
            for (place, picture) in batch.places.into_iter().zip(looked) {
                if let Some(outcome) = outcomes.get_mut(place) {
                    *outcome = picture.map_or(Outcome::Lost, Outcome::Came);
                }
            }
        }
        Ok(())
    };
    try_join_all((0..source.lanes().max(1)).map(|_| lane())).await?;
    let outcomes = outcomes
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(failure) if !outcomes.iter().any(Outcome::came) => Err(failure),
        _ => Ok(outcomes),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The pictures of `shots` with what they look like, found on a thread where that holds up nobody.
async fn looked_at(
    shots: &[Shot],
    jpegs: Vec<Option<Secret>>,
) -> Result<Vec<Option<Picture>>, MediaError> {
    let frames: Vec<_> = shots
        .iter()
        .zip(jpegs)
        .map(|(shot, jpeg)| {
            let at = shot.at;
            jpeg.map(|jpeg| Frame { jpeg, at })
        })
        .collect();
    let look = |frame: Frame| Picture {
        look: Look::of(frame.jpeg.expose()),
        frame,
    };
    let look = move || frames.into_iter().map(|frame| frame.map(look)).collect();
    spawn_blocking(look)
        .await
        .map_err(|_| MediaError::Unreadable)
}

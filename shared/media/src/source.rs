//! Where pictures come from.

use super::{batches::Batch, plan::Shot};
use dodolens_app::ports::MediaError;
use dodolens_domain::media::Secret;

/// Pixels of a picture up to which several decoders may run at the same time: those of 1080p twice, as they are stored.
/// Each holds several pictures as large as those of the video.
const ORDINARY: u64 = 2 * 1920 * 1088;
/// Most decoders at the same time.
const MOST: usize = 4;

/// Where pictures come from.
pub(super) trait Source: Sync {
    /// The pictures of `shots`, each `None` that does not come. Either all of them stand alone, or their decoding begins at
    /// the same place. `None` in the place of all when they can't be taken together.
    fn at_once(
        &self,
        shots: &[Shot],
    ) -> impl Future<Output = Result<Option<Vec<Option<Secret>>>, MediaError>> + Send;

    /// In which runs to take `shots`, and in which order.
    fn batches(&self, shots: &[Shot]) -> Vec<Batch>;

    /// How many runs there may be at the same time; at least one.
    fn lanes(&self) -> usize;

    /// As [`Self::at_once`]; those that can't be taken together are divided.
    fn take(
        &self,
        shots: &[Shot],
    ) -> impl Future<Output = Result<Vec<Option<Secret>>, MediaError>> + Send {
        async move {
            let mut taken = Vec::with_capacity(shots.len());
            let mut rest = vec![shots];
            while let Some(shots) = rest.pop() {
                match self.at_once(shots).await? {
                    Some(jpegs) => taken.extend(jpegs),
                    None if shots.len() < 2 => taken.extend(shots.iter().map(|_| None)),
                    None => {
                        let (first, second) = shots.split_at(shots.len() / 2);
                        rest.extend([second, first]);
                    }
                }
            }
            Ok(taken)
        }
    }
}

/// How many decoders may run at the same time for pictures of so many pixels in the video.
pub(super) fn lanes(pixels: u64) -> usize {
    if pixels > ORDINARY {
        return 1;
    }
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST))
}

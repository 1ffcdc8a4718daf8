//! A sealed video, read by ranges: parts are fetched and opened on demand, give what is wanted, and are wiped.

use std::ops::Range;

use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::ports::{Clock, PartKey, PartStore, ReadError, VideoSource};
use dodolens_crypto::{PartContext, SessionKey};
use dodolens_domain::{media::ContentType, plan::PartIndex, session::Session};

/// Parts that are on their way at the same time: enough to hide the table's latency, and about 5 MiB of ciphertext.
const WINDOW: usize = 16;

/// A session's video, in its parts.
pub struct SealedVideo<'a, C, K> {
    chunks: &'a C,
    clock: &'a K,
    session: &'a Session,
    key: SessionKey,
}

impl<'a, C: PartStore, K: Clock> SealedVideo<'a, C, K> {
    /// The video of `session`, opened with its data key.
    #[must_use]
    pub const fn new(chunks: &'a C, clock: &'a K, session: &'a Session, key: SessionKey) -> Self {
        Self {
            chunks,
            clock,
            session,
            key,
        }
    }

    async fn open(
        &self,
        at: PartIndex,
    ) -> Result<impl std::ops::Deref<Target = [u8]> + Send + use<C, K>, ReadError> {
        let received = self
            .session
            .received
            .get(&at.chunk)
            .ok_or(ReadError::Expired)?;
        let now = self.clock.now();
        if received.expires_at <= now {
            return Err(ReadError::Expired);
        }
        let key = PartKey {
            session: self.session.id,
            at,
        };
        let sealed = self
            .chunks
            .get(key, now)
            .await
            .map_err(|_| ReadError::Unavailable)?
            .ok_or(ReadError::Expired)?;
        let context = PartContext {
            session: self.session.id,
            plan: self.session.plan,
            at,
            chunk: received.fingerprint,
        };
        self.key
            .open(&context, sealed)
            .map_err(|_| ReadError::Unopenable)
    }

    /// The parts that hold a byte of `ranges`, with where they lie in the video.
    fn parts_of(&self, ranges: &[Range<u64>]) -> Vec<(PartIndex, Range<u64>)> {
        let plan = self.session.plan;
        plan.all_parts()
            .filter_map(|at| Some((at, plan.range_in_video(at)?)))
            .filter(|(_, part)| pieces(ranges, part).next().is_some())
            .collect()
    }
}

impl<C: PartStore, K: Clock> VideoSource for SealedVideo<'_, C, K> {
    fn len(&self) -> u64 {
        self.session.plan.total_bytes()
    }

    fn content_type(&self) -> ContentType {
        self.session.content_type
    }

    async fn read(
        &self,
        ranges: &[Range<u64>],
        sink: &mut (dyn FnMut(u64, &[u8]) + Send),
    ) -> Result<(), ReadError> {
        let mut opened = stream::iter(self.parts_of(ranges))
            .map(|(at, range)| async move { Ok((range, self.open(at).await?)) })
            .buffer_unordered(WINDOW);
        while let Some((part, bytes)) = opened.try_next().await? {
            for piece in pieces(ranges, &part) {
                let local = usize_range(piece.start - part.start..piece.end - part.start);
                sink(piece.start, bytes.get(local).ok_or(ReadError::Unopenable)?);
            }
        }
        Ok(())
    }
}

/// What sorted, disjoint `ranges` have in common with `part`.
fn pieces<'r>(
    ranges: &'r [Range<u64>],
    part: &Range<u64>,
) -> impl Iterator<Item = Range<u64>> + use<'r> {
    let (start, end) = (part.start, part.end);
    let first = ranges.partition_point(|range| range.end <= start);
    ranges
        .iter()
        .skip(first)
        .take_while(move |range| range.start < end)
        .map(move |range| range.start.max(start)..range.end.min(end))
        .filter(|range| !range.is_empty())
}

fn usize_range(range: Range<u64>) -> Range<usize> {
    usize::try_from(range.start).unwrap_or(usize::MAX)
        ..usize::try_from(range.end).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pieces_of_all_parts_are_the_ranges(cuts in proptest::collection::btree_set(0..10_000_u64, 2..40), part in 1..3_000_u64) {
            let cuts: Vec<u64> = cuts.into_iter().collect();
            let ranges: Vec<Range<u64>> = cuts.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect();
            let wanted: Vec<u64> = ranges.iter().cloned().flatten().collect();
            let parts = (0..10_000).step_by(usize::try_from(part).unwrap()).map(|start| start..start + part);
            let given: Vec<u64> = parts.flat_map(|part| pieces(&ranges, &part).flatten().collect::<Vec<_>>()).collect();
            prop_assert_eq!(given, wanted);
        }
    }
}

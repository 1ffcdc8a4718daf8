//! How a video is cut: into chunks by the client, and each chunk into parts that fit a DynamoDB item.

use std::ops::Range;

/// Smallest chunk, bytes.
pub const MIN_CHUNK_BYTES: u32 = 256 * 1024;
/// Chunk size unless the client asks for another, bytes.
pub const DEFAULT_CHUNK_BYTES: u32 = 1024 * 1024;
/// Largest chunk, bytes: in base64 inside its JSON event it stays below Lambda's 6 MB.
pub const MAX_CHUNK_BYTES: u32 = 4 * 1024 * 1024;
/// Most bytes of a part before it is sealed; sealed, it stays within 350 KiB, and an item is at most 400 KB.
pub const MAX_PART_BYTES: u32 = 350 * 1024 - 64;

/// Most bytes of any video, whatever a caller allows: chunks and parts are counted in 32 bits.
const MOST_BYTES: u64 = 1 << 40;

/// Why a video can't be planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// There are no bytes.
    #[error("the video is empty")]
    Empty,
    /// More bytes than are allowed.
    #[error("the video is larger than {max} bytes")]
    TooLarge {
        /// Most bytes allowed.
        max: u64,
    },
    /// A chunk size that we don't take.
    #[error("chunkBytes must be between {MIN_CHUNK_BYTES} and {MAX_CHUNK_BYTES}")]
    ChunkBytes,
}

/// How one video is cut. Every part's place follows from it, so parts are read by computed keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadPlan {
    total_bytes: u64,
    chunk_bytes: u32,
}

/// Names a part: chunk index and part index within the chunk, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartIndex {
    /// The chunk.
    pub chunk: u32,
    /// The part within the chunk.
    pub part: u32,
}

impl UploadPlan {
    /// Plans a video of `total_bytes`, at most `max_bytes`, in chunks of `chunk_bytes`.
    ///
    /// # Errors
    /// See [`PlanError`].
    pub fn new(total_bytes: u64, chunk_bytes: u32, max_bytes: u64) -> Result<Self, PlanError> {
        if total_bytes == 0 {
            return Err(PlanError::Empty);
        }
        let max = max_bytes.min(MOST_BYTES);
        if total_bytes > max {
            return Err(PlanError::TooLarge { max });
        }
        if !(MIN_CHUNK_BYTES..=MAX_CHUNK_BYTES).contains(&chunk_bytes) {
            return Err(PlanError::ChunkBytes);
        }
        Ok(Self {
            total_bytes,
            chunk_bytes,
        })
    }

    /// Bytes of the whole video.
    #[must_use]
    pub const fn total_bytes(&self) -> u64 {
        self.total_bytes
    }

    /// Bytes of every chunk but the last.
    #[must_use]
    pub const fn chunk_bytes(&self) -> u32 {
        self.chunk_bytes
    }

    /// How many chunks.
    #[must_use]
    pub fn chunks(&self) -> u32 {
        u32::try_from(self.total_bytes.div_ceil(u64::from(self.chunk_bytes))).unwrap_or(u32::MAX)
    }

    /// Bytes of one chunk; `None` when the video has no such chunk.
    #[must_use]
    pub fn chunk_len(&self, chunk: u32) -> Option<u32> {
        let start = u64::from(chunk) * u64::from(self.chunk_bytes);
        let left = self
            .total_bytes
            .checked_sub(start)
            .filter(|left| *left > 0)?;
        Some(u32::try_from(left).map_or(self.chunk_bytes, |left| left.min(self.chunk_bytes)))
    }

    /// Bytes of every part but the last of a chunk: a full chunk is cut evenly.
    #[must_use]
    pub const fn part_bytes(&self) -> u32 {
        self.chunk_bytes
            .div_ceil(self.chunk_bytes.div_ceil(MAX_PART_BYTES))
    }

    /// How many parts a chunk has; 0 when there is no such chunk.
    #[must_use]
    pub fn parts_of(&self, chunk: u32) -> u32 {
        self.chunk_len(chunk)
            .map_or(0, |len| len.div_ceil(self.part_bytes()))
    }

    /// How many parts the video has.
    #[must_use]
    pub fn parts(&self) -> u32 {
        let last = self.chunks() - 1;
        last * self.parts_of(0) + self.parts_of(last)
    }

    /// Every part, in order.
    pub fn all_parts(&self) -> impl Iterator<Item = PartIndex> + use<> {
        let plan = *self;
        (0..plan.chunks()).flat_map(move |chunk| {
            (0..plan.parts_of(chunk)).map(move |part| PartIndex { chunk, part })
        })
    }

    /// Where a part lies in its chunk.
    #[must_use]
    pub fn range_in_chunk(&self, at: PartIndex) -> Option<Range<u32>> {
        let len = self.chunk_len(at.chunk)?;
        let start = at
            .part
            .checked_mul(self.part_bytes())
            .filter(|start| *start < len)?;
        Some(start..len.min(start + self.part_bytes()))
    }

    /// Where a part lies in the video.
    #[must_use]
    pub fn range_in_video(&self, at: PartIndex) -> Option<Range<u64>> {
        let base = u64::from(at.chunk) * u64::from(self.chunk_bytes);
        let range = self.range_in_chunk(at)?;
        Some(base + u64::from(range.start)..base + u64::from(range.end))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn a_mebibyte_chunk_is_three_even_parts() {
        let plan = UploadPlan::new(80 * MIB, DEFAULT_CHUNK_BYTES, 100 * MIB).unwrap();
        assert_eq!(
            (plan.chunks(), plan.parts_of(0), plan.parts()),
            (80, 3, 240)
        );
        assert_eq!(plan.part_bytes(), 349_526);
    }

    #[test]
    fn what_cannot_be_planned_is_refused() {
        assert_eq!(
            UploadPlan::new(0, DEFAULT_CHUNK_BYTES, MIB),
            Err(PlanError::Empty)
        );
        assert_eq!(
            UploadPlan::new(MIB + 1, DEFAULT_CHUNK_BYTES, MIB),
            Err(PlanError::TooLarge { max: MIB })
        );
        assert_eq!(
            UploadPlan::new(1, MIN_CHUNK_BYTES - 1, MIB),
            Err(PlanError::ChunkBytes)
        );
        assert_eq!(
            UploadPlan::new(1, MAX_CHUNK_BYTES + 1, MIB),
            Err(PlanError::ChunkBytes)
        );
    }

    proptest! {
        #[test]
        fn parts_tile_the_video(total in 1..200 * MIB, chunk in MIN_CHUNK_BYTES..=MAX_CHUNK_BYTES) {
            let plan = UploadPlan::new(total, chunk, u64::MAX).unwrap();
            let mut end = 0;
            let mut count = 0;
            for part in plan.all_parts() {
                let range = plan.range_in_video(part).unwrap();
                prop_assert_eq!(range.start, end);
                prop_assert!(range.end > range.start && range.end - range.start <= u64::from(MAX_PART_BYTES));
                end = range.end;
                count += 1;
            }
            prop_assert_eq!(end, total);
            prop_assert_eq!(count, plan.parts());
            prop_assert_eq!(plan.chunk_len(plan.chunks()), None);
        }

        #[test]
        fn any_plan_can_be_asked_for_anything(
            total: u64,
            small in any::<bool>(),
            chunk_bytes in prop_oneof![any::<u32>(), MIN_CHUNK_BYTES..=MAX_CHUNK_BYTES],
            chunk: u32,
            part: u32,
        ) {
            let total = if small { total >> 24 } else { total };
            let plan = UploadPlan::new(total, chunk_bytes, u64::MAX);
            let allowed = 1..=MOST_BYTES;
            let sizes = MIN_CHUNK_BYTES..=MAX_CHUNK_BYTES;
            prop_assert_eq!(plan.is_ok(), allowed.contains(&total) && sizes.contains(&chunk_bytes));
            let Ok(plan) = plan else { return Ok(()) };
            prop_assert!(plan.chunks() > 0 && plan.parts() >= plan.chunks());
            for chunk in [chunk, plan.chunks() - 1, plan.chunks()] {
                let there = chunk < plan.chunks();
                prop_assert_eq!(plan.chunk_len(chunk).is_some(), there);
                prop_assert_eq!(plan.parts_of(chunk) > 0, there);
                for part in [part, plan.parts_of(chunk)] {
                    let at = PartIndex { chunk, part };
                    let range = plan.range_in_video(at);
                    prop_assert_eq!(range.is_some(), part < plan.parts_of(chunk));
                    prop_assert!(range.is_none_or(|range| range.end <= total && !range.is_empty()));
                }
            }
        }
    }
}

//! For tests: a video in memory, and how much work was done.

use std::{
    cell::Cell,
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::{
    domain::media::ContentType,
    ports::{ReadError, VideoSource},
};

thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// Counts a step of a walk over samples.
pub(super) fn count_step() {
    STEPS.set(STEPS.get() + 1);
}

/// How many steps this thread took since it last asked.
pub(super) fn steps() -> u64 {
    STEPS.replace(0)
}

/// A source over a slice that counts how often it is read and checks the caller's part of the contract.
pub(super) struct Slice<'a> {
    bytes: &'a [u8],
    reads: AtomicUsize,
}

impl<'a> Slice<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            reads: AtomicUsize::new(0),
        }
    }

    pub(super) fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }
}

impl VideoSource for Slice<'_> {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn content_type(&self) -> ContentType {
        ContentType::Mp4
    }

    #[allow(clippy::unwrap_used, clippy::indexing_slicing)]
    async fn read(
        &self,
        ranges: &[Range<u64>],
        sink: &mut (dyn FnMut(u64, &[u8]) + Send),
    ) -> Result<(), ReadError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start));
        // Pieces of 100 bytes, the last first.
        for range in ranges.iter().rev() {
            assert!(range.start <= range.end && range.end <= self.len());
            let start = usize::try_from(range.start).unwrap();
            let wanted = &self.bytes[start..usize::try_from(range.end).unwrap()];
            for (i, piece) in wanted.chunks(100).enumerate().rev() {
                sink(range.start + i as u64 * 100, piece);
            }
        }
        Ok(())
    }
}

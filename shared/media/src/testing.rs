//! For tests: a video in memory, and how much work was done.

use std::{
    cell::Cell,
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
};

use super::tables::Movie;
use dodolens_app::ports::{MediaError, ReadError, VideoSource};
use dodolens_domain::media::ContentType;

/// 4 s of 32×24 px H.264 at 10 pictures a second, a key every second, B-pictures, an edit list, and AAC; its index is
/// last. Made by ffmpeg 7.0.2.
pub(super) const TINY: &[u8] = include_bytes!("fixtures/tiny.mp4");

/// Where the body of TINY's index begins.
pub(super) fn moov_at() -> usize {
    let mut kinds = TINY.windows(4);
    kinds
        .rposition(|kind| kind == b"moov")
        .map_or(0, |at| at + 4)
}

/// The movie in a file whose index is last, where TINY has it.
pub(super) fn movie(file: &[u8]) -> Result<Option<Movie<'_>>, MediaError> {
    Movie::parse(file.get(moov_at()..).unwrap_or_default(), file.len() as u64)
}

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

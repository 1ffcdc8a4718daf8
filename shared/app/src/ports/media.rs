//! From a sealed video to pictures and sound.

use std::{future::Future, ops::Range, time::Duration};

use dodolens_domain::media::{ContentType, ExtractedMedia, Secret};

/// A range of the video can't be had. Says nothing of what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A part is gone or past its time.
    #[error("a part of the video has expired")]
    Expired,
    /// A part does not open with the session's key.
    #[error("a part of the video can't be opened")]
    Unopenable,
    /// The store does not answer; may pass.
    #[error("the store of parts is unavailable")]
    Unavailable,
    /// The store answers, but so slowly that the time was over; may pass.
    #[error("the store of parts is too slow")]
    TooSlow,
}

/// A video that can be read by ranges of bytes and is never whole in memory.
pub trait VideoSource: Sync {
    /// Length, bytes.
    fn len(&self) -> u64;

    /// Whether there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the client said it is.
    fn content_type(&self) -> ContentType;

    /// Calls `sink` with every byte of `ranges`, in pieces: the piece's offset in the video and its bytes. The ranges
    /// must be sorted and must not overlap. Pieces come in any order, each byte exactly once; a piece never crosses
    /// the end of a range. Each part of the video that holds a wanted byte is opened once, a bounded number at the same
    /// time, and wiped after its pieces have been given.
    ///
    /// # Errors
    /// See [`ReadError`]; `sink` may have been called for some pieces by then.
    fn read(
        &self,
        ranges: &[Range<u64>],
        sink: &mut (dyn FnMut(u64, &[u8]) + Send),
    ) -> impl Future<Output = Result<(), ReadError>> + Send;

    /// The bytes of one range, in memory.
    ///
    /// # Errors
    /// See [`ReadError`].
    fn read_range(
        &self,
        range: Range<u64>,
    ) -> impl Future<Output = Result<Secret, ReadError>> + Send {
        async move {
            let start = range.start;
            let mut bytes = vec![0; usize::try_from(range.end.saturating_sub(start)).unwrap_or(0)];
            self.read(&[range], &mut |offset, piece| {
                let at = usize::try_from(offset.saturating_sub(start)).unwrap_or(usize::MAX);
                if let Some(target) = bytes
                    .get_mut(at..)
                    .and_then(|rest| rest.get_mut(..piece.len()))
                {
                    target.copy_from_slice(piece);
                }
            })
            .await?;
            Ok(bytes.into())
        }
    }
}

/// What a video may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaLimits {
    /// Most pictures taken.
    pub frames: usize,
    /// Longest side of a picture, pixels.
    pub long_side: u32,
    /// Most pixels of a picture in the video itself.
    pub source_pixels: u64,
    /// All of it must be done within this.
    pub deadline: Duration,
}

/// Why no picture came out of a video. Says nothing of what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// Not a video, or damaged beyond reading; final.
    #[error("the video can't be read")]
    Unreadable,
    /// There is no picture track; final.
    #[error("the video has no pictures")]
    NoPictures,
    /// Larger in pixels, samples, tracks or memory than is allowed; final.
    #[error("the video is larger than allowed")]
    TooLarge,
    /// Not decoded within the deadline or the CPU limit; final.
    #[error("the video takes too long to decode")]
    TooSlow,
    /// Its pictures are encrypted (ISO/IEC 23001-7, or the like), and we have no key; final.
    #[error("the video is encrypted")]
    Encrypted,
    /// Reading the parts failed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The decoder failed, and the video is not to blame; may pass.
    #[error(transparent)]
    Decoder(#[from] DecoderFault),
}

/// How the decoder failed. Our failure, whatever the video is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecoderFault {
    /// It is missing or could not be started.
    #[error("the decoder could not be run")]
    Unavailable,
    /// Its jail killed it for a system call.
    #[error("the decoder was killed by its jail")]
    Forbidden,
    /// Somebody else killed it: the system for lack of memory, for example.
    #[error("the decoder was killed")]
    Killed,
    /// It crashed.
    #[error("the decoder crashed")]
    Crashed,
    /// It had too little memory for what it is to read.
    #[error("the decoder ran out of memory")]
    OutOfMemory,
}

/// Takes pictures and sound out of a video, in memory alone: no file is made or written.
pub trait MediaExtractor: Sync {
    /// Pictures over the whole video, upright, and the sound track.
    ///
    /// # Errors
    /// See [`MediaError`].
    fn extract(
        &self,
        video: &(impl VideoSource + Send),
        limits: &MediaLimits,
    ) -> impl Future<Output = Result<ExtractedMedia, MediaError>> + Send;
}

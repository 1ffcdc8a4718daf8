//! Frames and sound out of a video, in memory alone.
//!
//! Two ways, both ending in a confined ffmpeg ([`ffmpeg`], [`jail`]):
//! - [`indexed`]: an MP4 or QuickTime file with its index. [`mod@index`] finds it, [`tables`] chooses the tracks that a
//!   player shows, [`tracks`] and [`samples`] read them, [`edits`], [`pictures`], [`shown`] and [`clock`] say what is
//!   presented of them and when, [`plan`] chooses pictures, [`mini`] lays out small files around them and the sound,
//!   [`gather`] fetches just those bytes, and [`heads`] sees whether the pictures are what the index says. Memory follows
//!   the pictures and the sound, not the video, and ffmpeg sees a file that we wrote.
//! - [`whole`]: everything else lies in a memory file ([`memfd`]); [`probe`] asks ffmpeg what is in it.

mod aac;
mod boxes;
mod clock;
mod commands;
mod complaints;
mod ebml;
mod edits;
mod ffmpeg;
mod gather;
mod heads;
mod hevc;
mod index;
mod indexed;
mod jail;
mod keys;
mod memfd;
mod mini;
mod mpjpeg;
mod pcm;
mod pictures;
mod plan;
mod probe;
mod samples;
mod shown;
mod streams;
mod tables;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tracks;
mod trial;
mod whole;

use std::{fmt, path::PathBuf};

pub use self::jail::{Measures, StartError, Strictness};
use self::{ffmpeg::Ffmpeg, memfd::MemoryFile};
use crate::{
    domain::media::ExtractedMedia,
    ports::{DecoderFault, MediaError, MediaExtractor, MediaLimits, VideoSource},
};

/// What the extractor needs to know of its host.
#[derive(Debug, Clone)]
pub struct FfmpegConfig {
    /// The ffmpeg program. It needs the demuxers mov, matroska and concat, the muxers mpjpeg, framecrc and mp3, the
    /// protocols pipe, fd and subfile, the filters select, scale, setpts and those of rotation, and LAME.
    pub path: PathBuf,
    /// What to do when the kernel refuses to confine it in full.
    pub strictness: Strictness,
}

/// Takes pictures and sound out of a video with ffmpeg.
#[derive(Clone)]
pub struct FfmpegExtractor {
    ffmpeg: Ffmpeg,
    memory_files: bool,
}

impl FfmpegExtractor {
    /// An extractor; make one when the process starts. It has ffmpeg decode a small film to see that the kernel
    /// confines it in full and that it works so, and looks whether the system has memory files, without which only MP4
    /// and QuickTime files with an index can be read.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn new(config: FfmpegConfig) -> Result<Self, StartError> {
        let memory_files = MemoryFile::available();
        if !memory_files {
            tracing::warn!(
                "no memfd_create: only MP4 and QuickTime files with an index can be read"
            );
        }
        let ffmpeg = Ffmpeg::start(&config.path, config.strictness, memory_files).await?;
        Ok(Self {
            ffmpeg,
            memory_files,
        })
    }

    async fn run(
        &self,
        video: &(impl VideoSource + Send),
        limits: &MediaLimits,
    ) -> Result<ExtractedMedia, MediaError> {
        if video.is_empty() {
            return Err(MediaError::Unreadable);
        }
        if let Some(media) = indexed::extract(&self.ffmpeg, video, limits).await? {
            return Ok(media);
        }
        if !self.memory_files {
            return Err(MediaError::Decoder(DecoderFault::Unavailable));
        }
        whole::extract(&self.ffmpeg, video, limits).await
    }
}

impl fmt::Debug for FfmpegExtractor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FfmpegExtractor").finish_non_exhaustive()
    }
}

impl MediaExtractor for FfmpegExtractor {
    async fn extract(
        &self,
        video: &(impl VideoSource + Send),
        limits: &MediaLimits,
    ) -> Result<ExtractedMedia, MediaError> {
        tokio::time::timeout(limits.deadline, self.run(video, limits))
            .await
            .unwrap_or(Err(MediaError::TooSlow))
    }
}

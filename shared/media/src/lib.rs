//! Frames and sound out of a video, in memory alone.
//!
//! Two ways, both ending in a confined ffmpeg ([`ffmpeg`], [`jail`]):
//! - [`indexed`]: an MP4 or QuickTime file with its index. [`mod@index`] finds it, [`tables`] chooses the tracks that a
//!   player shows, [`tracks`] and [`samples`] read them, [`edits`], [`pictures`], [`shown`] and [`clock`] say what is
//!   presented of them and when, [`picture_file`] and [`mp4_writer`] lay out small files around chosen pictures and the
//!   sound, [`gather`] fetches just those bytes, and [`heads`] sees whether the pictures are what the index says. Memory
//!   follows the pictures and the sound, not the video, and ffmpeg sees files that we wrote.
//! - [`memory_video`]: everything else lies in a memory file ([`memfd`]); [`probe`] asks ffmpeg what is in it.
//!
//! On either, [`plan`] chooses pictures on a [`line`] and fills its [`gaps`], [`batches`] puts them into runs, and [`taking`] decodes those from
//! their [`source`], several at the same time, as long as the [`schedule`] allows. Pictures that do not come ([`named`])
//! are replaced by their neighbours ([`retry`]). [`view`] makes what is shown of them: by their [`look`], and how
//! [`alike`] they are, [`further`] asks for more, [`select`] leaves out repeats and [`thin`] what is too many. [`sound`] is
//! copied or converted. What is missing all the same is told ([`losses`], [`silence`], [`coverage`]).

mod aac;
mod alike;
mod avc;
mod batches;
mod bits;
mod boxes;
mod clock;
mod commands;
mod complaints;
mod coverage;
mod ebml;
mod edits;
mod ffmpeg;
mod further;
mod gaps;
mod gather;
mod heads;
mod hevc;
mod index;
mod indexed;
mod jail;
mod keys;
mod line;
mod look;
mod losses;
mod memfd;
mod memory_video;
mod mp4_writer;
mod mpjpeg;
mod named;
mod pcm;
mod picture_file;
mod pictures;
mod plan;
mod probe;
mod retry;
mod samples;
mod schedule;
mod select;
mod shown;
mod silence;
mod sound;
mod source;
mod streams;
mod tables;
mod taking;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod thin;
mod tracks;
mod trial;
mod units;
mod view;
mod waits;

use std::{fmt, path::PathBuf};

use tokio::time::{Instant, timeout_at};

pub use self::jail::{Measures, StartError, Strictness};
use self::{ffmpeg::Ffmpeg, memory_video::MemoryVideo, schedule::Schedule, waits::Timed};
use dodolens_app::ports::{MediaError, MediaExtractor, MediaLimits, VideoSource};
use dodolens_domain::media::ExtractedMedia;

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
        let film = trial::film();
        let memory_files = film.is_some();
        if !memory_files {
            tracing::warn!(
                "no memfd_create: only MP4 and QuickTime files with an index can be read"
            );
        }
        let start = Ffmpeg::start(&config.path, config.strictness, film.as_ref());
        let ffmpeg = Box::pin(start).await?;
        Ok(Self {
            ffmpeg,
            memory_files,
        })
    }

    async fn run(
        &self,
        video: &(impl VideoSource + Send),
        limits: &MediaLimits,
        start: Instant,
    ) -> Result<ExtractedMedia, MediaError> {
        if video.is_empty() {
            return Err(MediaError::Unreadable);
        }
        let schedule = Schedule::new(start, limits.deadline);
        let whole = MemoryVideo::new(&self.ffmpeg, video, limits, schedule, self.memory_files);
        match indexed::extract(&self.ffmpeg, video, limits, &whole).await? {
            Some(media) => Ok(media),
            None => whole.extract().await,
        }
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
        let video = Timed::new(video);
        let start = Instant::now();
        let run = Box::pin(self.run(&video, limits, start));
        timeout_at(start + limits.deadline, run)
            .await
            .unwrap_or_else(|_| Err(video.too_slow(limits.deadline)))
    }
}

//! Everything else: WebM, fragmented MP4, damaged indexes. The video lies in a memory file, in which the decoder seeks.

use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};

use super::{
    commands,
    commands::Pick,
    ffmpeg::{COPYING, DECODING, Ffmpeg, Run, read_all},
    indexed::converted,
    jail::Limits,
    memfd::MemoryFile,
    mpjpeg,
    pictures::Pictures,
    plan::Plan,
    probe::{PictureStream, Probe, SoundStream},
};
use crate::{
    domain::media::{ExtractedMedia, Frame, Losses, Secret, Sound, SoundLoss},
    ports::{DecoderFault, MediaError, MediaLimits, VideoSource},
};

/// Bytes of the list of packets at most.
const MAX_LIST: usize = 32 * 1024 * 1024;

/// One video in a memory file.
struct Whole<'a> {
    ffmpeg: &'a Ffmpeg,
    limits: &'a MediaLimits,
    file: &'a MemoryFile,
}

/// Extracts from a video of any kind that the decoder knows.
pub(super) async fn extract(
    ffmpeg: &Ffmpeg,
    video: &(impl VideoSource + Send),
    limits: &MediaLimits,
) -> Result<ExtractedMedia, MediaError> {
    let len = usize::try_from(video.len()).map_err(|_| MediaError::TooLarge)?;
    let mut file =
        MemoryFile::new(len).map_err(|_| MediaError::Decoder(DecoderFault::Unavailable))?;
    let bytes = file.bytes_mut();
    video
        .read(
            std::slice::from_ref(&(0..video.len())),
            &mut |offset, piece| {
                let target = usize::try_from(offset)
                    .ok()
                    .and_then(|at| bytes.get_mut(at..)?.get_mut(..piece.len()));
                if let Some(target) = target {
                    target.copy_from_slice(piece);
                }
            },
        )
        .await?;
    Whole {
        ffmpeg,
        limits,
        file: &file,
    }
    .extract()
    .await
}

impl Whole<'_> {
    async fn extract(&self) -> Result<ExtractedMedia, MediaError> {
        let file = self.open()?;
        let list = Run {
            limits: self.bounds(COPYING),
            ..self.run(&file, commands::packets_of_file, b"")
        };
        let list = self
            .ffmpeg
            .run(list, |output| read_all(output, MAX_LIST))
            .await?;
        let probe = Probe::parse(str::from_utf8(&list).map_err(|_| MediaError::Unreadable)?)?;
        let pictures = match probe.pictures {
            Some(pictures) => pictures,
            None if probe.sound.is_some() => return Err(MediaError::NoPictures),
            None => return Err(MediaError::Unreadable),
        };
        if pictures.pixels > self.limits.source_pixels {
            return Err(MediaError::TooLarge);
        }
        let shown = Pictures::of_packets(
            &pictures.packets,
            pictures.unit,
            probe.sound.as_ref().map(|sound| sound.duration),
        );
        let plan = Plan::choose(&shown, self.limits.frames);
        let (frames, sound) = tokio::try_join!(
            async {
                match &plan {
                    Some(plan) => self.frames(&pictures, plan).await,
                    None => Ok(Vec::new()),
                }
            },
            async {
                Ok(match &probe.sound {
                    Some(stream) => self.sound(stream).await,
                    None => None,
                })
            }
        )?;
        let heard = sound.as_ref().map(|sound| sound.duration);
        let duration = match (frames.is_empty(), plan, heard) {
            (false, Some(plan), _) => plan.duration,
            (_, _, Some(heard)) => heard,
            _ => return Err(MediaError::Unreadable),
        };
        Ok(ExtractedMedia {
            frames,
            losses: Losses {
                sound: (probe.sound.is_some() && sound.is_none()).then_some(SoundLoss::Unreadable),
                ..Losses::default()
            },
            sound,
            duration,
        })
    }

    /// The pictures of the plan, each with its time; none when none can be decoded.
    async fn frames(&self, track: &PictureStream, plan: &Plan) -> Result<Vec<Frame>, MediaError> {
        let times: Vec<_> = plan
            .shots
            .iter()
            .map(|shot| track.unit.seconds(shot.pts))
            .collect();
        let mut jpegs = Vec::new();
        if !plan.chained {
            jpegs = self.seek(track, &times).await?;
            if !jpegs.is_empty() && jpegs.len() < times.len() {
                // Some could not be decoded: one run for each tells which.
                jpegs.clear();
                let mut frames = Vec::new();
                for (time, shot) in times.iter().zip(&plan.shots) {
                    let jpeg = self.seek(track, std::slice::from_ref(time)).await?.pop();
                    frames.extend(jpeg.map(|jpeg| Frame { jpeg, at: shot.at }));
                }
                if !frames.is_empty() {
                    return Ok(frames);
                }
            }
        }
        if jpegs.is_empty() {
            // A file in which the decoder can't seek, or with too few pictures that stand alone. What is missing here is
            // the end of a damaged file, so the times of those before hold.
            let pick = Pick::At(&times, track.unit.seconds(1) / 2.0);
            let arguments = |fd| commands::pictures_of_file(fd, &track.name(), pick, self.limits);
            jpegs = self.pictures(&self.open()?, arguments, b"").await?;
        }
        let frames = jpegs.into_iter().zip(&plan.shots);
        Ok(frames
            .map(|(jpeg, shot)| Frame { jpeg, at: shot.at })
            .collect())
    }

    /// The pictures at `times`, which stand alone.
    async fn seek(&self, track: &PictureStream, times: &[f64]) -> Result<Vec<Secret>, MediaError> {
        let file = self.open()?;
        let playlist = commands::playlist(file.as_raw_fd(), times);
        let arguments = |_| commands::pictures_of_playlist(&track.name(), self.limits);
        self.pictures(&file, arguments, playlist.as_bytes()).await
    }

    async fn pictures(
        &self,
        file: &OwnedFd,
        arguments: impl FnOnce(RawFd) -> Vec<String>,
        input: &[u8],
    ) -> Result<Vec<Secret>, MediaError> {
        let (count, side) = (self.limits.frames, self.limits.long_side);
        self.ffmpeg
            .run(self.run(file, arguments, input), |output| {
                mpjpeg::read(output, count, side)
            })
            .await
    }

    async fn sound(&self, stream: &SoundStream) -> Option<Sound> {
        let file = self.open().ok()?;
        let arguments = |fd| commands::sound_of_file(fd, &stream.name(), self.limits);
        converted(self.ffmpeg, self.run(&file, arguments, b"")).await
    }

    fn bounds(&self, memory: u64) -> Limits {
        let cpu = self.limits.deadline;
        Limits { cpu, memory }
    }

    /// The video for one run: what runs at the same time must not move the offset.
    fn open(&self) -> Result<OwnedFd, MediaError> {
        self.file
            .open()
            .map_err(|_| MediaError::Decoder(DecoderFault::Unavailable))
    }

    fn run<'a>(
        &self,
        file: &'a OwnedFd,
        arguments: impl FnOnce(RawFd) -> Vec<String>,
        input: &'a [u8],
    ) -> Run<'a> {
        Run {
            arguments: arguments(file.as_raw_fd()),
            input,
            file: Some(file.as_fd()),
            limits: self.bounds(DECODING),
        }
    }
}

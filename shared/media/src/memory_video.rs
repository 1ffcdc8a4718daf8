//! Everything else: WebM, fragmented MP4, damaged indexes. The video lies in a memory file, in which the decoder seeks.

use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};

use tokio::{sync::OnceCell, time::Instant};

use super::{
    batches::{Batch, batches},
    commands::{self, Make, Pick},
    ffmpeg::{COPYING, DECODING, Ffmpeg, Run, SOUND, decoding, read_all},
    jail::Limits,
    memfd::MemoryFile,
    mpjpeg,
    named::{self, named},
    pictures::Pictures,
    plan::{Plan, Shot, candidates},
    probe::{PictureStream, Probe},
    schedule::Schedule,
    sound::{Heard, converted, readable},
    source::{Source, lanes},
    taking::{Outcome, take},
    view::{Seen, complete, media},
};
use dodolens_app::ports::{DecoderFault, MediaError, MediaLimits, VideoSource};
use dodolens_domain::media::{ExtractedMedia, Secret};

/// Bytes of the list of packets at most.
const MAX_LIST: usize = 32 * 1024 * 1024;
/// How far a picture may be from the time at which it was looked for, seconds.
const SEEKING: f64 = 0.005;

/// How far a picture may be from its time where a playlist counts anew, in whole microseconds, seconds.
const SLACK: f64 = 0.0005;

/// One video, in a memory file when it is needed for the first time.
pub(super) struct MemoryVideo<'a, V> {
    ffmpeg: &'a Ffmpeg,
    video: &'a V,
    limits: &'a MediaLimits,
    schedule: Schedule,
    memory_files: bool,
    file: OnceCell<MemoryFile>,
    probe: OnceCell<Probe>,
}

impl<'a, V: VideoSource + Send> MemoryVideo<'a, V> {
    pub(super) fn new(
        ffmpeg: &'a Ffmpeg,
        video: &'a V,
        limits: &'a MediaLimits,
        schedule: Schedule,
        memory_files: bool,
    ) -> Self {
        Self {
            ffmpeg,
            video,
            limits,
            schedule,
            memory_files,
            file: OnceCell::new(),
            probe: OnceCell::new(),
        }
    }

    /// Until when what is begun.
    pub(super) const fn schedule(&self) -> Schedule {
        self.schedule
    }

    /// Pictures and sound of a video of any kind that the decoder knows.
    pub(super) async fn extract(&self) -> Result<ExtractedMedia, MediaError> {
        let (seen, heard) = tokio::try_join!(self.pictures(), self.sound())?;
        media(seen, heard)
    }

    /// The pictures.
    pub(super) async fn pictures(&self) -> Result<Seen, MediaError> {
        let probe = self.probe().await?;
        let stream = match &probe.pictures {
            Some(stream) => stream,
            None if probe.sound.is_some() => return Err(MediaError::NoPictures),
            None => return Err(MediaError::Unreadable),
        };
        if stream.pixels > self.limits.source_pixels {
            return Err(MediaError::TooLarge);
        }
        let witness = probe.sound.as_ref().map(|sound| sound.duration);
        let pictures = Pictures::of_packets(&stream.packets, stream.unit, witness);
        let count = candidates(pictures.length(), self.limits.frames);
        let Some(plan) = Plan::choose(&pictures, count) else {
            return Ok(Seen::default());
        };
        let mut decoder = Stream {
            whole: self,
            stream,
            seeks: true,
            damaged: false,
        };
        let begin = self.schedule.begin;
        let mut first = decoder.take_all(&plan.shots, begin).await?;
        // Where the decoder can't seek, it decodes all; where nothing is whole, it takes what there is.
        for damaged in [false, true] {
            if !first.iter().any(Outcome::came) {
                (decoder.seeks, decoder.damaged) = (false, damaged);
                first = decoder.take_all(&plan.shots, begin).await?;
            }
        }
        let frames = self.limits.frames;
        complete(&decoder, &pictures, plan, first, frames, self.schedule).await
    }

    /// The sound.
    pub(super) async fn sound(&self) -> Result<Heard, MediaError> {
        let Some(stream) = &self.probe().await?.sound else {
            return Ok(Heard::default());
        };
        let file = self.open().await?;
        let arguments = commands::sound_of_file(file.as_raw_fd(), &stream.name(), self.limits);
        let mut run = self.run(&file, arguments, b"");
        run.limits.memory = SOUND;
        let heard = converted(self.ffmpeg, run, stream.plays).await;
        Ok(readable(heard)?.unwrap_or(Heard::UNREADABLE))
    }

    async fn probe(&self) -> Result<&Probe, MediaError> {
        let probe = async || {
            let file = self.open().await?;
            let arguments = commands::packets_of_file(file.as_raw_fd());
            let mut run = self.run(&file, arguments, b"");
            run.limits.memory = COPYING;
            let list = self
                .ffmpeg
                .run(run, |output| read_all(output, MAX_LIST))
                .await?
                .output;
            Probe::parse(str::from_utf8(&list).map_err(|_| MediaError::Unreadable)?)
        };
        self.probe.get_or_try_init(probe).await
    }

    async fn file(&self) -> Result<MemoryFile, MediaError> {
        if !self.memory_files {
            return Err(DecoderFault::Unavailable.into());
        }
        let len = usize::try_from(self.video.len()).map_err(|_| MediaError::TooLarge)?;
        let mut file = MemoryFile::new(len).map_err(|_| DecoderFault::Unavailable)?;
        let bytes = file.bytes_mut();
        let whole = 0..self.video.len();
        let mut sink = |offset, piece: &[u8]| {
            let target = usize::try_from(offset)
                .ok()
                .and_then(|at| bytes.get_mut(at..)?.get_mut(..piece.len()));
            if let Some(target) = target {
                target.copy_from_slice(piece);
            }
        };
        self.video
            .read(std::slice::from_ref(&whole), &mut sink)
            .await?;
        Ok(file)
    }

    /// The video for one run: what runs at the same time must not move the offset.
    async fn open(&self) -> Result<OwnedFd, MediaError> {
        let file = self.file.get_or_try_init(|| self.file()).await?;
        Ok(file.open().map_err(|_| DecoderFault::Unavailable)?)
    }

    fn run<'r>(&self, file: &'r OwnedFd, arguments: Vec<String>, input: &'r [u8]) -> Run<'r> {
        Run {
            arguments,
            input,
            file: Some(file.as_fd()),
            limits: Limits {
                cpu: self.limits.deadline,
                memory: DECODING,
            },
        }
    }
}

/// The picture track of a video.
struct Stream<'a, V> {
    whole: &'a MemoryVideo<'a, V>,
    stream: &'a PictureStream,
    /// Whether the decoder finds its way to pictures; else it decodes from the beginning of the file.
    seeks: bool,
    /// Whether damaged pictures are taken: when no planned one comes whole.
    damaged: bool,
}

impl<V: VideoSource + Send> Stream<'_, V> {
    async fn take_all(&self, shots: &[Shot], begin: Instant) -> Result<Vec<Outcome>, MediaError> {
        take(self, shots, self.batches(shots), begin).await
    }

    /// When the picture at a place in decoding order is shown, seconds.
    fn time(&self, index: u32) -> f64 {
        let packet = self.stream.packets.get(index as usize);
        packet.map_or(0.0, |packet| self.stream.unit.seconds(packet.pts))
    }

    /// Pictures at `times`: JPEGs, then a list of them if need be. `arguments` and input are for the video behind a
    /// descriptor. `None` when they are to be decoded apart, to find those that do not come or are damaged, if such are not
    /// taken.
    async fn named(
        &self,
        times: &[f64],
        slack: f64,
        certain: bool,
        run: impl Fn(RawFd, Make) -> (Vec<String>, String),
    ) -> Result<Option<Vec<Option<Secret>>>, MediaError> {
        let (whole, side) = (self.whole, self.whole.limits.long_side);
        let file = whole.open().await?;
        let (arguments, input) = run(file.as_raw_fd(), Make::Jpegs);
        let mut jpegs = whole.run(&file, arguments, input.as_bytes());
        jpegs.limits.memory = decoding(self.lanes());
        let jpegs = whole
            .ffmpeg
            .run(jpegs, |output| mpjpeg::read(output, times.len(), side));
        let jpegs = jpegs.await?;
        let fewer = !certain && times.len() > 1 && jpegs.output.len() < times.len();
        if fewer || jpegs.damaged && !self.damaged {
            return Ok(None);
        }
        let list = async {
            let file = whole.open().await?;
            let (arguments, input) = run(file.as_raw_fd(), Make::List);
            let mut list = whole.run(&file, arguments, input.as_bytes());
            list.limits.memory = decoding(self.lanes());
            let list = whole
                .ffmpeg
                .run(list, |output| read_all(output, named::MAX_LIST));
            Ok(list.await?.output)
        };
        named(jpegs.output, times, slack, certain, list)
            .await
            .map(Some)
    }
}

impl<V: VideoSource + Send> Source for Stream<'_, V> {
    async fn at_once(&self, shots: &[Shot]) -> Result<Option<Vec<Option<Secret>>>, MediaError> {
        let (limits, name) = (self.whole.limits, self.stream.name());
        let times = shots.iter().map(|shot| self.stream.unit.seconds(shot.pts));
        let times: Vec<_> = times.collect();
        let slack = self.stream.unit.seconds(1) / 2.0;
        if !self.seeks {
            let run = |fd, make| {
                let pick = Pick::At(&times, slack);
                let arguments =
                    commands::pictures_of_file(fd, make, &name, pick, times.len(), limits);
                (arguments, String::new())
            };
            return self.named(&times, slack, true, run).await;
        }
        if let Some(chain) = shots.iter().find(|shot| !shot.alone()) {
            let from = self.time(chain.decode.start);
            let to = times.iter().copied().fold(from, f64::max);
            let times: Vec<_> = times.iter().map(|time| time - from).collect();
            let slack = slack.max(SLACK);
            let run = |fd, make| {
                let pick = Pick::At(&times, slack);
                let arguments =
                    commands::pictures_of_stretch(make, &name, pick, times.len(), limits);
                (arguments, commands::stretch(fd, from, to))
            };
            return self.named(&times, slack, true, run).await;
        }
        // By the entry of the playlist that each comes from.
        let entries = (0..times.len()).map(|entry| entry as f64 * f64::from(commands::ENTRY));
        let entries: Vec<_> = entries.collect();
        let run = |fd, make| {
            let arguments = commands::pictures_of_playlist(make, &name, times.len(), limits);
            (arguments, commands::playlist(fd, &times))
        };
        // A decoder that seeks may end up at another picture than that which it was to look for.
        self.named(&entries, SEEKING, false, run).await
    }

    fn batches(&self, shots: &[Shot]) -> Vec<Batch> {
        match self.seeks {
            // What is read lies in memory already.
            true => batches(shots, |_| 0),
            false => vec![Batch::of_all(shots.len())],
        }
    }

    fn lanes(&self) -> usize {
        lanes(self.stream.pixels)
    }
}

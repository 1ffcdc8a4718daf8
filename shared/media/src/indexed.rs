//! MP4 and QuickTime files by their index: the decoder gets a small file of a few pictures, the sound is copied, and the
//! video is never held whole.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use super::{
    avc,
    batches::{Batch, batches},
    commands::{self, Make, Pick},
    ffmpeg::{Ffmpeg, Run, SOUND, decoding, read_all},
    gather::gather,
    heads, hevc, index,
    jail::Limits,
    memory_video::MemoryVideo,
    mp4_writer::Mp4File,
    mpjpeg,
    named::{self, named},
    picture_file::{PictureFile, Sizes},
    plan::{Plan, Shot, candidates},
    sound::{self, Heard, SoundFile, converted},
    source::{Source, lanes},
    tables::Movie,
    taking::{Outcome, take},
    tracks::PictureTrack,
    view::{Seen, complete, media},
};
use dodolens_app::ports::{MediaError, MediaLimits, VideoSource};
use dodolens_domain::media::{ExtractedMedia, Secret};

/// Bytes of pictures that are read together with the sound, so that each part of the video is opened once. The pictures of
/// most videos all fit.
const AHEAD: u64 = 24 * 1024 * 1024;

/// One MP4 or QuickTime video.
struct Indexed<'a, V> {
    ffmpeg: &'a Ffmpeg,
    video: &'a V,
    limits: &'a MediaLimits,
    movie: &'a Movie<'a>,
    picture: &'a PictureTrack<'a>,
    plan: &'a Plan,
    sizes: &'a Sizes,
    quicktime: bool,
    /// Files that were filled together with the sound, each with its shots, until they are decoded.
    ahead: Mutex<Vec<(Vec<Shot>, PictureFile)>>,
    /// Whether damaged pictures are taken: when no planned one comes whole.
    damaged: AtomicBool,
    /// For what the index does not serve.
    whole: &'a MemoryVideo<'a, V>,
}

/// Extracts from a video that has an index. `None` when it has none that serves: then the decoder must look for itself.
pub(super) async fn extract<V: VideoSource + Send>(
    ffmpeg: &Ffmpeg,
    video: &V,
    limits: &MediaLimits,
    whole: &MemoryVideo<'_, V>,
) -> Result<Option<ExtractedMedia>, MediaError> {
    let Some(index) = index::find(video).await? else {
        return Ok(None);
    };
    let Some(mut movie) = Movie::parse(index.moov.expose(), video.len())? else {
        return Ok(None);
    };
    if !movie.has_picture && movie.has_sound {
        return Err(MediaError::NoPictures);
    }
    let Some(mut picture) = movie.picture.take() else {
        return Ok(None);
    };
    if picture.pixels() > limits.source_pixels {
        return Err(MediaError::TooLarge);
    }
    // Once more if the table of keys turns out to be wrong.
    for _ in 0..2 {
        let count = candidates(picture.pictures.length(), limits.frames);
        let Some(plan) = Plan::choose(&picture.pictures, count) else {
            return Ok(None);
        };
        let this = Indexed {
            ffmpeg,
            video,
            limits,
            movie: &movie,
            picture: &picture,
            plan: &plan,
            sizes: &Sizes::new(&picture.track),
            quicktime: index.quicktime,
            ahead: Mutex::default(),
            damaged: AtomicBool::new(false),
            whole,
        };
        match this.extract().await? {
            Some(media) => return Ok(Some(media)),
            None => picture.pictures = heads::pictures(video, &picture).await?,
        }
    }
    Ok(None)
}

impl<V: VideoSource + Send> Indexed<'_, V> {
    /// `None` when pictures that the index calls keys are none: nothing has been decoded then.
    async fn extract(&self) -> Result<Option<ExtractedMedia>, MediaError> {
        let batches = self.batches(&self.plan.shots);
        let mut ahead = self.files_ahead(&batches);
        let track = self.movie.sound.as_ref();
        let mut sound = track.and_then(|track| SoundFile::new(track, self.quicktime));
        let files = ahead.iter_mut().map(|(_, pictures)| &mut pictures.file);
        let mut files: Vec<_> = files
            .chain(sound.iter_mut().map(SoundFile::file_mut))
            .collect();
        gather(self.video, &mut files).await?;
        if ahead.iter().any(|(shots, it)| !self.hold(shots, &it.file)) {
            return Ok(None);
        }
        *self.ahead() = ahead;
        let (seen, heard) = tokio::try_join!(self.seen(batches), self.heard(sound))?;
        let seen = self.or_whole(seen, &heard).await?;
        media(seen, heard).map(Some)
    }

    /// Files for the first batches, as many as may be read together.
    fn files_ahead(&self, batches: &[Batch]) -> Vec<(Vec<Shot>, PictureFile)> {
        let mut left = AHEAD;
        let batches = batches.iter().map_while(|batch| {
            let shots = batch.shots(&self.plan.shots);
            let bytes = shots.iter().map(|shot| self.sizes.of(shot)).sum();
            left = left.checked_sub(bytes)?;
            Some((self.picture_file(&shots)?, shots))
        });
        batches.map(|(file, shots)| (shots, file)).collect()
    }

    fn ahead(&self) -> MutexGuard<'_, Vec<(Vec<Shot>, PictureFile)>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file for `shots` that was filled ahead, if there is one.
    fn filled(&self, shots: &[Shot]) -> Option<PictureFile> {
        let mut ahead = self.ahead();
        let place = ahead.iter().position(|(of, _)| of == shots)?;
        Some(ahead.swap_remove(place).1)
    }

    fn picture_file(&self, shots: &[Shot]) -> Option<PictureFile> {
        PictureFile::new(
            &self.picture.track,
            self.movie.matrix,
            self.quicktime,
            shots,
        )
    }

    /// Whether decoding of `shots`, which are in `file`, can begin where the index says.
    fn hold(&self, shots: &[Shot], file: &Mp4File) -> bool {
        heads::hold(&self.picture.track, shots, file)
    }

    /// The pictures; where none comes whole, what there is of them.
    async fn seen(&self, batches: Vec<Batch>) -> Result<Seen, MediaError> {
        let (shots, schedule) = (&self.plan.shots, self.whole.schedule());
        let mut first = take(self, shots, batches.clone(), schedule.begin).await?;
        if !first.iter().any(Outcome::came) {
            self.damaged.store(true, Ordering::Relaxed);
            first = take(self, shots, batches, schedule.begin).await?;
        }
        let (plan, frames) = (self.plan.clone(), self.limits.frames);
        complete(self, &self.picture.pictures, plan, first, frames, schedule).await
    }

    /// When most of the planned pictures are lost, what the decoder finds for itself, if that is more.
    async fn or_whole(&self, seen: Seen, heard: &Heard) -> Result<Seen, MediaError> {
        if seen.lost * 2 <= self.plan.shots.len() {
            return Ok(seen);
        }
        match self.whole.pictures().await {
            Ok(other) if other.frames.len() > seen.frames.len() => Ok(other),
            Err(error @ (MediaError::Decoder(_) | MediaError::Read(_) | MediaError::TooSlow))
                if seen.frames.is_empty() =>
            {
                Err(error)
            }
            Err(error) if seen.frames.is_empty() && heard.sound.is_none() => Err(error),
            Ok(_) | Err(_) => Ok(seen),
        }
    }

    /// The pictures of a file that has been filled, in the order of its times. `None` when they are to be decoded apart: to
    /// find those that do not come or are damaged, if such are not taken, and where the decoder would mix them up.
    async fn decode(
        &self,
        pictures: &mut PictureFile,
    ) -> Result<Option<Vec<Option<Secret>>>, MediaError> {
        if pictures.alone {
            let entry = self.picture.track.entry;
            let file = &mut pictures.file;
            if pictures.times.len() > 1 && file.packets().any(|key| avc::continues(entry, key)) {
                return Ok(None);
            }
            file.each_packet(|sample| hevc::begin_anew(entry, sample));
        }
        let PictureFile {
            file, times, slack, ..
        } = &*pictures;
        let pick = match pictures.alone {
            true => Pick::All,
            false => Pick::At(times, *slack),
        };
        let run = |make| Run {
            arguments: commands::pictures_of_mp4(make, pick, times.len(), self.limits),
            ..self.run(file, decoding(self.lanes()))
        };
        let (count, side) = (times.len(), self.limits.long_side);
        let jpegs = self
            .ffmpeg
            .run(run(Make::Jpegs), |output| mpjpeg::read(output, count, side))
            .await?;
        let fewer = pictures.alone && count > 1 && jpegs.output.len() < count;
        if fewer || jpegs.damaged && !self.damaged.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let list = async {
            let list = run(Make::List);
            let list = self
                .ffmpeg
                .run(list, |output| read_all(output, named::MAX_LIST));
            Ok(list.await?.output)
        };
        named(jpegs.output, times, *slack, true, list)
            .await
            .map(Some)
    }

    fn run<'r>(&self, file: &'r Mp4File, memory: u64) -> Run<'r> {
        Run {
            arguments: Vec::new(),
            input: &file.bytes,
            file: None,
            limits: Limits {
                cpu: self.limits.deadline,
                memory,
            },
        }
    }

    /// The sound, of which a file is there already. What the index or that file does not serve, the decoder looks for
    /// itself.
    async fn heard(&self, file: Option<SoundFile>) -> Result<Heard, MediaError> {
        let heard = match (file, &self.movie.sound) {
            (Some(SoundFile::Ready(file)), Some(track)) => Some(sound::copied(file, track)),
            (Some(SoundFile::Raw(file)), Some(track)) => {
                let promised = sound::promised(&file, track);
                let run = Run {
                    arguments: commands::sound_of_mp4(self.limits),
                    ..self.run(&file, SOUND)
                };
                sound::readable(converted(self.ffmpeg, run, promised).await)?
            }
            _ => None,
        };
        match heard {
            Some(heard) => Ok(heard),
            None if !self.movie.has_sound => Ok(Heard::default()),
            None if self.movie.sound_encrypted => Ok(Heard::UNREADABLE),
            None => {
                let heard = sound::readable(self.whole.sound().await)?;
                let heard = heard.filter(|heard| heard.sound.is_some());
                Ok(heard.unwrap_or(Heard::UNREADABLE))
            }
        }
    }
}

impl<V: VideoSource + Send> Source for Indexed<'_, V> {
    /// Not those that do not fit one file, or are to be decoded apart. A picture that seems to stand alone, and does not, is
    /// none: some decoders make rubbish of it.
    async fn at_once(&self, shots: &[Shot]) -> Result<Option<Vec<Option<Secret>>>, MediaError> {
        let mut pictures = match self.filled(shots) {
            Some(pictures) => pictures,
            None => {
                let Some(mut pictures) = self.picture_file(shots) else {
                    return Ok(None);
                };
                pictures.fill(self.video).await?;
                pictures
            }
        };
        let hold = |shot| self.hold(std::slice::from_ref(shot), &pictures.file);
        let hold: Vec<_> = shots.iter().map(hold).collect();
        let jpegs = self.decode(&mut pictures).await?;
        Ok(jpegs.map(|jpegs| {
            let jpegs = jpegs.into_iter().zip(hold);
            jpegs.map(|(jpeg, hold)| jpeg.filter(|_| hold)).collect()
        }))
    }

    fn batches(&self, shots: &[Shot]) -> Vec<Batch> {
        batches(shots, |shot| self.sizes.of(shot))
    }

    fn lanes(&self) -> usize {
        lanes(self.picture.pixels())
    }
}

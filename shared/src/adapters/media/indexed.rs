//! MP4 and QuickTime files by their index: the decoder gets a small file of a few pictures, the sound is copied, and the
//! video is never held whole.

use super::{
    clock::Unit,
    commands,
    commands::Pick,
    ffmpeg::{DECODING, Ffmpeg, Run, SOUND, read_all},
    gather::gather,
    heads, hevc, index,
    jail::Limits,
    mini::{Content, MiniFile, MiniWriter},
    mpjpeg,
    plan::{Plan, Shot},
    samples::Sample,
    tables::Movie,
    tracks::{SoundTrack, Track},
};
use crate::{
    domain::media::{ExtractedMedia, Frame, Losses, Secret, Sound, SoundFormat, SoundLoss},
    ports::{MediaError, MediaLimits, VideoSource},
};

/// Bytes of pictures held at most; eight of a 4K video come to about 10 MiB.
const MAX_PICTURES: usize = 48 * 1024 * 1024;
/// Bytes of sound given on at most: transcription providers take 25 MB.
pub(super) const MAX_SOUND: usize = 24 * 1024 * 1024;
/// Bytes of sound held at most to be converted.
const MAX_RAW_SOUND: usize = 64 * 1024 * 1024;

/// One MP4 or QuickTime video.
struct Indexed<'a, V> {
    ffmpeg: &'a Ffmpeg,
    video: &'a V,
    limits: &'a MediaLimits,
    movie: &'a Movie<'a>,
    track: &'a Track<'a>,
    plan: &'a Plan,
    quicktime: bool,
}

/// A file of pictures, and when they are shown in it, in seconds.
struct PictureFile {
    file: MiniFile,
    times: Vec<f64>,
}

/// A file of sound.
enum SoundFile {
    /// To be given on as it is.
    Ready(MiniFile),
    /// To be converted.
    Raw(MiniFile),
}

/// Extracts from a video that has an index. `None` when it has none that serves: then the decoder must look for itself.
pub(super) async fn extract<V: VideoSource + Send>(
    ffmpeg: &Ffmpeg,
    video: &V,
    limits: &MediaLimits,
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
    let Some(mut track) = movie.picture.take() else {
        return Ok(None);
    };
    if track.pixels() > limits.source_pixels {
        return Err(MediaError::TooLarge);
    }
    // Once more if the table of keys turns out to be wrong.
    for _ in 0..2 {
        let Some(plan) = Plan::choose(&track.pictures, limits.frames) else {
            return Ok(None);
        };
        let this = Indexed {
            ffmpeg,
            video,
            limits,
            movie: &movie,
            track: &track.track,
            plan: &plan,
            quicktime: index.quicktime,
        };
        match this.extract().await? {
            Outcome::Done(media) => return Ok(media),
            Outcome::WrongKeys => track.pictures = heads::pictures(video, &track).await?,
        }
    }
    Ok(None)
}

/// What became of a plan.
enum Outcome {
    /// What was extracted; `None` when the index does not serve.
    Done(Option<ExtractedMedia>),
    /// Pictures that the index calls keys are none; nothing has been decoded.
    WrongKeys,
}

impl<V: VideoSource + Send> Indexed<'_, V> {
    async fn extract(&self) -> Result<Outcome, MediaError> {
        let Some(mut pictures) = self.picture_file(&self.plan.shots) else {
            return Ok(Outcome::Done(None));
        };
        let mut sound = self.sound_file();
        let mut files = vec![&mut pictures.file];
        files.extend(sound.as_mut().map(|file| match file {
            SoundFile::Ready(file) | SoundFile::Raw(file) => file,
        }));
        if gather(self.video, &mut files).await?.is_none() {
            return Ok(Outcome::Done(None));
        }
        if !heads::hold(self.track, &self.plan.shots, &pictures.file) {
            return Ok(Outcome::WrongKeys);
        }
        let (frames, sound) = tokio::try_join!(self.frames(pictures), async {
            Ok(match sound {
                Some(file) => self.sound(file).await,
                None => None,
            })
        })?;
        if frames.is_empty() {
            return Ok(Outcome::Done(None));
        }
        Ok(Outcome::Done(Some(ExtractedMedia {
            frames,
            losses: Losses {
                sound: match &sound {
                    None if self.movie.has_sound => Some(SoundLoss::Unreadable),
                    Some(sound) if self.movie.sound.as_ref().is_some_and(SoundTrack::cut) => {
                        Some(SoundLoss::Cut {
                            heard: sound.duration,
                        })
                    }
                    _ => None,
                },
                ..Losses::default()
            },
            sound,
            duration: self.plan.duration,
        })))
    }

    /// The pictures to decode for `shots` as a file. Pictures that stand alone are a second apart; a chain keeps its
    /// own times, by which the wanted ones are found again. `None` when they are too many.
    fn picture_file(&self, shots: &[Shot]) -> Option<PictureFile> {
        let mut writer = MiniWriter::default();
        let mut first = None;
        let wanted = |sample: &Sample| shots.iter().any(|shot| shot.decode.contains(&sample.index));
        for (i, mut sample) in self.track.samples.clone().filter(wanted).enumerate() {
            first.get_or_insert(sample.dts);
            if !self.plan.chained {
                sample.dts = i as u64;
                sample.pts = i as i64;
                sample.duration = 1;
            }
            writer.push(sample, MAX_PICTURES)?;
        }
        let timescale = if self.plan.chained {
            self.track.timescale
        } else {
            1
        };
        let zero = i64::try_from(first?).ok()?;
        let times = shots
            .iter()
            .map(|shot| shot.pts.saturating_sub(zero) as f64 / f64::from(timescale))
            .collect();
        let content = Content::Pictures(self.movie.matrix);
        let brand = if self.quicktime { b"qt  " } else { b"isom" };
        let file = writer.finish(content, self.track, self.track.entry, timescale, brand)?;
        Some(PictureFile { file, times })
    }

    /// The decoded pictures, each with its time. If some that stand alone could not be decoded, it takes one run for each
    /// to tell which; of a chain, the last are missing.
    async fn frames(&self, pictures: PictureFile) -> Result<Vec<Frame>, MediaError> {
        let jpegs = self.decode(pictures).await?;
        let mut frames = Vec::with_capacity(jpegs.len());
        if self.plan.chained || jpegs.len() == self.plan.shots.len() {
            // They come in the order of the media, which edits can change.
            let mut shots: Vec<_> = self.plan.shots.iter().collect();
            shots.sort_by_key(|shot| shot.pts);
            frames.extend(jpegs.into_iter().zip(shots).map(frame));
            frames.sort_by_key(|frame| frame.at);
        } else if !jpegs.is_empty() {
            for shot in &self.plan.shots {
                let Some(mut pictures) = self.picture_file(std::slice::from_ref(shot)) else {
                    continue;
                };
                if gather(self.video, &mut [&mut pictures.file])
                    .await?
                    .is_some()
                {
                    let jpeg = self.decode(pictures).await?.pop();
                    frames.extend(jpeg.map(|jpeg| frame((jpeg, shot))));
                }
            }
        }
        Ok(frames)
    }

    async fn decode(&self, mut pictures: PictureFile) -> Result<Vec<Secret>, MediaError> {
        if !self.plan.chained {
            pictures
                .file
                .each_run(|samples| hevc::begin_anew(self.track.entry, samples));
        }
        let pick = if self.plan.chained {
            Pick::At(&pictures.times, 0.5 / f64::from(self.track.timescale))
        } else {
            Pick::All
        };
        let run = Run {
            arguments: commands::pictures_of_mp4(pick, self.limits),
            input: &pictures.file.bytes,
            file: None,
            limits: Limits {
                cpu: self.limits.deadline,
                memory: DECODING,
            },
        };
        let (count, side) = (self.plan.shots.len(), self.limits.long_side);
        self.ffmpeg
            .run(run, |output| mpjpeg::read(output, count, side))
            .await
    }

    /// The presented sound as a file: AAC in a form that needs no conversion, anything else as it is. `None` when there
    /// is none, it can't be read, or it is too much.
    fn sound_file(&self) -> Option<SoundFile> {
        let sound = self.movie.sound.as_ref()?;
        let track = &sound.track;
        let write = |entry: &[u8], brand, limit| {
            let mut writer = MiniWriter::default();
            for sample in sound.shown() {
                writer.push(sample, limit)?;
            }
            writer.finish(Content::Sound, track, entry, track.timescale, brand)
        };
        let ready = || {
            let entry = sound.aac.as_ref()?;
            Some(SoundFile::Ready(write(entry, b"M4A ", MAX_SOUND)?))
        };
        let brand = if self.quicktime { b"qt  " } else { b"isom" };
        let raw = || Some(SoundFile::Raw(write(track.entry, brand, MAX_RAW_SOUND)?));
        ready().or_else(raw)
    }

    /// The sound; `None` when it can't be converted.
    async fn sound(&self, file: SoundFile) -> Option<Sound> {
        match file {
            SoundFile::Ready(mut file) => Some(Sound {
                bytes: std::mem::take(&mut *file.bytes).into(),
                format: SoundFormat::M4a,
                duration: Unit::per_second(self.movie.sound.as_ref()?.track.timescale)
                    .duration(file.duration),
            }),
            SoundFile::Raw(file) => {
                let run = Run {
                    arguments: commands::sound_of_mp4(self.limits),
                    input: &file.bytes,
                    file: None,
                    limits: Limits {
                        cpu: self.limits.deadline,
                        memory: SOUND,
                    },
                };
                converted(self.ffmpeg, run).await
            }
        }
    }
}

fn frame((jpeg, shot): (Secret, &Shot)) -> Frame {
    Frame { jpeg, at: shot.at }
}

/// The sound that `run` writes; `None` when it fails.
pub(super) async fn converted(ffmpeg: &Ffmpeg, run: Run<'_>) -> Option<Sound> {
    let mut bytes = ffmpeg
        .run(run, |output| read_all(output, MAX_SOUND))
        .await
        .ok()
        .filter(|bytes| !bytes.is_empty())?;
    Some(Sound {
        duration: commands::sound_duration(bytes.len()),
        bytes: std::mem::take(&mut *bytes).into(),
        format: SoundFormat::Mp3,
    })
}

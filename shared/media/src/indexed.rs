//! MP4 and QuickTime files by their index: the decoder gets a small file of a few pictures, the sound is copied, and the
//! video is never held whole.

use std::{
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{
    avc,
    commands::{self, Make, Pick},
    ffmpeg::{DECODING, Ffmpeg, Run, SOUND, read_all},
    gather::gather,
    heads, hevc, index,
    jail::Limits,
    memory_video::{MemoryVideo, media},
    mp4_writer::{Content, Mp4File, Mp4Writer},
    mpjpeg,
    named::{self, named},
    plan::{Plan, Shot},
    retry::{self, Seen, Source},
    sound::{self, Heard, SoundFile, converted},
    tables::Movie,
    tracks::PictureTrack,
};
use dodolens_app::ports::{MediaError, MediaLimits, VideoSource};
use dodolens_domain::media::{ExtractedMedia, Secret};

/// Bytes of pictures held at most; eight of a 4K video come to about 10 MiB.
const MAX_PICTURES: usize = 48 * 1024 * 1024;

/// One MP4 or QuickTime video.
struct Indexed<'a, V> {
    ffmpeg: &'a Ffmpeg,
    video: &'a V,
    limits: &'a MediaLimits,
    movie: &'a Movie<'a>,
    picture: &'a PictureTrack<'a>,
    plan: &'a Plan,
    quicktime: bool,
    /// Whether damaged pictures are taken: when no planned one comes whole.
    damaged: AtomicBool,
    /// For what the index does not serve.
    whole: &'a MemoryVideo<'a, V>,
}

/// A file of pictures.
struct PictureFile {
    file: Mp4File,
    /// When the wanted pictures are shown in it, in seconds, each give or take the slack.
    times: Vec<f64>,
    slack: f64,
    chained: bool,
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
        let Some(plan) = Plan::choose(&picture.pictures, limits.frames) else {
            return Ok(None);
        };
        let this = Indexed {
            ffmpeg,
            video,
            limits,
            movie: &movie,
            picture: &picture,
            plan: &plan,
            quicktime: index.quicktime,
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
        let mut pictures = self.picture_file(&self.plan.shots, self.plan.chained);
        let track = self.movie.sound.as_ref();
        let mut sound = track.and_then(|track| SoundFile::new(track, self.quicktime));
        let files = pictures.iter_mut().map(|pictures| &mut pictures.file);
        let mut files: Vec<_> = files
            .chain(sound.iter_mut().map(SoundFile::file_mut))
            .collect();
        gather(self.video, &mut files).await?;
        if let Some(pictures) = &pictures
            && !self.hold(&self.plan.shots, &pictures.file)
        {
            return Ok(None);
        }
        let (seen, heard) = tokio::try_join!(self.seen(pictures), self.heard(sound))?;
        let seen = self.or_whole(seen, &heard).await?;
        media(seen, heard).map(Some)
    }

    /// Whether decoding of `shots`, which are in `file`, can begin where the index says.
    fn hold(&self, shots: &[Shot], file: &Mp4File) -> bool {
        heads::hold(&self.picture.track, shots, file)
    }

    /// The pictures, of which those in a file are there already.
    async fn seen(&self, file: Option<PictureFile>) -> Result<Seen, MediaError> {
        let first = match file {
            Some(mut file) => self.decode(&mut file).await?,
            None => None,
        };
        let mut first = match first {
            Some(first) => first,
            None => self.take(&self.plan.shots, self.plan.chained).await?,
        };
        if first.iter().all(Option::is_none) {
            self.damaged.store(true, Ordering::Relaxed);
            first = self.take(&self.plan.shots, self.plan.chained).await?;
        }
        retry::complete(
            self,
            &self.picture.pictures,
            self.plan,
            first,
            self.whole.until(),
        )
        .await
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

    /// The pictures to decode for `shots` as a file. Pictures that stand alone are a second apart; a chain keeps its
    /// own times, by which the wanted ones are found again. `None` when they are too many.
    fn picture_file(&self, shots: &[Shot], chained: bool) -> Option<PictureFile> {
        let track = &self.picture.track;
        let mut wanted = runs(shots).into_iter().peekable();
        let (mut writer, mut zero, mut alone) = (Mp4Writer::default(), None, Vec::new());
        for mut sample in track.samples.clone() {
            while wanted.next_if(|run| run.end <= sample.index).is_some() {}
            match wanted.peek() {
                None => break,
                Some(run) if !run.contains(&sample.index) => continue,
                Some(_) => {}
            }
            zero.get_or_insert(sample.dts);
            if !chained {
                let second = alone.len();
                alone.push(sample.index);
                (sample.dts, sample.pts, sample.duration) = (second as u64, second as i64, 1);
            }
            writer.push(sample, MAX_PICTURES)?;
        }
        let zero = i64::try_from(zero?).ok()?;
        let timescale = if chained { track.timescale } else { 1 };
        let place = |shot: &Shot| match chained {
            true => Some(shot.pts.saturating_sub(zero)),
            false => Some(alone.binary_search(&shot.decode.start).ok()? as i64),
        };
        let times = shots
            .iter()
            .map(|shot| Some(place(shot)? as f64 / f64::from(timescale)));
        let times = times.collect::<Option<_>>()?;
        let content = Content::Pictures(self.movie.matrix);
        let brand = if self.quicktime { b"qt  " } else { b"isom" };
        Some(PictureFile {
            file: writer.finish(content, track, track.entry, timescale, brand)?,
            times,
            slack: 0.5 / f64::from(timescale),
            chained,
        })
    }

    /// The pictures of a file that has been filled, in the order of its times. `None` when they are to be decoded apart: to
    /// find those that do not come or are damaged, if such are not taken, and where the decoder would mix them up.
    async fn decode(
        &self,
        pictures: &mut PictureFile,
    ) -> Result<Option<Vec<Option<Secret>>>, MediaError> {
        if !pictures.chained {
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
        let pick = match pictures.chained {
            true => Pick::At(times, *slack),
            false => Pick::All,
        };
        let run = |make| Run {
            arguments: commands::pictures_of_mp4(make, pick, times.len(), self.limits),
            ..self.run(file, DECODING)
        };
        let (count, side) = (times.len(), self.limits.long_side);
        let jpegs = self
            .ffmpeg
            .run(run(Make::Jpegs), |output| mpjpeg::read(output, count, side))
            .await?;
        let fewer = !pictures.chained && count > 1 && jpegs.output.len() < count;
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
    async fn at_once(
        &self,
        shots: &[Shot],
        chained: bool,
    ) -> Result<Option<Vec<Option<Secret>>>, MediaError> {
        let Some(mut pictures) = self.picture_file(shots, chained) else {
            return Ok(None);
        };
        gather(self.video, &mut [&mut pictures.file]).await?;
        let hold = |shot| self.hold(std::slice::from_ref(shot), &pictures.file);
        let hold: Vec<_> = shots.iter().map(hold).collect();
        let jpegs = self.decode(&mut pictures).await?;
        Ok(jpegs.map(|jpegs| {
            let jpegs = jpegs.into_iter().zip(hold);
            jpegs.map(|(jpeg, hold)| jpeg.filter(|_| hold)).collect()
        }))
    }
}

/// The places in decoding order of all that must be decoded for `shots`, as runs in order that do not overlap.
fn runs(shots: &[Shot]) -> Vec<Range<u32>> {
    let mut all: Vec<_> = shots.iter().map(|shot| shot.decode.clone()).collect();
    all.sort_unstable_by_key(|run| run.start);
    let mut runs: Vec<Range<u32>> = Vec::with_capacity(all.len());
    for run in all {
        match runs.last_mut() {
            Some(last) if run.start <= last.end => last.end = last.end.max(run.end),
            _ => runs.push(run),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_several_shots_need_is_taken_once() {
        let shot = |decode: Range<u32>| Shot {
            decode,
            pts: 0,
            at: Duration::ZERO,
        };
        let shots = [10..20, 0..3, 10..15, 2..5, 5..6, 30..31].map(shot);
        assert_eq!(runs(&shots), [0..6, 10..20, 30..31]);
    }
}

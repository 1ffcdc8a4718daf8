//! The sound: AAC is copied, anything else converted, and what is the matter with it is told.

use std::time::Duration;

use super::{
    clock::Unit,
    commands,
    ffmpeg::{Ffmpeg, Run, read_all},
    mp4_writer::{Content, Mp4File, Mp4Writer},
    silence,
    tracks::SoundTrack,
};
use dodolens_app::ports::MediaError;
use dodolens_domain::media::{Sound, SoundFormat, SoundLoss};

/// Bytes of sound given on at most: transcription providers take 25 MB.
pub(super) const MAX_SOUND: usize = 24 * 1024 * 1024;
/// Bytes of sound held at most to be converted.
const MAX_RAW_SOUND: usize = 64 * 1024 * 1024;
/// Sound that lacks less than this of what its track promises is whole.
const TOLERANCE: Duration = Duration::from_secs(1);

/// The sound of a video, and what is the matter with it.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The sound, if there is any that can be read.
    pub(super) sound: Option<Sound>,
    /// What is the matter, if there is a sound track and something is.
    pub(super) loss: Option<SoundLoss>,
}

impl Heard {
    /// Of a sound track of which nothing can be read.
    pub(super) const UNREADABLE: Self = Self {
        sound: None,
        loss: Some(SoundLoss::Unreadable),
    };

    /// Sound of a track that promises to play for `promised`.
    pub(super) fn new(sound: Sound, promised: Duration, silent: bool) -> Self {
        let heard = sound.duration;
        let loss = if silent {
            Some(SoundLoss::Silent)
        } else {
            (promised.saturating_sub(heard) > TOLERANCE).then_some(SoundLoss::Cut { heard })
        };
        Self {
            sound: Some(sound),
            loss,
        }
    }
}

/// A file of sound.
#[derive(Debug)]
pub(super) enum SoundFile {
    /// To be given on as it is.
    Ready(Mp4File),
    /// To be converted.
    Raw(Mp4File),
}

impl SoundFile {
    /// The presented sound of `track` as a file: AAC in a form that needs no conversion, anything else, and more than can
    /// be given on, as it is. `None` when it is too much even for that.
    pub(super) fn new(track: &SoundTrack<'_>, quicktime: bool) -> Option<Self> {
        let write = |entry: &[u8], brand, limit| {
            let mut writer = Mp4Writer::default();
            for sample in track.shown() {
                writer.push(sample, limit)?;
            }
            let timescale = track.track.timescale;
            writer.finish(Content::Sound, &track.track, entry, timescale, brand)
        };
        let ready = || write(track.aac.as_ref()?, b"M4A ", MAX_SOUND).map(Self::Ready);
        let brand = if quicktime { b"qt  " } else { b"isom" };
        ready().or_else(|| write(track.track.entry, brand, MAX_RAW_SOUND).map(Self::Raw))
    }

    /// The file.
    pub(super) fn file_mut(&mut self) -> &mut Mp4File {
        match self {
            Self::Ready(file) | Self::Raw(file) => file,
        }
    }
}

/// AAC as it was copied from `track`.
pub(super) fn copied(mut file: Mp4File, track: &SoundTrack<'_>) -> Heard {
    let silent = silence::of_aac(file.packets());
    let sound = Sound {
        duration: Unit::per_second(track.track.timescale).duration(file.duration),
        bytes: std::mem::take(&mut *file.bytes).into(),
        format: SoundFormat::M4a,
    };
    Heard::new(sound, whole(track), silent)
}

/// How long a track plays from where its sound begins.
fn whole(track: &SoundTrack<'_>) -> Duration {
    track.shown_duration().saturating_sub(track.begin())
}

/// What a track from which `file` was made promises when it is converted. Where its packets leave gaps, converted sound
/// has none, and is shorter.
pub(super) fn promised(file: &Mp4File, track: &SoundTrack<'_>) -> Duration {
    let whole = whole(track);
    if track.cut() {
        return whole;
    }
    whole.min(Unit::per_second(track.track.timescale).duration(file.steady))
}

/// The sound that `run` writes, of a track that promises to play for `promised`.
///
/// # Errors
/// [`MediaError::Unreadable`] when it writes none, and what the run ends in.
pub(super) async fn converted(
    ffmpeg: &Ffmpeg,
    run: Run<'_>,
    promised: Duration,
) -> Result<Heard, MediaError> {
    let mut bytes = ffmpeg
        .run(run, |output| read_all(output, MAX_SOUND))
        .await?
        .output;
    if bytes.is_empty() {
        return Err(MediaError::Unreadable);
    }
    let silent = silence::of_mp3(&bytes);
    let sound = Sound {
        duration: commands::sound_duration(bytes.len()),
        bytes: std::mem::take(&mut *bytes).into(),
        format: SoundFormat::Mp3,
    };
    Ok(Heard::new(sound, promised, silent))
}

/// What can be heard, `None` when that is nothing: the pictures are worth something without it.
///
/// # Errors
/// [`MediaError::Read`]: what can't be fetched is not unreadable.
pub(super) fn readable(heard: Result<Heard, MediaError>) -> Result<Option<Heard>, MediaError> {
    match heard {
        Ok(heard) => Ok(Some(heard)),
        Err(MediaError::Read(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dodolens_app::ports::{DecoderFault, ReadError};

    fn loss(heard: u64, promised: u64, silent: bool) -> Option<SoundLoss> {
        let sound = Sound {
            bytes: vec![1].into(),
            format: SoundFormat::Mp3,
            duration: Duration::from_millis(heard),
        };
        let heard = Heard::new(sound, Duration::from_millis(promised), silent);
        assert!(heard.sound.is_some());
        heard.loss
    }

    #[test]
    fn what_is_missing_is_told() {
        let heard = Duration::from_millis(8000);
        assert_eq!(loss(8000, 8000, false), None);
        assert_eq!(loss(8000, 9000, false), None);
        assert_eq!(loss(8000, 4000, false), None);
        assert_eq!(loss(8000, 9001, false), Some(SoundLoss::Cut { heard }));
        assert_eq!(loss(8000, 9001, true), Some(SoundLoss::Silent));
    }

    #[test]
    fn the_store_is_not_blamed_on_the_sound() {
        let fault = MediaError::Decoder(DecoderFault::Killed);
        let store = MediaError::Read(ReadError::Unavailable);
        for (heard, expected) in [
            (Ok(Heard::default()), Ok(true)),
            (Err(fault), Ok(false)),
            (Err(MediaError::Unreadable), Ok(false)),
            (Err(store), Err(store)),
        ] {
            let readable = readable(heard);
            assert_eq!(readable.map(|heard| heard.is_some()), expected);
        }
    }
}

//! Decoding a sound file to samples.

use std::io::{Cursor, ErrorKind};

use bytes::Bytes;
use symphonia::core::{
    codecs::audio::AudioDecoderOptions,
    errors::Error,
    formats::{FormatOptions, TrackType, probe::Hint},
    io::MediaSourceStream,
    meta::MetadataOptions,
};

/// Longest sound that is taken, seconds.
pub(super) const MAX_SECONDS: f64 = 1_400.0;

/// A sound on one channel.
#[derive(Debug)]
pub(super) struct Samples {
    /// Samples a second.
    pub(super) rate: u32,
    /// From -1 to 1.
    pub(super) mono: Vec<f32>,
}

impl Samples {
    /// How long it plays, seconds.
    pub(super) fn seconds(&self) -> f64 {
        self.mono.len() as f64 / f64::from(self.rate)
    }
}

/// A file that is no sound. Says nothing of what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum SoundError {
    #[error("Unrecognized file format.")]
    UnknownEnding,
    #[error("Audio file might be corrupted or unsupported, or is not what its name says.")]
    Corrupted,
    #[error("The audio is longer than 1400 seconds.")]
    TooLong,
}

/// Decodes a file whose name ends with its format.
pub(super) fn decode(name: &str, file: Bytes) -> Result<Samples, SoundError> {
    let (_, ending) = name.rsplit_once('.').ok_or(SoundError::UnknownEnding)?;
    let container = match ending {
        "m4a" | "mp4" => "isomp4",
        "mp3" | "mpga" | "mpeg" => "mp3",
        "flac" => "flac",
        "wav" => "wave",
        _ => return Err(SoundError::UnknownEnding),
    };
    let corrupted = |_| SoundError::Corrupted;
    let stream = MediaSourceStream::new(Box::new(Cursor::new(file)), Default::default());
    let mut hint = Hint::new();
    hint.with_extension(ending);
    let mut format = symphonia::default::get_probe()
        .probe(
            &hint,
            stream,
            FormatOptions::default(),
            MetadataOptions::default(),
        )
        .map_err(corrupted)?;
    if format.format_info().short_name != container {
        return Err(SoundError::Corrupted);
    }
    let track = format
        .default_track(TrackType::Audio)
        .ok_or(SoundError::Corrupted)?;
    let id = track.id;
    let params = track
        .codec_params
        .as_ref()
        .and_then(|params| params.audio());
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(
            params.ok_or(SoundError::Corrupted)?,
            &AudioDecoderOptions::default(),
        )
        .map_err(corrupted)?;

    let mut sound: Option<Samples> = None;
    let mut piece: Vec<f32> = Vec::new();
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            // How some readers say that the file is over.
            Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(corrupted(error)),
        };
        if packet.track_id != id {
            continue;
        }
        let decoded = decoder.decode(&packet).map_err(corrupted)?;
        let (rate, channels) = (decoded.spec().rate(), decoded.spec().channels().count());
        let sound = sound.get_or_insert_with(|| Samples {
            rate,
            mono: Vec::new(),
        });
        if sound.rate != rate || rate == 0 || channels == 0 {
            return Err(SoundError::Corrupted);
        }
        decoded.copy_to_vec_interleaved(&mut piece);
        let average = |frame: &[f32]| frame.iter().sum::<f32>() / channels as f32;
        sound.mono.extend(piece.chunks_exact(channels).map(average));
        if sound.seconds() > MAX_SECONDS {
            return Err(SoundError::TooLong);
        }
    }
    sound
        .filter(|sound| !sound.mono.is_empty())
        .ok_or(SoundError::Corrupted)
}

//! The first film, when the process starts: only a decoder that gives its pictures and its sound within the whole jail is
//! used. One that can tell its version may still be killed in the middle of its work.

use std::{
    os::fd::{AsFd, AsRawFd, OwnedFd},
    time::Duration,
};

use super::{
    commands::{self, Make, Pick},
    ffmpeg::{DECODING, Ffmpeg, Output, Run, SOUND, read_all},
    jail::Limits,
    memfd::MemoryFile,
    mpjpeg,
};
use dodolens_app::ports::{DecoderFault, MediaError, MediaLimits};

/// Two seconds of 32 × 24 pixels, five a second, in H.264 and AAC, with its index first.
const FILM: &[u8] = include_bytes!("fixtures/trial.mp4");
/// When the pictures are shown that are asked for; they stand alone.
const TIMES: [f64; 2] = [0.0, 1.0];
const LIMITS: MediaLimits = MediaLimits {
    frames: TIMES.len(),
    long_side: 32,
    source_pixels: 64 * 24, // libavcodec rounds the width up
    deadline: Duration::from_secs(60),
};
/// Bytes of its sound at most.
const MAX_SOUND: usize = 1 << 20;

/// The film in a memory file. `None` when the system has none, or does not let them be opened.
pub(super) fn film() -> Option<MemoryFile> {
    let mut film = MemoryFile::new(FILM.len()).ok()?;
    film.bytes_mut().copy_from_slice(FILM);
    film.open().ok()?;
    Some(film)
}

/// Has the film decoded in the ways that are used later: from standard input on as many threads as a chain of pictures,
/// and from a memory file where the system has them.
///
/// # Errors
/// When a picture or the sound does not come.
pub(super) async fn run(ffmpeg: &Ffmpeg, film: Option<&MemoryFile>) -> Result<(), MediaError> {
    let chain = commands::pictures_of_mp4(Make::Jpegs, Pick::At(&TIMES, 0.1), TIMES.len(), &LIMITS);
    let chain = pictures(ffmpeg, chain, FILM, None);
    let Some(film) = film else {
        let converted = sound(ffmpeg, commands::sound_of_mp4(&LIMITS), FILM, None);
        return tokio::try_join!(chain, converted).map(drop);
    };
    let open = || film.open().map_err(|_| DecoderFault::Unavailable);
    let (seen, heard) = (open()?, open()?);
    let playlist = commands::playlist(seen.as_raw_fd(), &TIMES);
    let keys = commands::pictures_of_playlist(Make::Jpegs, "V:0", TIMES.len(), &LIMITS);
    let keys = pictures(ffmpeg, keys, playlist.as_bytes(), Some(&seen));
    let converted = commands::sound_of_file(heard.as_raw_fd(), "a:0", &LIMITS);
    let converted = sound(ffmpeg, converted, b"", Some(&heard));
    tokio::try_join!(chain, keys, converted).map(drop)
}

async fn pictures(
    ffmpeg: &Ffmpeg,
    arguments: Vec<String>,
    input: &[u8],
    file: Option<&OwnedFd>,
) -> Result<(), MediaError> {
    let read = |output: Output| mpjpeg::read(output, LIMITS.frames, LIMITS.long_side);
    let pictures = ffmpeg
        .once(&of(arguments, input, file, DECODING), &read)
        .await?
        .output;
    let all = pictures.len() == LIMITS.frames;
    all.then_some(()).ok_or(MediaError::Unreadable)
}

async fn sound(
    ffmpeg: &Ffmpeg,
    arguments: Vec<String>,
    input: &[u8],
    file: Option<&OwnedFd>,
) -> Result<(), MediaError> {
    let read = |output: Output| read_all(output, MAX_SOUND);
    let sound = ffmpeg
        .once(&of(arguments, input, file, SOUND), &read)
        .await?
        .output;
    let some = !sound.is_empty();
    some.then_some(()).ok_or(MediaError::Unreadable)
}

fn of<'a>(
    arguments: Vec<String>,
    input: &'a [u8],
    file: Option<&'a OwnedFd>,
    memory: u64,
) -> Run<'a> {
    Run {
        arguments,
        input,
        file: file.map(AsFd::as_fd),
        limits: Limits {
            cpu: LIMITS.deadline,
            memory,
        },
    }
}

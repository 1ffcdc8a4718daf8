//! Films that show and sound the time.

mod check;
mod truth;

use std::{sync::LazyLock, time::Duration};

use dodolens::{
    app::ports::MediaLimits,
    media::{FfmpegConfig, FfmpegExtractor, Strictness},
};
use dodolens_tests::{
    boxes::Boxes,
    media::{ffmpeg, run_ffmpeg},
};
use tokio::sync::OnceCell;

pub use self::{
    check::check,
    truth::{Truth, fails, shows},
};

pub const LIMITS: MediaLimits = MediaLimits {
    frames: 8,
    long_side: 1024,
    source_pixels: 8192 * 4608,
    deadline: Duration::from_secs(120),
};

/// H.264 with a key a second.
pub const H264: &str = "-c:v libx264 -preset veryfast -g 25 -sc_threshold 0 -bf 2";
/// HEVC with a key a second.
pub const HEVC: &str =
    "-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=none:keyint=25:scenecut=0";

pub async fn extractor() -> &'static FfmpegExtractor {
    static EXTRACTOR: OnceCell<FfmpegExtractor> = OnceCell::const_new();
    let start = || {
        FfmpegExtractor::new(FfmpegConfig {
            path: ffmpeg(),
            strictness: Strictness::Strict,
        })
    };
    EXTRACTOR.get_or_try_init(start).await.unwrap()
}

/// Inputs for ffmpeg: pictures that brighten evenly over `seconds`, black to white, with a white mark in the top left
/// corner, and a tone that rises by 50 Hz a second from 300 Hz.
pub fn clock(size: &str, rate: &str, seconds: u32) -> String {
    format!(
        "-f lavfi -i color=black:s={size}:r={rate}:d={seconds},format=gray,geq=lum='255*T/{seconds}',\
         drawbox=w=iw/4:h=ih/4:color=white:t=fill,format=yuv420p \
         -f lavfi -i aevalsrc='0.5*sin(2*PI*(300*t+25*t*t))':s=48000:d={seconds}"
    )
}

/// A film of the clock, 160x120, 25 pictures a second.
pub fn make(seconds: u32, arguments: &str, ending: &str) -> Vec<u8> {
    run_ffmpeg(
        b"",
        &format!("{} {arguments}", clock("160x120", "25", seconds)),
        ending,
    )
}

/// A film made of another without encoding it again.
pub fn remake(film: &[u8], arguments: &str, ending: &str) -> Vec<u8> {
    run_ffmpeg(film, arguments, ending)
}

/// Sixteen seconds of H.264 and AAC with the index last.
pub fn base() -> Vec<u8> {
    static BASE: LazyLock<Vec<u8>> = LazyLock::new(|| make(16, &format!("{H264} -c:a aac"), "mp4"));
    BASE.clone()
}

/// A film with its boxes changed.
pub fn edited(film: &[u8], change: impl FnOnce(&mut Boxes)) -> Vec<u8> {
    let mut boxes = Boxes::read(film);
    change(&mut boxes);
    boxes.write()
}

/// A test for each film: its name, how it is made, and what is true of it.
macro_rules! films {
    ($($name:ident: $film:expr => $truth:expr;)*) => {
        $(#[tokio::test]
        async fn $name() {
            $crate::film::check($film, $truth).await;
        })*
    };
}

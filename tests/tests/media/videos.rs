//! Videos that show the time, and the check of what comes out of them.

use std::{io::Cursor, time::Duration};

use dodolens::{
    app::ports::{MediaError, MediaExtractor, MediaLimits},
    domain::media::{ExtractedMedia, Frame, SoundFormat},
    media::{FfmpegConfig, FfmpegExtractor, Strictness},
};
use dodolens_tests::media::{InMemory, ffmpeg, run_ffmpeg};

pub const LIMITS: MediaLimits = MediaLimits {
    frames: 8,
    long_side: 1024,
    source_pixels: 4096 * 2304,
    deadline: Duration::from_secs(60),
};

pub async fn extractor() -> FfmpegExtractor {
    let config = FfmpegConfig {
        path: ffmpeg(),
        strictness: Strictness::Strict,
    };
    FfmpegExtractor::new(config).await.unwrap()
}

pub async fn extract(video: Vec<u8>) -> Result<ExtractedMedia, MediaError> {
    extractor()
        .await
        .extract(&InMemory::new(video), &LIMITS)
        .await
}

/// Inputs for ffmpeg: pictures that brighten evenly over `seconds`, black to white, with a white mark in the top left
/// corner, and a tone.
pub fn clock(size: &str, seconds: u32) -> String {
    format!(
        "-f lavfi -i color=black:s={size}:r=25:d={seconds},format=gray,geq=lum='255*T/{seconds}',\
         drawbox=w=iw/4:h=ih/4:color=white:t=fill,format=yuv420p -f lavfi -i sine=frequency=440:r=48000:d={seconds}"
    )
    .replace(", ", ",")
}

/// A clock video made with `arguments`, in a file that ends with `ending`.
pub fn make(size: &str, seconds: u32, arguments: &str, ending: &str) -> Vec<u8> {
    run_ffmpeg(
        b"",
        &format!("{} {arguments}", clock(size, seconds)),
        ending,
    )
}

/// Brightness from 0 to 1 of a picture at a place given from 0 to 1 each way, and its size.
fn brightness(frame: &Frame, x: f64, y: f64) -> (f64, u32, u32) {
    let jpeg = Cursor::new(frame.jpeg.expose());
    let picture = image::ImageReader::with_format(jpeg, image::ImageFormat::Jpeg)
        .decode()
        .unwrap()
        .to_luma8();
    let (width, height) = picture.dimensions();
    let at = |part: f64, len: u32| (part * f64::from(len)) as u32;
    let level = picture.get_pixel(at(x, width), at(y, height)).0[0];
    (f64::from(level) / 255.0, width, height)
}

/// Where the white mark is: the corner, as left/top flags, of the first picture, which is dark.
pub fn marked_corner(media: &ExtractedMedia) -> (bool, bool) {
    let bright = |x, y| brightness(&media.frames[0], x, y).0 > 0.8;
    let corners = [(true, true), (true, false), (false, true), (false, false)];
    let at = |first| if first { 0.1 } else { 0.9 };
    let found: Vec<_> = corners
        .into_iter()
        .filter(|(left, top)| bright(at(*left), at(*top)))
        .collect();
    assert_eq!(found.len(), 1, "one corner is marked");
    found[0]
}

/// Checks that `media` has `count` pictures of the given size that were really taken when it says, spread over the whole
/// of `seconds`.
pub fn check_pictures(media: &ExtractedMedia, count: usize, size: (u32, u32), seconds: f64) {
    assert_eq!(media.frames.len(), count);
    let length = media.duration.as_secs_f64();
    assert!(
        (length - seconds).abs() < 0.25,
        "{length} s instead of {seconds} s"
    );
    for (i, frame) in media.frames.iter().enumerate() {
        let (_, width, height) = brightness(frame, 0.6, 0.6);
        assert_eq!((width, height), size);
        let slice = seconds / count as f64;
        let (middle, at) = (slice * (i as f64 + 0.5), frame.at.as_secs_f64());
        assert!(
            (at - middle).abs() <= slice,
            "picture {i} of {count} is at {at} s"
        );
    }
    check_times(media, seconds);
    assert!(
        media.losses.pictures == 0 && media.losses.unseen.is_empty(),
        "{:?}",
        media.losses
    );
}

/// Checks that every picture of a clock of `seconds` was taken when it says.
pub fn check_times(media: &ExtractedMedia, seconds: f64) {
    for frame in &media.frames {
        let (shown, at) = (
            brightness(frame, 0.6, 0.6).0 * seconds,
            frame.at.as_secs_f64(),
        );
        assert!(
            (shown - at).abs() < 0.03 * seconds,
            "shows {shown} s at {at} s"
        );
    }
}

/// Checks that the sound has the given form, says how long it is, and decodes to a tone of about that length.
pub fn check_sound(media: &ExtractedMedia, format: SoundFormat, seconds: f64) {
    assert!(media.losses.sound.is_none());
    let sound = media.sound.as_ref().unwrap();
    assert_eq!(sound.format, format);
    let said = sound.duration.as_secs_f64();
    let raw = run_ffmpeg(
        sound.bytes.expose(),
        "-i INPUT -ac 1 -ar 8000 -f s16le",
        "pipe",
    );
    let samples: Vec<_> = raw
        .as_chunks()
        .0
        .iter()
        .map(|pair| i16::from_le_bytes(*pair))
        .collect();
    let played = samples.len() as f64 / 8000.0;
    assert!((said - seconds).abs() < 0.2, "said to last {said} s");
    assert!((played - seconds).abs() < 0.2, "lasts {played} s");
    let crossings = samples
        .windows(2)
        .filter(|pair| (pair[0] < 0) != (pair[1] < 0))
        .count();
    let hertz = crossings as f64 / 2.0 / played;
    assert!((hertz - 440.0).abs() < 20.0, "a tone of {hertz} Hz");
}

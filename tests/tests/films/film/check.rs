//! Checks what comes out of a film.

use std::{io::Cursor, time::Duration};

use dodolens::{
    app::ports::MediaExtractor,
    domain::media::{ExtractedMedia, Frame, SoundLoss},
};
use dodolens_tests::media::{InMemory, run_ffmpeg};

use super::{
    LIMITS, extractor,
    truth::{Stretch, Tone, Truth},
};

/// Extracts from a film and checks what comes.
pub async fn check(film: Vec<u8>, truth: Truth) {
    let result = extractor()
        .await
        .extract(&InMemory::new(film), &LIMITS)
        .await;
    let media = match (result, truth.error) {
        (result, Some(error)) => {
            let told = result.map(|media| media.losses);
            return assert_eq!(told, Err(error));
        }
        (result, None) => result.expect("the film is read"),
    };
    check_pictures(&media, &truth);
    check_sound(&media, &truth);
    check_losses(&media, &truth);
}

fn check_pictures(media: &ExtractedMedia, truth: &Truth) {
    let pictures: Vec<_> = media.frames.iter().map(Picture::of).collect();
    let told: Vec<_> = pictures
        .iter()
        .map(|it| format!("{:.2} s shows {:.2}", it.at, it.light * truth.white))
        .collect();
    let length = media.duration.as_secs_f64();
    assert!(
        truth.lasts.contains(&length),
        "lasts {length} s: {told:?}, {:?}",
        media.losses
    );
    assert!(
        truth.pictures.contains(&pictures.len()),
        "{told:?}, {:?}",
        media.losses
    );
    for (i, picture) in pictures.iter().enumerate() {
        assert_eq!(picture.size, truth.size);
        let clock = truth.clock(picture.at);
        let clock = clock.unwrap_or_else(|| panic!("no player shows picture {i} of {told:?}"));
        let shown = picture.light * truth.white;
        assert!(
            (shown - clock).abs() <= truth.slack,
            "picture {i} of {told:?}"
        );
    }
    if truth.unseen.is_empty() {
        check_spread(&pictures, truth, &told);
    }
    if let (Some(corner), Some(first)) = (truth.corner, pictures.first()) {
        assert_eq!(first.marked, [corner], "the marked corner");
    }
}

/// Each slice of what is shown has its picture near, unless it is a still.
fn check_spread(pictures: &[Picture], truth: &Truth, told: &[String]) {
    let slices = *truth.pictures.end();
    let slice = truth.end() / slices as f64;
    for i in 0..slices {
        let middle = slice * (i as f64 + 0.5);
        let moves = |stretch: &Stretch| stretch.shown.contains(&middle) && stretch.pace > 0.0;
        let near = pictures
            .iter()
            .any(|picture| (picture.at - middle).abs() <= slice * 1.1);
        assert!(
            near || !truth.stretches.iter().any(moves),
            "none near {middle} s: {told:?}"
        );
    }
}

/// What a picture shows.
struct Picture {
    at: f64,
    size: (u32, u32),
    /// Brightness from 0 to 1 beside the mark.
    light: f64,
    /// The corners that are white, as left and top flags.
    marked: Vec<(bool, bool)>,
}

impl Picture {
    fn of(frame: &Frame) -> Self {
        let jpeg = Cursor::new(frame.jpeg.expose());
        let picture = image::ImageReader::with_format(jpeg, image::ImageFormat::Jpeg)
            .decode()
            .unwrap()
            .to_luma8();
        let (width, height) = picture.dimensions();
        let light = |x: f64, y: f64| {
            let at = |part: f64, len: u32| (part * f64::from(len)) as u32;
            f64::from(picture.get_pixel(at(x, width), at(y, height)).0[0]) / 255.0
        };
        let place = |first| if first { 0.1 } else { 0.9 };
        let corners = [(true, true), (true, false), (false, true), (false, false)];
        Self {
            at: frame.at.as_secs_f64(),
            size: (width, height),
            light: light(0.6, 0.6),
            marked: corners
                .into_iter()
                .filter(|(left, top)| light(place(*left), place(*top)) > 0.8)
                .collect(),
        }
    }
}

fn check_sound(media: &ExtractedMedia, truth: &Truth) {
    let (Some(sound), Some(wanted)) = (&media.sound, &truth.sound) else {
        let silent = truth.sound_loss == Some(SoundLoss::Silent);
        let same = media.sound.is_some() == truth.sound.is_some();
        return assert!(
            same || silent,
            "sound: {}, {:?}",
            media.sound.is_some(),
            media.losses
        );
    };
    assert!(wanted.formats.contains(&sound.format), "{:?}", sound.format);
    let raw = run_ffmpeg(
        sound.bytes.expose(),
        "-i INPUT -ac 1 -ar 16000 -f s16le",
        "pipe",
    );
    let samples = raw.as_chunks().0.iter();
    let samples: Vec<_> = samples
        .map(|pair| f64::from(i16::from_le_bytes(*pair)))
        .collect();
    let (said, played) = (
        sound.duration.as_secs_f64(),
        samples.len() as f64 / 16_000.0,
    );
    for seconds in [said, played] {
        let near = (seconds - wanted.seconds).abs() < wanted.slack;
        assert!(
            near,
            "said to last {said} s, lasts {played} s, not {} s",
            wanted.seconds
        );
    }
    let mut heard = 0;
    for (i, piece) in samples.chunks_exact(8_000).enumerate() {
        let from = i as f64 / 2.0;
        let loud = piece.iter().any(|sample| sample.abs() > 1_000.0);
        let crossings = piece
            .windows(2)
            .filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0));
        let hertz = crossings.count() as f64;
        // Seams between stretches are left out.
        let at = |into: f64| truth.clock(from + into);
        let clock = at(0.25).filter(|clock| {
            let near = |other: Option<f64>, by: f64| {
                other.is_some_and(|other| (other - clock - by).abs() < 0.01)
            };
            near(at(-0.1), -0.35) && near(at(0.6), 0.35)
        });
        match (wanted.tone, clock) {
            (Tone::Clock, Some(clock)) => {
                let pitch = 300.0 + 50.0 * clock;
                let right = loud && (hertz - pitch).abs() < 30.0;
                assert!(right, "{hertz} Hz at {from} s instead of {pitch} Hz");
                heard += 1;
            }
            (Tone::None, _) => assert!(!loud, "{hertz} Hz at {from} s"),
            _ => heard += usize::from(loud),
        }
    }
    assert!(
        heard > 0 || matches!(wanted.tone, Tone::None),
        "nothing is heard"
    );
}

fn check_losses(media: &ExtractedMedia, truth: &Truth) {
    let losses = &media.losses;
    assert!(truth.lost.contains(&losses.pictures), "{losses:?}");
    if truth.open_end {
        return;
    }
    assert_eq!(losses.unseen.len(), truth.unseen.len(), "{losses:?}");
    for (unseen, wanted) in losses.unseen.iter().zip(&truth.unseen) {
        let near = |at: Duration, wanted: f64| (at.as_secs_f64() - wanted).abs() < 2.1;
        assert!(
            near(unseen.start, wanted.start) && near(unseen.end, wanted.end),
            "{losses:?}"
        );
    }
    match (losses.sound, truth.sound_loss) {
        (Some(SoundLoss::Cut { heard }), Some(SoundLoss::Cut { heard: wanted })) => {
            assert!(
                heard.abs_diff(wanted) < Duration::from_secs(1),
                "{losses:?}"
            );
        }
        (loss, wanted) => assert_eq!(loss, wanted),
    }
}

//! Readers of what a video shows and says.

use std::{f64::consts::TAU, path::PathBuf, process::Command};

use image::GrayImage;

use crate::{
    markers::{COLUMNS, ROWS, key_at, text_of},
    sound::RATE,
    toolchain,
};

/// The ffmpeg of the tests.
pub fn ffmpeg() -> PathBuf {
    toolchain::encoder_program().unwrap()
}

/// What ffmpeg writes to stdout and stderr.
pub fn run(args: &[&str]) -> (Vec<u8>, String) {
    let output = Command::new(ffmpeg())
        .args(["-hide_banner", "-nostdin"])
        .args(args)
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.stdout, messages)
}

/// Two frames a second, as the pipeline makes them.
pub fn frames(video: &str) -> Vec<GrayImage> {
    let dir = tempfile::tempdir().unwrap();
    let filter = "fps=2,scale=w=1024:h=1024:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bilinear";
    let pattern = dir.path().join("%03d.jpg");
    run(&[
        "-loglevel",
        "error",
        "-i",
        video,
        "-vf",
        filter,
        "-q:v",
        "4",
        pattern.to_str().unwrap(),
    ]);
    let mut paths: Vec<_> = dir
        .path()
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| image::open(path).unwrap().to_luma8())
        .collect()
}

/// The texts of the codes in a picture, sorted. Every code must stand upright.
pub fn codes(picture: &GrayImage) -> Vec<String> {
    let mut texts = Vec::new();
    for code in crate::qr::read(picture) {
        let [top_left, top_right, _, bottom_left] = code.corners;
        let (width, height) = (top_right.0 - top_left.0, bottom_left.1 - top_left.1);
        let square = (width - height).abs() <= width / 10.0;
        assert!(width > 0.0 && square, "upright: {:?}", code.corners);
        texts.push(code.text);
    }
    texts.sort();
    texts
}

/// The text of the tones in samples of [`RATE`].
pub fn heard(samples: &[i16]) -> Option<String> {
    const HOP: usize = RATE as usize / 200;
    let mut keys = String::new();
    let mut last = None;
    for window in samples.windows(HOP * 4).step_by(HOP) {
        let key = key_in(window);
        if key != last {
            keys.extend(key);
        }
        last = key;
    }
    text_of(&keys).unwrap()
}

/// The key that sounds through all of 20 ms.
fn key_in(window: &[i16]) -> Option<char> {
    let loudest = |tones: [f64; 4]| {
        let levels = tones.map(|tone| level(window, tone));
        let (index, level) = levels
            .into_iter()
            .enumerate()
            .max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        (level > 0.12).then_some(index)
    };
    key_at(loudest(ROWS)?, loudest(COLUMNS)?)
}

/// How loud a tone is, of full scale (Goertzel).
fn level(window: &[i16], tone: f64) -> f64 {
    let turn = 2.0 * (TAU * tone / f64::from(RATE)).cos();
    let (mut one, mut two) = (0.0, 0.0);
    for sample in window {
        (one, two) = (f64::from(*sample) / 32768.0 + turn * one - two, one);
    }
    let power = one * one + two * two - turn * one * two;
    2.0 * power.max(0.0).sqrt() / f64::from(u32::try_from(window.len()).unwrap())
}

//! Pictures and sounds that carry markers.
#![allow(clippy::unwrap_used)]

use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma, imageops};
use qrcode::QrCode;

use crate::audio::Samples;
use dodolens_video::{
    Placement,
    markers::{GAP, MARK, TONE, keys_of, tones},
};

/// A grey picture with these codes on it: catalogue id, room with or without number, left, top, pixels of a module.
pub(super) fn picture(width: u32, height: u32, codes: &[(&str, &str, u32, u32, u32)]) -> GrayImage {
    let mut picture = GrayImage::from_pixel(width, height, Luma([150]));
    for (item, room, left, top, module) in codes {
        let placement: Placement = format!("{item}@{room}").parse().unwrap();
        let code = QrCode::new(placement.marker.to_string()).unwrap();
        let modules = code.width() as u32;
        let quiet = 4;
        let side = modules + 2 * quiet;
        let mut image = GrayImage::from_pixel(side, side, Luma([255]));
        for (at, color) in (0..).zip(code.to_colors()) {
            if color == qrcode::Color::Dark {
                image.put_pixel(quiet + at % modules, quiet + at / modules, Luma([0]));
            }
        }
        let side = side * module;
        let image = imageops::resize(&image, side, side, imageops::FilterType::Nearest);
        imageops::overlay(&mut picture, &image, i64::from(*left), i64::from(*top));
    }
    picture
}

pub(super) fn jpeg(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// The tones of a text, after half a second of silence.
pub(super) fn speech(text: &str, rate: u32, level: f64) -> Samples {
    keys_sound(&keys_of(text), rate, level)
}

pub(super) fn keys_sound(keys: &str, rate: u32, level: f64) -> Samples {
    assert!(keys.is_empty() || keys.starts_with(MARK));
    let samples = |seconds: f64| (seconds * f64::from(rate)) as usize;
    let mut mono = vec![0.0; samples(0.513)];
    for key in keys.chars() {
        let (low, high) = tones(key).unwrap();
        mono.extend((0..samples(TONE.as_secs_f64())).map(|at| {
            let phase = std::f64::consts::TAU * at as f64 / f64::from(rate);
            (level * ((low * phase).sin() + (high * phase).sin()) / 2.0) as f32
        }));
        mono.extend(std::iter::repeat_n(0.0, samples(GAP.as_secs_f64())));
    }
    mono.extend(vec![0.0; samples(0.25)]);
    Samples { rate, mono }
}

/// A WAV file of 16 bits (RFC 2361; Microsoft's RIFF specification).
pub(super) fn wav(sound: &Samples) -> Vec<u8> {
    let data: Vec<u8> = sound
        .mono
        .iter()
        .flat_map(|x| ((x * 32_767.0) as i16).to_le_bytes())
        .collect();
    let length = |bytes: usize| (bytes as u32).to_le_bytes();
    [
        b"RIFF".as_slice(),
        &length(36 + data.len()),
        b"WAVEfmt ",
        &length(16),
        &[1, 0, 1, 0],
        &sound.rate.to_le_bytes(),
        &(sound.rate * 2).to_le_bytes(),
        &[2, 0, 16, 0],
        b"data",
        &length(data.len()),
        &data,
    ]
    .concat()
}

/// Samples of a FLAC frame.
const BLOCK: usize = 4096;

/// What ffmpeg makes of it: `ending` names the format.
pub(super) fn encoded(sound: &Samples, ending: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        folder.path().join("in.wav"),
        folder.path().join(format!("out.{ending}")),
    );
    std::fs::write(&from, wav(sound)).unwrap();
    let mut ffmpeg =
        std::process::Command::new(dodolens_video::toolchain::encoder_program().unwrap());
    let ran = ffmpeg
        .args(["-loglevel", "error", "-i"])
        .arg(&from)
        .arg(&to)
        .status()
        .unwrap();
    assert!(ran.success());
    std::fs::read(&to).unwrap()
}

/// A FLAC file of 16 bits whose frames hold the samples as they are (RFC 9639).
pub(super) fn flac(sound: &Samples) -> Vec<u8> {
    let block = (BLOCK as u16).to_be_bytes();
    // 20 bits of rate, 3 of channels less one, 5 of bits less one, 36 of samples.
    let sizes = u64::from(sound.rate) << 44 | 15 << 36 | sound.mono.len() as u64;
    let mut file = [
        b"fLaC\x80\0\0\x22".as_slice(),
        &block,
        &block,
        &[0; 6],
        &sizes.to_be_bytes(),
        &[0; 16],
    ]
    .concat();
    for (number, samples) in (0..).zip(sound.mono.chunks(BLOCK)) {
        let mut frame = vec![0xff, 0xf8, 0x70, 0x08];
        let number = char::from_u32(number).unwrap();
        frame.extend(number.encode_utf8(&mut [0; 4]).bytes());
        frame.extend((samples.len() as u16 - 1).to_be_bytes());
        frame.push(crc(&frame, 8, 0x07) as u8);
        frame.push(0b10);
        frame.extend(
            samples
                .iter()
                .flat_map(|x| ((x * 32_767.0) as i16).to_be_bytes()),
        );
        frame.extend((crc(&frame, 16, 0x8005) as u16).to_be_bytes());
        file.extend(frame);
    }
    file
}

fn crc(bytes: &[u8], bits: u32, polynomial: u32) -> u32 {
    let top = 1 << (bits - 1);
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << (bits - 8), |crc, _| {
            let shifted = crc << 1;
            let reduced = if crc & top == 0 {
                shifted
            } else {
                shifted ^ polynomial
            };
            reduced & (top << 1).wrapping_sub(1)
        })
    })
}

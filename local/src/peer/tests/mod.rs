//! The peer by itself, over raw HTTP, and the real adapter against it.

mod adapter;
mod hearing;
mod strictness;

use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma, imageops};
use qrcode::QrCode;
use tokio::net::TcpListener;

use super::{Peer, PeerOptions, audio::Samples, serve};
use crate::markers::{GAP, MARK, Marker, TONE, keys_of, tones};

const KEY: &str = "sk-simulated";

async fn peer(options: PeerOptions) -> Peer {
    serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), options).unwrap()
}

/// A grey picture with these codes on it: marker, left, top, pixels of a module.
fn picture(width: u32, height: u32, codes: &[(&str, &str, u32, u32, u32)]) -> GrayImage {
    let mut picture = GrayImage::from_pixel(width, height, Luma([150]));
    for (item, room, left, top, module) in codes {
        let code = QrCode::new(Marker::new(item, room).unwrap().to_string()).unwrap();
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

fn jpeg(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// The tones of a text, after half a second of silence.
fn speech(text: &str, rate: u32, level: f64) -> Samples {
    keys_sound(&keys_of(text), rate, level)
}

fn keys_sound(keys: &str, rate: u32, level: f64) -> Samples {
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
fn wav(sound: &Samples) -> Vec<u8> {
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

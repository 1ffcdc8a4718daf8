//! Reading every QR code of a picture.

use std::time::{Duration, Instant};

use image::{GrayImage, Luma, SubImage, imageops};
use rqrr::PreparedImage;

/// Corners of a code in the picture, pixels.
type Corners = [(f64, f64); 4];

/// A look at the picture: how many tiles a side, and by how much they are enlarged.
const LOOKS: [(u32, u32); 4] = [(1, 1), (1, 2), (2, 1), (3, 2)];
/// No further look is begun after this: rqrr's effort grows steeply with the codes in view. Twelve codes in rows take
/// some 0.7 s of a busy core, eighty take seconds a look.
const PATIENCE: Duration = Duration::from_secs(5);

/// The texts of all codes, equal ones too.
///
/// rqrr takes corner patterns of different codes for one code where many stand in rows, and then misses the true ones.
/// So what was read is painted over and the picture read again; where there is something that can't be read, or nothing
/// was read, it is read enlarged, and in tiles that show fewer codes.
pub(super) fn read(picture: &GrayImage) -> Vec<String> {
    let started = Instant::now();
    let mut picture = picture.clone();
    let mut texts = Vec::new();
    for (at, (tiles, scale)) in LOOKS.into_iter().enumerate() {
        let mut unread = false;
        for (left, top, width, height) in regions(&picture, tiles) {
            while started.elapsed() < PATIENCE {
                let region = imageops::crop_imm(&picture, left, top, width, height);
                let (codes, missed) = read_once(&region, scale);
                if codes.is_empty() {
                    unread |= missed;
                    break;
                }
                for (text, corners) in codes {
                    let moved = corners.map(|(x, y)| (x + f64::from(left), y + f64::from(top)));
                    paint_over(&mut picture, moved);
                    texts.push(text);
                }
            }
        }
        let enlarged = at > 0;
        if !unread && (enlarged || !texts.is_empty()) {
            break;
        }
    }
    texts
}

/// Tiles that overlap by half: left, top, width and height.
fn regions(picture: &GrayImage, tiles: u32) -> Vec<(u32, u32, u32, u32)> {
    let (width, height) = picture.dimensions();
    let steps = tiles * 2 - 1;
    let (wide, high) = (width * 2 / (steps + 1), height * 2 / (steps + 1));
    let place = |step: u32, size: u32| step * size / (steps + 1);
    (0..steps)
        .flat_map(|row| (0..steps).map(move |column| (row, column)))
        .map(|(row, column)| (place(column, width), place(row, height), wide, high))
        .collect()
}

/// The codes that rqrr finds, and whether it found some that it could not read.
fn read_once(region: &SubImage<&GrayImage>, scale: u32) -> (Vec<(String, Corners)>, bool) {
    let image = region.to_image();
    let image = if scale == 1 {
        image
    } else {
        let (width, height) = image.dimensions();
        let filter = imageops::FilterType::Triangle;
        imageops::resize(&image, width * scale, height * scale, filter)
    };
    let mut missed = false;
    let mut codes = Vec::new();
    for grid in PreparedImage::prepare(image).detect_grids() {
        let scale = f64::from(scale);
        let place = |point: rqrr::Point| (f64::from(point.x) / scale, f64::from(point.y) / scale);
        match grid.decode() {
            Ok((_, text)) => codes.push((text, grid.bounds.map(place))),
            Err(_) => missed = true,
        }
    }
    (codes, missed)
}

/// Makes everything within the corners white.
fn paint_over(picture: &mut GrayImage, corners: Corners) {
    let [a, b, c, d] = corners;
    let edges = [(a, b), (b, c), (c, d), (d, a)];
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
        let side = |((x0, y0), (x1, y1)): ((f64, f64), (f64, f64))| {
            (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
        };
        let inside = edges.map(side);
        if inside.iter().all(|side| *side >= 0.0) || inside.iter().all(|side| *side <= 0.0) {
            *pixel = Luma([u8::MAX]);
        }
    }
}

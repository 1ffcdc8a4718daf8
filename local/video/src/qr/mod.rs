//! Reading every QR code of a picture.

mod corners;

use std::time::{Duration, Instant};

use image::{GrayImage, Luma, SubImage, imageops};
use rqrr::PreparedImage;

/// Corners of a code in the picture, pixels: in the order in which its upright picture has them top left, top right,
/// bottom right, bottom left.
type Corners = [(f64, f64); 4];

/// A QR code that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Code {
    /// What it says.
    pub text: String,
    /// Where it is.
    pub corners: Corners,
}

/// A look at the picture: how many tiles a side, and by how much they are enlarged.
const LOOKS: [(u32, u32); 4] = [(1, 1), (1, 2), (2, 1), (3, 2)];
/// No further look is begun after this: rqrr's effort grows steeply with the codes in view, and eighty take seconds a
/// look.
const PATIENCE: Duration = Duration::from_secs(5);

/// Width of what is painted over for the width of a code. A module more all around is less than the light that a code has
/// around it.
const PAINTED: f64 = 1.06;

/// Every code in the picture, equal ones too.
///
/// rqrr takes corner patterns of different codes for one code where many stand in rows, and then misses the true ones.
/// So what was read is painted over, and as long as there is something like a corner pattern the picture is read again,
/// then enlarged, and, where there is something that can't be read, in tiles that show fewer codes.
#[must_use]
pub fn read(picture: &GrayImage) -> Vec<Code> {
    let started = Instant::now();
    let mut picture = picture.clone();
    let mut codes = Vec::new();
    for (at, (tiles, scale)) in LOOKS.into_iter().enumerate() {
        let (mut corners, mut unread) = (false, false);
        for (left, top, width, height) in regions(&picture, tiles) {
            while started.elapsed() < PATIENCE {
                let region = imageops::crop_imm(&picture, left, top, width, height);
                let look = look(&region, scale);
                if look.codes.is_empty() {
                    corners |= look.corners;
                    unread |= look.unread;
                    break;
                }
                for Code { text, corners } in look.codes {
                    let corners = corners.map(|(x, y)| (x + f64::from(left), y + f64::from(top)));
                    paint_over(&mut picture, corners);
                    codes.push(Code { text, corners });
                }
            }
        }
        // At its own size rqrr does not even find some codes of 3 pixels a module.
        let enlarged = at > 0;
        if !corners || enlarged && !unread {
            break;
        }
    }
    codes
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

/// What rqrr finds in one look.
#[derive(Default)]
struct Look {
    codes: Vec<Code>,
    /// Whether there is something like a corner pattern.
    corners: bool,
    /// Whether there is a code that it could not read.
    unread: bool,
}

fn look(region: &SubImage<&GrayImage>, scale: u32) -> Look {
    let image = region.to_image();
    let image = if scale == 1 {
        image
    } else {
        let (width, height) = image.dimensions();
        let filter = imageops::FilterType::Triangle;
        imageops::resize(&image, width * scale, height * scale, filter)
    };
    let mut look = Look::default();
    let mut prepared = PreparedImage::prepare(image.clone());
    look.corners = corners::any(&image, &prepared);
    if !look.corners {
        return look;
    }
    for grid in prepared.detect_grids() {
        let scale = f64::from(scale);
        let place = |point: rqrr::Point| (f64::from(point.x) / scale, f64::from(point.y) / scale);
        match grid.decode() {
            Ok((_, text)) => look.codes.push(Code {
                text,
                corners: grid.bounds.map(place),
            }),
            Err(_) => look.unread = true,
        }
    }
    look
}

/// Makes everything within the corners white, and some of the light around it: corners are told a pixel or two off.
fn paint_over(picture: &mut GrayImage, corners: Corners) {
    let middle = |of: fn((f64, f64)) -> f64| corners.map(of).iter().sum::<f64>() / 4.0;
    let (x, y) = (middle(|(x, _)| x), middle(|(_, y)| y));
    let corners = corners.map(|at| (x + (at.0 - x) * PAINTED, y + (at.1 - y) * PAINTED));
    let [a, b, c, d] = corners;
    let edges = [(a, b), (b, c), (c, d), (d, a)];
    let reach = |of: fn((f64, f64)) -> f64, size: u32| {
        let ends = corners.map(of);
        let first = ends.into_iter().fold(f64::INFINITY, f64::min);
        let last = ends.into_iter().fold(0.0, f64::max);
        first as u32..(last.ceil() as u32).min(size)
    };
    let columns = reach(|(x, _)| x, picture.width());
    for row in reach(|(_, y)| y, picture.height()) {
        for column in columns.clone() {
            let (x, y) = (f64::from(column) + 0.5, f64::from(row) + 0.5);
            let side = |((x0, y0), (x1, y1)): ((f64, f64), (f64, f64))| {
                (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
            };
            let inside = edges.map(side);
            if inside.iter().all(|side| *side >= 0.0) || inside.iter().all(|side| *side <= 0.0) {
                picture.put_pixel(column, row, Luma([u8::MAX]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use qrcode::QrCode;

    use super::*;

    /// Codes of `module` pixels a module in a tight grid.
    fn grid(texts: &[&str], columns: u32, module: u32) -> GrayImage {
        let codes: Vec<_> = texts
            .iter()
            .map(|text| QrCode::new(text).unwrap())
            .collect();
        let step = u32::try_from(codes[0].width()).unwrap() + 8;
        let rows = u32::try_from(texts.len()).unwrap().div_ceil(columns);
        let mut picture =
            GrayImage::from_pixel(columns * step * module, rows * step * module, Luma([255]));
        for (code, index) in codes.iter().zip(0..) {
            let (left, top) = (index % columns * step + 4, index / columns * step + 4);
            for (color, at) in code.to_colors().into_iter().zip(0..) {
                let (x, y) = (at % (step - 8) + left, at / (step - 8) + top);
                let dot = |at: u32| at * module..(at + 1) * module;
                for (x, y) in dot(y).flat_map(|y| dot(x).map(move |x| (x, y))) {
                    picture.put_pixel(x, y, Luma([color.select(0, 255)]));
                }
            }
        }
        picture
    }

    fn texts(picture: &GrayImage) -> Vec<String> {
        let mut texts: Vec<_> = read(picture).into_iter().map(|code| code.text).collect();
        texts.sort();
        texts
    }

    #[test]
    fn every_code_of_a_grid_is_read_and_equal_ones_are_counted() {
        let all = [
            "a", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "k", "k", "l", "m",
        ];
        for module in [2, 3, 6] {
            assert_eq!(
                texts(&grid(&all, 4, module)),
                all,
                "{module} pixels a module"
            );
        }
    }

    #[test]
    fn a_code_is_told_with_its_place() {
        let code = &read(&grid(&["here"], 1, 5))[0];
        for ((x, y), (true_x, true_y)) in code.corners.into_iter().zip([
            (20.0, 20.0),
            (125.0, 20.0),
            (125.0, 125.0),
            (20.0, 125.0),
        ]) {
            assert!(
                (x - true_x).abs() < 8.0 && (y - true_y).abs() < 8.0,
                "{:?}",
                code.corners
            );
        }
    }

    #[test]
    fn a_picture_without_codes_has_none() {
        assert_eq!(read(&GrayImage::from_pixel(64, 48, Luma([90]))), []);
    }
}

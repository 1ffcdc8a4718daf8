//! Reads every QR code in a picture.

use image::{GrayImage, Luma, imageops, imageops::FilterType};
use rqrr::{Point, PreparedImage};

/// A QR code that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// What it says.
    pub text: String,
    /// Where it is, pixels (x, y): the corners in the order in which its upright picture has them top left, top right,
    /// bottom right, bottom left.
    pub corners: [(i32, i32); 4],
}

/// Every code in the picture, equal ones too.
///
/// rqrr takes corner patterns of different codes for one code where many stand in a grid, and then misses the true ones
/// (`find_groupings` goes on pairing a pattern that it has already placed). So what was read is painted over and the
/// picture read again until nothing new is found. It also misses some codes of 3 pixels a module: what is left of the
/// picture is read again at twice the size.
#[must_use]
pub fn read(picture: &GrayImage) -> Vec<Code> {
    let mut picture = picture.clone();
    let mut codes = read_off(&mut picture);
    let (width, height) = (picture.width() * 2, picture.height() * 2);
    let mut larger = imageops::resize(&picture, width, height, FilterType::Triangle);
    codes.extend(read_off(&mut larger).into_iter().map(|code| Code {
        corners: code.corners.map(|(x, y)| (x / 2, y / 2)),
        ..code
    }));
    codes
}

/// Reads codes and paints them over until no more is found.
fn read_off(picture: &mut GrayImage) -> Vec<Code> {
    let mut codes = Vec::new();
    loop {
        let before = codes.len();
        for grid in PreparedImage::prepare(picture.clone()).detect_grids() {
            if let Ok((_, text)) = grid.decode() {
                let corners = grid.bounds.map(|Point { x, y }| (x, y));
                paint_over(picture, corners);
                codes.push(Code { text, corners });
            }
        }
        if codes.len() == before {
            return codes;
        }
    }
}

/// Makes everything within the corners white.
fn paint_over(picture: &mut GrayImage, corners: [(i32, i32); 4]) {
    let [a, b, c, d] = corners;
    let edges = [(a, b), (b, c), (c, d), (d, a)];
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (x, y) = (i64::from(x), i64::from(y));
        let side = |((x0, y0), (x1, y1)): ((i32, i32), (i32, i32))| {
            let [x0, y0, x1, y1] = [x0, y0, x1, y1].map(i64::from);
            (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
        };
        if edges.into_iter().all(|edge| side(edge) >= 0) {
            *pixel = Luma([u8::MAX]);
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
        for ((x, y), (true_x, true_y)) in
            code.corners
                .into_iter()
                .zip([(20, 20), (125, 20), (125, 125), (20, 125)])
        {
            assert!(
                (x - true_x).abs() < 8 && (y - true_y).abs() < 8,
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

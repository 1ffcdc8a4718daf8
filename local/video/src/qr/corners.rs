//! A quick look whether there can be a code in a picture at all: each has three corner patterns, which show runs of
//! dark and light in the ratio 1:1:3:1:1 across and down through their middle, however they are turned.

use image::{GrayImage, Luma};
use rqrr::PreparedImage;

/// Least width of a module, pixels: what is smaller is noise.
const MODULE: usize = 2;
/// Rows from one that is looked at to the next, pixels. The middle of a pattern is three modules high.
const STEP: usize = 2;

/// How much lighter than the dark of a code its light is at least, of 255. Without it, noise has corner patterns.
const CONTRAST: u8 = 64;

/// Whether there is something like a corner pattern in a picture, which is also given in dark and light.
pub(super) fn any(picture: &GrayImage, image: &PreparedImage<GrayImage>) -> bool {
    let mut rows = (0..image.height()).step_by(STEP);
    rows.any(|y| {
        let mut found = middles_in_row(image, y).into_iter();
        found.any(|across| is_distinct(picture, across, y) && goes_down(image, across.middle, y))
    })
}

/// Where a row goes through a pattern.
#[derive(Clone, Copy)]
struct Across {
    middle: usize,
    /// The light on both sides of the middle.
    lights: [usize; 2],
}

fn is_dark(image: &PreparedImage<GrayImage>, x: usize, y: usize) -> bool {
    // 0 is white.
    image.get_pixel_at(x, y) != 0
}

/// Where there are runs in the ratio.
fn middles_in_row(image: &PreparedImage<GrayImage>, y: usize) -> Vec<Across> {
    let width = image.width();
    let mut found = Vec::new();
    let mut runs = [0; 5];
    let (mut dark, mut start) = (false, 0);
    for x in 0..=width {
        // Whatever is beyond the picture is light.
        let now = x < width && is_dark(image, x, y);
        if now == dark {
            continue;
        }
        runs.rotate_left(1);
        let [.., last] = &mut runs;
        *last = x - start;
        (dark, start) = (now, x);
        if !now && is_pattern(runs) {
            let [_, left, middle, right, ring] = runs;
            let stone = x - ring - right - middle;
            found.push(Across {
                middle: stone + middle / 2,
                lights: [stone - left.div_ceil(2), stone + middle + right / 2],
            });
        }
    }
    found
}

fn is_distinct(picture: &GrayImage, across: Across, y: usize) -> bool {
    let grey = |x: usize| {
        let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
        picture.get_pixel_checked(x, y).map(|Luma([grey])| *grey)
    };
    let Some(dark) = grey(across.middle) else {
        return false;
    };
    let mut lights = across.lights.into_iter();
    lights.all(|x| grey(x).is_some_and(|light| light >= dark.saturating_add(CONTRAST)))
}

/// Whether the runs of a column through this place are in the ratio too.
fn goes_down(image: &PreparedImage<GrayImage>, x: usize, y: usize) -> bool {
    let up = outward((0..y).rev().map(|y| is_dark(image, x, y)));
    let down = outward((y + 1..image.height()).map(|y| is_dark(image, x, y)));
    let ([half, light, ring], [other_half, other_light, other_ring]) = (up, down);
    is_pattern([ring, light, half + 1 + other_half, other_light, other_ring])
}

/// Lengths of the first three runs: dark, light and dark.
fn outward(pixels: impl Iterator<Item = bool>) -> [usize; 3] {
    let mut pixels = pixels.peekable();
    [true, false, true].map(|dark| {
        let mut length = 0;
        while pixels.next_if_eq(&dark).is_some() {
            length += 1;
        }
        length
    })
}

/// As lenient as rqrr: each run is within three quarters of a module.
fn is_pattern(runs: [usize; 5]) -> bool {
    let [a, b, middle, c, d] = runs;
    let module = (a + b + c + d) / 4;
    let slack = module * 3 / 4;
    let fits = |run: usize, modules: usize| run.abs_diff(modules * module) <= slack;
    module >= MODULE && fits(middle, 3) && [a, b, c, d].iter().all(|run| fits(*run, 1))
}

#[cfg(test)]
mod tests {
    use image::imageops;
    use qrcode::QrCode;

    use super::*;

    fn found(picture: &GrayImage) -> bool {
        any(picture, &PreparedImage::prepare(picture.clone()))
    }

    /// A wall with a code on it, whose black is of this grey.
    fn wall(module: u32, black: u8) -> GrayImage {
        let mut wall = GrayImage::from_pixel(400, 300, Luma([200]));
        let code = QrCode::new("item=chair;room=kitchen").unwrap();
        let side = u32::try_from(code.width()).unwrap();
        for (color, at) in code.to_colors().into_iter().zip(0..) {
            let dot = GrayImage::from_pixel(module, module, Luma([color.select(black, 255)]));
            let place = |at: u32| i64::from(40 + at * module);
            imageops::overlay(&mut wall, &dot, place(at % side), place(at / side));
        }
        wall
    }

    #[test]
    fn a_code_has_corners_however_it_stands() {
        for module in [2, 3, 8] {
            let wall = wall(module, 0);
            assert!(found(&wall), "{module} pixels a module");
            assert!(found(&imageops::rotate90(&wall)));
            assert!(found(&imageops::blur(&wall, 0.8)));
        }
    }

    #[test]
    fn what_is_no_code_has_none() {
        assert!(!found(&GrayImage::from_pixel(400, 300, Luma([200]))));
        let mut rng = fastrand::Rng::with_seed(1);
        let noise = GrayImage::from_fn(1024, 576, |_, _| Luma([rng.u8(185..=215)]));
        assert!(!found(&noise));
        assert!(!found(&wall(4, 220)), "too pale to be one");
    }

    #[test]
    fn the_smallest_pictures_have_none() {
        for (width, height) in [(1, 1), (7, 1), (1, 7), (2, 3)] {
            assert!(!found(&GrayImage::from_pixel(width, height, Luma([0]))));
        }
    }
}

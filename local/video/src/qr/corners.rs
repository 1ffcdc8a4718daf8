//! A quick look whether there can be a code in a picture at all: each has three corner patterns, which show runs of
//! dark and light in the ratio 1:1:3:1:1 across and down through their middle, however they are turned.

use image::GrayImage;
use rqrr::PreparedImage;

/// Rows from one that is looked at to the next, pixels. The middle of a pattern is three modules high, and no code is
/// read of less than two pixels a module.
const STEP: usize = 2;

/// Whether there is something like a corner pattern.
pub(super) fn any(image: &PreparedImage<GrayImage>) -> bool {
    let middles = |y| middles_in_row(image, y).into_iter();
    let mut rows = (0..image.height()).step_by(STEP);
    rows.any(|y| middles(y).any(|x| goes_down(image, x, y)))
}

fn is_dark(image: &PreparedImage<GrayImage>, x: usize, y: usize) -> bool {
    // 0 is white.
    image.get_pixel_at(x, y) != 0
}

/// Where the middles of runs in the ratio are.
fn middles_in_row(image: &PreparedImage<GrayImage>, y: usize) -> Vec<usize> {
    let width = image.width();
    let mut middles = Vec::new();
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
            let [.., middle, light, ring] = runs;
            middles.push(x - ring - light - middle / 2 - 1);
        }
    }
    middles
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
    module > 0 && fits(middle, 3) && [a, b, c, d].iter().all(|run| fits(*run, 1))
}

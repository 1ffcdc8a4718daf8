//! How alike two pictures are, by their small copies.

use super::look::Look;

/// How far a hand moves the picture, small pixels.
const TREMBLE: isize = 3;
/// Side of a block, and from one to the next, small pixels. An object that covers a hundredth of the picture fills one.
const BLOCK: usize = 8;
const STEP: usize = 4;
/// Mean difference of 255 that a block may show and be the same: noise and half a pixel of movement.
const SAME: f32 = 6.0;
/// How much brighter or darker, of 255, a camera makes the same picture.
const EXPOSURE: f32 = 24.0;
/// How far a camera pans between two pictures that still share much, small pixels, and the steps in which that is tried.
const PAN: isize = 72;
const TILT: isize = 8;
const COARSE: usize = 8;
/// Contrast, of 255, that pictures have of which one can say that they share nothing.
const RICH: f32 = 20.0;

/// What two small copies of the same size share when one is moved over the other.
struct Overlap<'a> {
    a: &'a [u8],
    b: &'a [u8],
    stride: usize,
    /// Where the shared part begins in each, and its size.
    a_at: (usize, usize),
    b_at: (usize, usize),
    size: (usize, usize),
}

impl<'a> Overlap<'a> {
    /// `None` when nothing is shared.
    fn new(a: &'a Look, b: &'a Look, (x, y): (isize, isize)) -> Option<Self> {
        if a.width != b.width || a.grey.len() != b.grey.len() {
            return None;
        }
        let height = a.grey.len().checked_div(a.width)?;
        let ahead = |shift: isize| usize::try_from(shift).unwrap_or(0);
        let size = (
            a.width.checked_sub(x.unsigned_abs())?,
            height.checked_sub(y.unsigned_abs())?,
        );
        (size.0 > 0 && size.1 > 0).then_some(Self {
            a: &a.grey,
            b: &b.grey,
            stride: a.width,
            a_at: (ahead(x), ahead(y)),
            b_at: (ahead(-x), ahead(-y)),
            size,
        })
    }

    /// How much brighter the one is than the other at each pixel of a part of what is shared.
    fn differences(
        &self,
        at: (usize, usize),
        size: (usize, usize),
    ) -> impl Iterator<Item = i32> + '_ {
        let row = move |pixels: &'a [u8], from: (usize, usize), y: usize| {
            let start = (from.1 + at.1 + y) * self.stride + from.0 + at.0;
            pixels.get(start..start + size.0).unwrap_or_default()
        };
        (0..size.1).flat_map(move |y| {
            let (a, b) = (row(self.a, self.a_at, y), row(self.b, self.b_at, y));
            a.iter().zip(b).map(|(a, b)| i32::from(*a) - i32::from(*b))
        })
    }

    /// How much brighter the one is than the other on the whole.
    fn exposure(&self) -> f32 {
        let sum: i32 = self.differences((0, 0), self.size).sum();
        sum as f32 / (self.size.0 * self.size.1) as f32
    }

    /// Mean difference of a part when one is made as bright as the other.
    fn distance(&self, exposure: f32, at: (usize, usize), size: (usize, usize)) -> f32 {
        let differences = self.differences(at, size);
        let sum: f32 = differences.map(|it| (it as f32 - exposure).abs()).sum();
        sum / (size.0 * size.1) as f32
    }

    /// Whether every block is the same.
    fn same(&self) -> bool {
        let exposure = self.exposure();
        let block = (self.size.0.min(BLOCK), self.size.1.min(BLOCK));
        exposure.abs() <= EXPOSURE
            && starts(self.size.1).all(|y| {
                starts(self.size.0).all(|x| self.distance(exposure, (x, y), block) <= SAME)
            })
    }
}

/// Where blocks begin on a side, so that they cover all of it.
fn starts(side: usize) -> impl Iterator<Item = usize> {
    let last = side.saturating_sub(BLOCK);
    (0..last).step_by(STEP).chain([last])
}

/// Whether `a` shows nothing that `b` does not: they are the same but for the trembling of a hand and the exposure.
pub(super) fn repeats(a: &Look, b: &Look) -> bool {
    let mut shifts: Vec<_> = (-TREMBLE..=TREMBLE)
        .flat_map(|y| (-TREMBLE..=TREMBLE).map(move |x| (x, y)))
        .collect();
    shifts.sort_by_key(|(x, y)| x.abs() + y.abs());
    let overlaps = shifts.into_iter().filter_map(|by| Overlap::new(a, b, by));
    overlaps.into_iter().any(|overlap| overlap.same())
}

/// Mean difference of 255 between two pictures where they fit best, as far as a camera pans; `None` when their sizes differ.
pub(super) fn distance(a: &Look, b: &Look) -> Option<f32> {
    let shifts = (-TILT..=TILT)
        .step_by(COARSE)
        .flat_map(|y| (-PAN..=PAN).step_by(COARSE).map(move |x| (x, y)));
    let distances = shifts.filter_map(|by| {
        let overlap = Overlap::new(a, b, by)?;
        Some(overlap.distance(overlap.exposure(), (0, 0), overlap.size))
    });
    distances.min_by(f32::total_cmp)
}

/// Whether two pictures, `distance` apart, share hardly anything: they differ more than each does in itself.
pub(super) fn unlike(a: &Look, b: &Look, distance: f32) -> bool {
    let contrast = (a.contrast + b.contrast) / 2.0;
    a.contrast.min(b.contrast) >= RICH && distance >= contrast
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::look::tests::{HEIGHT, WIDTH, codes, drawn};

    /// A room of furniture: boxes of many greys, moved to the left and up, made brighter, with noise.
    pub(crate) fn room(
        seed: usize,
        (left, up): (usize, usize),
        brighter: u8,
        noise: usize,
    ) -> Look {
        drawn(move |x, y| {
            let (column, row) = ((x + left) / 90, (y + up) / 70);
            let grey =
                (column * 37 + row * 101 + column * row * 29 + seed * 57 + (column ^ seed) * 13)
                    % 180;
            let grain = (x * 31 + y * 17 + x * y) % (noise + 1);
            u8::try_from(grey + grain).unwrap() + brighter
        })
    }

    #[test]
    fn a_hand_that_trembles_and_an_exposure_that_changes_are_repeats() {
        let still = room(1, (0, 0), 0, 10);
        assert!(repeats(&still, &room(1, (0, 0), 0, 20)));
        assert!(repeats(&still, &room(1, (0, 0), 20, 10)));
        for (left, up) in [(10, 0), (0, 20), (30, 30)] {
            let moved = room(1, (left, up), 0, 10);
            assert!(
                repeats(&still, &moved) && repeats(&moved, &still),
                "{left} {up}"
            );
        }
        assert!(!repeats(&still, &room(1, (0, 0), 50, 10)));
        assert!(!repeats(&still, &room(1, (60, 0), 0, 10)));
        assert!(!repeats(&still, &room(2, (0, 0), 0, 10)));
    }

    #[test]
    fn pictures_of_other_sizes_are_never_repeats() {
        let (a, b) = (
            Look::of_luma(&[9; 12], 3).unwrap(),
            Look::of_luma(&[9; 12], 4).unwrap(),
        );
        assert!(repeats(&a, &a) && !repeats(&a, &b) && distance(&a, &b).is_none());
    }

    #[test]
    fn rooms_that_share_nothing_are_unlike_and_a_pan_is_not() {
        let still = room(1, (0, 0), 0, 10);
        let apart = |other: &Look| distance(&still, other).unwrap();
        let (other, panned) = (room(5, (45, 30), 0, 10), room(1, (480, 0), 0, 10));
        assert!(unlike(&still, &other, apart(&other)), "{}", apart(&other));
        assert!(
            !unlike(&still, &panned, apart(&panned)),
            "{}",
            apart(&panned)
        );
        let (few, others) = (codes(&[(100, 100)]), codes(&[(800, 400)]));
        assert!(!unlike(&few, &others, distance(&few, &others).unwrap()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn a_code_that_comes_or_goes_is_no_repeat(
            x in 0..WIDTH - 100, y in 0..HEIGHT - 100, other in proptest::option::of((0..WIDTH - 100, 0..HEIGHT - 100)),
        ) {
            let others = Vec::from_iter(other);
            let both = [&others[..], &[(x, y)]].concat();
            let hidden = others.iter().any(|it| it.0.abs_diff(x) < 100 && it.1.abs_diff(y) < 100);
            prop_assume!(!hidden);
            let (with, without) = (codes(&both), codes(&others));
            prop_assert!(!repeats(&with, &without) && !repeats(&without, &with));
            prop_assert!(repeats(&with, &with));
        }
    }
}

//! What a picture looks like, as far as that tells whether it is good and whether it shows what another shows.

use zeroize::Zeroizing;
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

/// Long side of a small copy, pixels. A QR code of 100 px in a picture of 1280 px is 10 wide in it.
const SIDE: usize = 128;
/// Rows from one that is looked at for edges to the next.
const ROWS: usize = 8;
/// Pixels to either side within which an edge counts as one, however smeared it is.
const REACH: usize = 8;
/// How much brighter one side of an edge is, of 255.
const EDGE: u16 = 32;
/// Part of the places looked at that must be at edges for their sharpness to say something: one in so many.
const ENOUGH: u64 = 200;
/// Mean brightness of 255 below which a picture is dark, unless there is contrast in it.
const DARK: f32 = 28.0;
/// Mean distance from the mean, of 255, below which there is little contrast.
const FLAT: f32 = 12.0;

/// A small grey copy of a picture, and measures of it. The copy is wiped when dropped, and never shown.
#[derive(Clone)]
pub(super) struct Look {
    /// Rows of the copy.
    pub(super) grey: Zeroizing<Vec<u8>>,
    /// Width of the copy, pixels; at least 1.
    pub(super) width: usize,
    /// Mean brightness, of 255.
    pub(super) mean: f32,
    /// Mean distance from it, of 255.
    pub(super) contrast: f32,
    /// How sharp its edges are, from 0 up, whatever their number and height; `None` when it has too few.
    pub(super) sharpness: Option<f32>,
}

impl std::fmt::Debug for Look {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Look").finish_non_exhaustive()
    }
}

impl Look {
    /// The look of a JPEG; `None` when it can't be decoded.
    pub(super) fn of(jpeg: &[u8]) -> Option<Self> {
        let options = DecoderOptions::new_safe().jpeg_set_out_colorspace(ColorSpace::Luma);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
        decoder.decode_headers().ok()?;
        let width = usize::from(decoder.info()?.width);
        let mut luma = Zeroizing::new(vec![0; decoder.output_buffer_size()?]);
        decoder.decode_into(&mut luma).ok()?;
        Self::of_luma(&luma, width)
    }

    /// The look of a picture by its rows; `None` when it has none.
    pub(super) fn of_luma(luma: &[u8], width: usize) -> Option<Self> {
        let height = luma.len().checked_div(width).filter(|it| *it > 0)?;
        let long = width.max(height);
        let side = |side: usize| {
            (side * SIDE.min(long))
                .checked_div(long)
                .map(|it| it.max(1))
        };
        let (small_width, small_height) = (side(width)?, side(height)?);
        let grey = smaller(luma, (width, height), (small_width, small_height));
        let mean = mean(grey.iter().map(|pixel| f32::from(*pixel)));
        Some(Self {
            width: small_width,
            mean,
            contrast: self::mean(grey.iter().map(|pixel| (f32::from(*pixel) - mean).abs())),
            sharpness: sharpness(luma, width),
            grey,
        })
    }

    /// Whether hardly anything can be made out for want of light.
    pub(super) fn dark(&self) -> bool {
        self.mean < DARK && self.contrast < FLAT
    }
}

fn mean(values: impl ExactSizeIterator<Item = f32>) -> f32 {
    let count = values.len().max(1) as f32;
    values.sum::<f32>() / count
}

/// A picture of `from` pixels each way as one of `to`, which are no more: each the mean of those in its place.
fn smaller(luma: &[u8], from: (usize, usize), to: (usize, usize)) -> Zeroizing<Vec<u8>> {
    let mut small = Zeroizing::new(Vec::with_capacity(to.0 * to.1));
    let mut sums = Zeroizing::new(vec![0_u32; to.0]);
    for y in 0..to.1 {
        sums.fill(0);
        let rows = y * from.1 / to.1..(y + 1) * from.1 / to.1;
        let count = rows.len();
        for row in luma.chunks_exact(from.0).skip(rows.start).take(count) {
            for (x, sum) in sums.iter_mut().enumerate() {
                let cell = row.get(x * from.0 / to.0..(x + 1) * from.0 / to.0);
                let cell = cell.unwrap_or_default().iter();
                *sum += cell.map(|pixel| u32::from(*pixel)).sum::<u32>();
            }
        }
        for (x, sum) in sums.iter().enumerate() {
            let columns = (x + 1) * from.0 / to.0 - x * from.0 / to.0;
            let pixels = u32::try_from(columns * count).unwrap_or(u32::MAX);
            small.push(u8::try_from(sum / pixels.max(1)).unwrap_or(u8::MAX));
        }
    }
    small
}

/// How much of the brightness changes from one pixel to the next where it changes at all: much at sharp edges, little at
/// smeared ones. Along rows: a camera that turns smears those edges.
fn sharpness(luma: &[u8], width: usize) -> Option<f32> {
    let (mut places, mut edges, mut heights, mut bends) = (0_u64, 0_u64, 0_u64, 0_u64);
    for row in luma.chunks_exact(width).step_by(ROWS) {
        for window in row.windows(2 * REACH + 1) {
            let &[first, .., last] = window else { continue };
            let Some(&[before, middle, after]) = window.get(REACH - 1..=REACH + 1) else {
                continue;
            };
            let [before, middle, after] = [before, middle, after].map(u16::from);
            let height = u16::from(first.abs_diff(last));
            places += 1;
            if height >= EDGE {
                edges += 1;
                heights += u64::from(height);
                bends += u64::from((before + after).abs_diff(2 * middle));
            }
        }
    }
    (edges > 0 && edges * ENOUGH >= places).then(|| bends as f32 / heights as f32)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) const WIDTH: usize = 1280;
    pub(crate) const HEIGHT: usize = 720;

    /// A picture of 1280 × 720 px by what is at each place.
    pub(crate) fn drawn(pixel: impl Fn(usize, usize) -> u8) -> Look {
        let luma = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
        let luma: Vec<_> = luma.map(|(x, y)| pixel(x, y)).collect();
        Look::of_luma(&luma, WIDTH).unwrap()
    }

    /// A grey wall with a code of 100 px on it at each of these places.
    pub(crate) fn codes(at: &[(usize, usize)]) -> Look {
        drawn(|x, y| {
            let code = at.iter().find_map(|(left, top)| {
                let (x, y) = (x.checked_sub(*left)?, y.checked_sub(*top)?);
                (x < 100 && y < 100).then_some((x / 4, y / 4))
            });
            let Some((x, y)) = code else { return 128 };
            let noise = (x * 7 + y * 13 + x * y * 5 + (x ^ (y * 3))) % 11;
            if noise < 5 { 20 } else { 235 }
        })
    }

    /// Stripes whose edges are smeared over so many pixels.
    fn stripes(smeared: usize) -> Look {
        drawn(|x, _| {
            let x = x % 160;
            let rise = (x.min(80) * 200 / smeared).min(200);
            let fall = (x.saturating_sub(80) * 200 / smeared).min(200);
            20 + u8::try_from(rise - fall).unwrap()
        })
    }

    #[test]
    fn a_small_copy_has_the_means_of_the_pixels() {
        let look = drawn(|x, y| {
            if x < WIDTH / 2 {
                10
            } else if y < HEIGHT / 2 {
                20
            } else {
                250
            }
        });
        assert_eq!((look.width, look.grey.len()), (128, 128 * 72));
        assert_eq!(
            (look.grey[0], look.grey[127], look.grey[128 * 71 + 64]),
            (10, 20, 250)
        );
        let small = Look::of_luma(&[1, 2, 3, 4, 5, 6], 2).unwrap();
        assert_eq!((small.width, &small.grey[..]), (2, &[1, 2, 3, 4, 5, 6][..]));
        assert!(Look::of_luma(&[], 0).is_none() && Look::of_luma(&[], 3).is_none());
    }

    #[test]
    fn dark_is_what_shows_nothing_not_what_is_black_and_white() {
        assert!(drawn(|_, _| 5).dark() && drawn(|x, _| 10 + (x % 10) as u8).dark());
        assert!(!drawn(|_, _| 60).dark());
        assert!(!drawn(|x, _| if x < WIDTH / 10 { 230 } else { 3 }).dark());
    }

    #[test]
    fn sharpness_tells_smeared_edges_whatever_their_number() {
        let sharp = stripes(2).sharpness.unwrap();
        assert!(stripes(20).sharpness.unwrap() < sharp / 3.0);
        let (few, many) = (
            codes(&[(300, 300), (600, 300)]),
            codes(&[(100, 100), (300, 300), (600, 300), (900, 500), (900, 100)]),
        );
        let (few, many) = (few.sharpness.unwrap(), many.sharpness.unwrap());
        assert!((few - many).abs() < few / 5.0, "{few} {many}");
        assert_eq!(codes(&[]).sharpness, None);
    }

    #[test]
    fn what_is_no_picture_has_no_look() {
        assert!(Look::of(b"").is_none());
        assert!(Look::of(b"\xff\xd8\xff\xd9").is_none());
        assert!(Look::of(&[7; 1000]).is_none());
    }
}

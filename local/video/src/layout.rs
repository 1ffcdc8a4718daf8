//! Where the QR codes of a picture stand.
//!
//! Readers find codes by their corner patterns. rqrr takes three patterns for one code when two of them are about as
//! far to the right of the third as below it (within 25 %, and 11° off the axes), even if they belong to different
//! codes, and then misses those. So the codes stand in one line or in two, along the long side of the picture, and the
//! second line is shifted so far that no pattern of it is right below, or right beside, one of the first.

/// Light modules around a code (ISO/IEC 18004: 4).
pub const QUIET_ZONE: u32 = 4;

/// Long side of the frames that the pipeline shows the AI, pixels. Larger pictures are scaled down to it.
const FRAME_SIDE: f64 = 1024.0;

/// Smallest and largest width of a QR module in such a frame, pixels: still readable, and not all that is seen.
const MODULE: (f64, f64) = (3.0, 8.0);

/// Wall between the quiet zones of two codes, modules.
const WALL: u32 = 2;

/// Width of a corner pattern, modules.
const CORNER: u32 = 7;

/// Places for codes.
pub struct Layout {
    /// Left top corners of the quiet zones, pixels.
    pub places: Vec<(u32, u32)>,
    /// Width of a module, pixels.
    pub module: u32,
}

impl Layout {
    /// For this many codes of `side` modules without quiet zone; none if they would be too small to read.
    pub fn of(count: u32, side: u32, width: u32, height: u32) -> Option<Self> {
        let [one, two] = [1, 2].map(|lines| Self::in_lines(lines, count, side, width, height));
        let best = if two.module > one.module { two } else { one };
        let smallest = MODULE.0 * scale(width, height);
        (f64::from(best.module) >= smallest).then_some(best)
    }

    fn in_lines(lines: u32, count: u32, side: u32, width: u32, height: u32) -> Self {
        let upright = height > width;
        let code = side + 2 * QUIET_ZONE;
        // From code to code, and how far the second line is shifted: keeps 11° from the axes for 33 to 41 modules.
        let (step, shift) = if upright {
            let step = 2 * (side - CORNER);
            (step, step * 3 / 10)
        } else {
            let step = code + WALL;
            (step, step * 64 / 100)
        };
        let in_line = count.div_ceil(lines).max(1);
        let places = (0..count).map(|index| {
            let (line, place) = (index / in_line, index % in_line);
            let (along, across) = (place * step + line * shift, line * (code + WALL));
            if upright {
                (across, along)
            } else {
                (along, across)
            }
        });
        let places: Vec<_> = places.collect();
        let right = places.iter().map(|(x, _)| x + code).max().unwrap_or(code);
        let bottom = places.iter().map(|(_, y)| y + code).max().unwrap_or(code);

        let largest = (MODULE.1 * scale(width, height)) as u32;
        let module = (width / right).min(height / bottom).min(largest);
        let (left, top) = ((width - right * module) / 2, (height - bottom * module) / 2);
        let pixels = |(x, y)| (left + x * module, top + y * module);
        Self {
            places: places.into_iter().map(pixels).collect(),
            module,
        }
    }
}

/// Pixels of the picture for one of a frame.
fn scale(width: u32, height: u32) -> f64 {
    (f64::from(width.max(height)) / FRAME_SIDE).max(1.0)
}

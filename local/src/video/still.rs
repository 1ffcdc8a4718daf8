//! A picture of a room in which QR codes stand for the objects.

use image::{Rgb, RgbImage};
use qrcode::{Color, EcLevel, QrCode};

use super::VideoError;
use crate::markers::Marker;

/// Long side of the frames that the pipeline shows the AI, pixels. Larger pictures are scaled down to it.
const FRAME_SIDE: f64 = 1024.0;

/// Smallest and largest width of a QR module in such a frame, pixels: still readable, and not all that is seen.
const MODULE: (f64, f64) = (3.0, 8.0);

/// Light modules around a code (ISO/IEC 18004: 4).
const QUIET_ZONE: u32 = 4;

/// Modules of bare wall between the quiet zones of two codes.
const WALL_BETWEEN: u32 = 2;

const BLACK: Rgb<u8> = Rgb([0; 3]);
const WHITE: Rgb<u8> = Rgb([255; 3]);
const WALL: Rgb<u8> = Rgb([206, 200, 186]);
const SKIRTING: Rgb<u8> = Rgb([236, 234, 228]);
const FLOOR: Rgb<u8> = Rgb([158, 128, 98]);

/// The room with one code per marker, upright.
pub fn draw(markers: &[Marker], width: u32, height: u32) -> Result<RgbImage, VideoError> {
    let mut still = room(width, height);
    let codes = markers.iter().map(code).collect::<Result<Vec<_>, _>>()?;
    let Some(grid) = Grid::of(&codes, width, height) else {
        return if codes.is_empty() {
            Ok(still)
        } else {
            Err(VideoError::TooManyCodes {
                codes: codes.len(),
                width,
                height,
            })
        };
    };
    for (code, index) in codes.iter().zip(0..) {
        grid.put(&mut still, code, index);
    }
    Ok(still)
}

fn room(width: u32, height: u32) -> RgbImage {
    let (skirting, floor) = (height / 100 * 70, height / 100 * 72);
    RgbImage::from_fn(width, height, |_, y| match y {
        y if y < skirting => WALL,
        y if y < floor => SKIRTING,
        _ => FLOOR,
    })
}

/// A square of modules.
struct Code {
    side: u32,
    modules: Vec<Color>,
}

fn code(marker: &Marker) -> Result<Code, VideoError> {
    let code = QrCode::with_error_correction_level(marker.to_string(), EcLevel::M);
    let code = code.map_err(|_| VideoError::LongMarker(marker.clone()))?;
    let side = u32::try_from(code.width()).map_err(|_| VideoError::LongMarker(marker.clone()))?;
    Ok(Code {
        side,
        modules: code.into_colors(),
    })
}

/// Equal cells, one per code.
struct Grid {
    columns: u32,
    cell: (u32, u32),
    /// Pixels per module.
    module: u32,
}

impl Grid {
    /// The grid with the largest modules; none if they would be too small to read, or without codes.
    fn of(codes: &[Code], width: u32, height: u32) -> Option<Self> {
        let side = codes.iter().map(|code| code.side).max()? + 2 * QUIET_ZONE + WALL_BETWEEN;
        let count = u32::try_from(codes.len()).ok()?;
        let grids = (1..=count).map(|columns| {
            let cell = (width / columns, height / count.div_ceil(columns));
            Self {
                columns,
                cell,
                module: cell.0.min(cell.1) / side,
            }
        });
        let mut best = grids.max_by_key(|grid| grid.module)?;
        let scale = (f64::from(width.max(height)) / FRAME_SIDE).max(1.0);
        if f64::from(best.module) < MODULE.0 * scale {
            return None;
        }
        let largest = (MODULE.1 * scale) as u32;
        best.module = best.module.min(largest);
        Some(best)
    }

    /// Draws a code with its quiet zone in the middle of a cell.
    fn put(&self, still: &mut RgbImage, code: &Code, index: u32) {
        let modules = code.side + 2 * QUIET_ZONE;
        let side = modules * self.module;
        let left = index % self.columns * self.cell.0 + (self.cell.0 - side) / 2;
        let top = index / self.columns * self.cell.1 + (self.cell.1 - side) / 2;
        for y in 0..side {
            for x in 0..side {
                let colour = if code.is_dark(x / self.module, y / self.module) {
                    BLACK
                } else {
                    WHITE
                };
                still.put_pixel(left + x, top + y, colour);
            }
        }
    }
}

impl Code {
    /// Whether a module is dark, counted from the corner of the quiet zone.
    fn is_dark(&self, x: u32, y: u32) -> bool {
        let inside = |at: u32| at.checked_sub(QUIET_ZONE).filter(|at| *at < self.side);
        let (Some(x), Some(y)) = (inside(x), inside(y)) else {
            return false;
        };
        usize::try_from(y * self.side + x)
            .is_ok_and(|at| self.modules.get(at) == Some(&Color::Dark))
    }
}

//! A picture of a room in which QR codes stand for the objects.

use image::{Rgb, RgbImage};
use qrcode::{Color, EcLevel, QrCode, Version};

use super::{
    VideoError,
    layout::{Layout, QUIET_ZONE},
};

/// The corner patterns of smaller codes are too close together for [`Layout`]: this one has 33 modules.
const SMALLEST: Version = Version::Normal(4);

const BLACK: Rgb<u8> = Rgb([0; 3]);
const WHITE: Rgb<u8> = Rgb([255; 3]);
const WALL: Rgb<u8> = Rgb([206, 200, 186]);
const SKIRTING: Rgb<u8> = Rgb([236, 234, 228]);
const FLOOR: Rgb<u8> = Rgb([158, 128, 98]);

/// The room with one code per text, upright.
pub fn draw(texts: &[String], width: u32, height: u32) -> Result<RgbImage, VideoError> {
    let mut still = room(width, height);
    let codes = texts
        .iter()
        .map(|text| code(text))
        .collect::<Result<Vec<_>, _>>()?;
    let Some(side) = codes.iter().map(|code| code.side).max() else {
        return Ok(still);
    };
    let layout = u32::try_from(codes.len()).ok();
    let layout = layout.and_then(|count| Layout::of(count, side, width, height));
    let layout = layout.ok_or(VideoError::TooManyCodes {
        codes: codes.len(),
        width,
        height,
    })?;
    for (code, place) in codes.iter().zip(&layout.places) {
        code.put(&mut still, *place, layout.module);
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

fn code(text: &str) -> Result<Code, VideoError> {
    let code = QrCode::with_version(text, SMALLEST, EcLevel::M)
        .or_else(|_| QrCode::with_error_correction_level(text, EcLevel::M));
    let code = code.map_err(|_| VideoError::LongCode(text.to_owned()))?;
    let side = u32::try_from(code.width()).map_err(|_| VideoError::LongCode(text.to_owned()))?;
    Ok(Code {
        side,
        modules: code.into_colors(),
    })
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

    /// Draws it with its quiet zone, `module` pixels a module.
    fn put(&self, still: &mut RgbImage, (left, top): (u32, u32), module: u32) {
        let side = (self.side + 2 * QUIET_ZONE) * module;
        for y in 0..side {
            for x in 0..side {
                let dark = self.is_dark(x / module, y / module);
                still.put_pixel(left + x, top + y, if dark { BLACK } else { WHITE });
            }
        }
    }
}

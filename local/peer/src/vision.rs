//! Looking at a picture: the QR codes in it, and nothing else.

use std::{collections::BTreeMap, io::Cursor};

use image::{ImageFormat, ImageReader};
use serde_json::{Value, json};

use dodolens_video::{markers::Marker, qr};

/// Longest side that is taken, pixels; the provider scales down what is larger.
const MAX_SIDE: u32 = 2048;
/// A code is read or it is not.
const CONFIDENCE: f64 = 0.97;

/// What is in a picture.
#[derive(Debug, PartialEq)]
pub(super) struct Picture {
    /// Width and height, pixels.
    pub(super) size: (u32, u32),
    /// How many of each object.
    pub(super) objects: BTreeMap<Marker, u32>,
}

/// A picture can't be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PictureError {
    #[error("The image data is not a valid JPEG.")]
    NotAJpeg,
    #[error("The image is larger than 2048 pixels.")]
    TooLarge,
}

/// Reads the codes of a JPEG.
pub(super) fn look(jpeg: &[u8]) -> Result<Picture, PictureError> {
    let reader = || ImageReader::with_format(Cursor::new(jpeg), ImageFormat::Jpeg);
    let size = reader()
        .into_dimensions()
        .map_err(|_| PictureError::NotAJpeg)?;
    if size.0.max(size.1) > MAX_SIDE {
        return Err(PictureError::TooLarge);
    }
    let luma = reader()
        .decode()
        .map_err(|_| PictureError::NotAJpeg)?
        .into_luma8();
    let mut objects = BTreeMap::new();
    for code in qr::read(&luma) {
        if let Ok(marker) = code.text.parse::<Marker>() {
            *objects.entry(marker).or_default() += 1;
        }
    }
    Ok(Picture { size, objects })
}

/// What was seen in frame `frame`, in the form that was asked for: ids that the schema does not name are null.
pub(super) fn observations(frame: usize, picture: &Picture, schema: &Value) -> Vec<Value> {
    let properties = "/properties/observations/items/properties";
    let known = |property: &str, id: &str| {
        let property = schema.pointer(&format!("{properties}/{property}"))?;
        let choices = property.get("anyOf").and_then(Value::as_array);
        let choices = choices.map_or(std::slice::from_ref(property), Vec::as_slice);
        let mut ids = choices
            .iter()
            .filter_map(|choice| choice.get("enum")?.as_array())
            .flatten();
        ids.any(|known| known == id).then(|| id.to_owned())
    };
    picture
        .objects
        .iter()
        .map(|(marker, count)| {
            json!({
                "frame": frame,
                "catalogueId": known("catalogueId", marker.item()),
                "label": marker.item().replace('_', " "),
                "room": known("room", marker.room()),
                "count": count,
                "size": "medium",
                "fragile": false,
                "confidence": CONFIDENCE,
            })
        })
        .collect()
}

//! Looking at a picture: the QR codes in it, and nothing else.

use std::{
    collections::BTreeMap,
    io::Cursor,
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
};

use image::{ImageFormat, ImageReader};
use lru::LruCache;
use sha2::{Digest as _, Sha256};

use dodolens_video::{markers::Marker, qr};

/// Longest side that is taken, pixels; the provider scales down what is larger.
const MAX_SIDE: u32 = 2048;
/// Pictures that are remembered: those of some long videos.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();

/// What is in a picture.
#[derive(Debug, Clone, PartialEq)]
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

/// Looks at pictures, and remembers what was in them: the same one comes again with every retry.
#[derive(Debug)]
pub(super) struct Eyes(Mutex<LruCache<[u8; 32], Picture>>);

impl Eyes {
    pub(super) fn new() -> Self {
        Self(Mutex::new(LruCache::new(REMEMBERED)))
    }

    /// What is in a JPEG.
    pub(super) fn look(&self, jpeg: &[u8]) -> Result<Picture, PictureError> {
        let digest: [u8; 32] = Sha256::digest(jpeg).into();
        let seen = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = seen().get(&digest).cloned();
        if let Some(picture) = remembered {
            return Ok(picture);
        }
        let picture = read(jpeg)?;
        seen().put(digest, picture.clone());
        Ok(picture)
    }
}

/// Reads the codes of a JPEG.
fn read(jpeg: &[u8]) -> Result<Picture, PictureError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::make::{jpeg, picture};

    #[test]
    fn a_picture_is_seen_the_same_again_and_others_are_not_taken_for_it() {
        let eyes = Eyes::new();
        let [tv, sofa] =
            ["tv", "sofa"].map(|it| jpeg(&picture(200, 200, &[(it, "office", 10, 10, 4)])));
        for (jpeg, item) in [(&tv, "tv"), (&sofa, "sofa"), (&tv, "tv")] {
            let seen = eyes.look(jpeg).unwrap();
            let marker = Marker::new(item, "office").unwrap();
            assert_eq!(
                (seen.size, seen.objects),
                ((200, 200), [(marker, 1)].into())
            );
        }
        assert_eq!(eyes.0.lock().unwrap().len(), 2);
        assert_eq!(eyes.look(b"no jpeg"), Err(PictureError::NotAJpeg));
    }
}

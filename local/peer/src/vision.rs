//! Looking at a picture: the QR codes in it, and nothing else.

use std::{
    collections::BTreeMap,
    io::Cursor,
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
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
        let remembered = self.memory().get(&digest).cloned();
        if let Some(picture) = remembered {
            return Ok(picture);
        }
        let picture = read(jpeg)?;
        self.memory().put(digest, picture.clone());
        Ok(picture)
    }

    fn memory(&self) -> MutexGuard<'_, LruCache<[u8; 32], Picture>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it would not have to read this JPEG.
    #[cfg(test)]
    pub(super) fn remembers(&self, jpeg: &[u8]) -> bool {
        let digest: [u8; 32] = Sha256::digest(jpeg).into();
        self.memory().contains(&digest)
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

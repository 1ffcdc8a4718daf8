use std::{
    fs::File,
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use dodolens::domain::media::ContentType;

use super::ClientError;

/// A video on disk, read piece by piece.
#[derive(Debug, Clone)]
pub struct VideoFile {
    file: Arc<File>,
    path: PathBuf,
    len: u64,
    content_type: ContentType,
}

impl VideoFile {
    /// Opens a video. What kind it is follows from its name, or else from its first bytes.
    ///
    /// # Errors
    /// [`ClientError::File`] and [`ClientError::UnknownVideoType`].
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, ClientError> {
        let path = path.into();
        let read = || {
            // Before `open`, which would wait for a writer at a named pipe.
            let len = std::fs::metadata(&path).and_then(|meta| match meta.is_file() {
                true => Ok(meta.len()),
                false => Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "not a regular file",
                )),
            })?;
            let file = File::open(&path)?;
            let mut head = [0; 64];
            let read = file.read_at(&mut head, 0)?;
            Ok((len, file, head.get(..read).map(sniff).unwrap_or_default()))
        };
        let (len, file, sniffed) = read().map_err(|source| ClientError::File {
            path: path.clone(),
            source,
        })?;
        let content_type = from_name(&path)
            .or(sniffed)
            .ok_or_else(|| ClientError::UnknownVideoType(path.clone()))?;
        Ok(Self {
            file: Arc::new(file),
            path,
            len,
            content_type,
        })
    }

    /// Bytes of the video.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What kind of video it is announced as.
    #[must_use]
    pub const fn content_type(&self) -> ContentType {
        self.content_type
    }

    /// Reads `len` bytes from `offset`.
    ///
    /// # Errors
    /// [`ClientError::File`], also when the file has become shorter.
    pub async fn read(&self, offset: u64, len: u32) -> Result<Bytes, ClientError> {
        let file = Arc::clone(&self.file);
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = vec![0; len as usize];
            file.read_exact_at(&mut bytes, offset)?;
            Ok(Bytes::from(bytes))
        });
        read.await
            .unwrap_or_else(|lost| Err(io::Error::other(lost)))
            .map_err(|source| ClientError::File {
                path: self.path.clone(),
                source,
            })
    }
}

fn from_name(path: &Path) -> Option<ContentType> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "mp4" | "m4v" => Some(ContentType::Mp4),
        "mov" | "qt" => Some(ContentType::QuickTime),
        "webm" => Some(ContentType::WebM),
        "mkv" => Some(ContentType::Matroska),
        "3gp" | "3gpp" | "3g2" => Some(ContentType::ThreeGpp),
        _ => None,
    }
}

/// The `ftyp` box of ISO/IEC 14496-12 or the EBML header of RFC 8794 with its document type.
fn sniff(head: &[u8]) -> Option<ContentType> {
    match (head.get(4..8), head.get(8..12)) {
        (Some(b"ftyp"), Some(b"qt  ")) => return Some(ContentType::QuickTime),
        (Some(b"ftyp"), Some([b'3', b'g', ..])) => return Some(ContentType::ThreeGpp),
        (Some(b"ftyp"), _) => return Some(ContentType::Mp4),
        _ => {}
    }
    if !head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
        return None;
    }
    let holds = |text: &[u8]| head.windows(text.len()).any(|window| window == text);
    if holds(b"webm") {
        Some(ContentType::WebM)
    } else {
        holds(b"matroska").then_some(ContentType::Matroska)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_follows_from_the_name_or_the_first_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let kind = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            VideoFile::open(path).map(|video| video.content_type())
        };
        assert_eq!(kind("a.MOV", b"").unwrap(), ContentType::QuickTime);
        assert_eq!(kind("a", b"\0\0\0\x18ftypisom").unwrap(), ContentType::Mp4);
        assert_eq!(
            kind("b", b"\x1a\x45\xdf\xa3\x42\x82\x84webm").unwrap(),
            ContentType::WebM
        );
        assert!(matches!(
            kind("c.txt", b"text"),
            Err(ClientError::UnknownVideoType(_))
        ));
    }

    #[test]
    fn what_is_no_file_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        for path in [dir.path().to_owned(), dir.path().join("absent.mp4")] {
            assert!(matches!(
                VideoFile::open(path),
                Err(ClientError::File { .. })
            ));
        }
    }

    #[tokio::test]
    async fn reads_just_the_range() {
        let file = tempfile::Builder::new().suffix(".mp4").tempfile().unwrap();
        std::fs::write(file.path(), b"0123456789").unwrap();
        let video = VideoFile::open(file.path()).unwrap();
        assert_eq!(video.len(), 10);
        assert_eq!(video.read(3, 4).await.unwrap(), "3456");
        assert!(matches!(
            video.read(8, 4).await,
            Err(ClientError::File { .. })
        ));
    }
}

//! Finds the index (`moov`) of an MP4 or QuickTime file with a few small reads, wherever it is.

use super::{
    boxes::{Header, Kind, array},
    ebml,
};
use dodolens_app::ports::{MediaError, VideoSource};
use dodolens_domain::media::Secret;

/// Bytes read at a time. About the size of a sealed part: opening one costs the same however little of it is wanted.
const WINDOW: u64 = 256 * 1024;
/// Largest index read. One hour at 60 pictures a second has about 8 MiB.
const MAX_INDEX: u64 = 16 * 1024 * 1024;
/// Most boxes looked at; phones write three to six.
const MAX_HOPS: usize = 32;
/// What an MP4 or QuickTime file may begin with.
const FIRST: [&Kind; 9] = [
    b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"uuid", b"styp",
];

/// The index of a file.
#[derive(Debug)]
pub(super) struct Index {
    /// Body of the `moov` box.
    pub(super) moov: Secret,
    /// Whether sample entries are laid out as in QuickTime: it says so, or is older than the mark.
    pub(super) quicktime: bool,
}

/// Walks the boxes of the file from its head to its index. `None` when there is no index that can be used: another kind
/// of file, a fragmented one (its samples are in `moof` boxes), or one cut off before its end.
///
/// # Errors
/// When the video can't be read; [`MediaError::Encrypted`] when it is of a kind that begins with its tracks, and says so.
pub(super) async fn find(video: &impl VideoSource) -> Result<Option<Index>, MediaError> {
    let len = video.len();
    let (mut base, mut window) = (0, Secret::default());
    let (mut at, mut quicktime) = (0_u64, true);
    for hop in 0..MAX_HOPS {
        if at >= len {
            return Ok(None);
        }
        if bytes_from(&window, base, at).len() < Header::MAX {
            window = video
                .read_range(at..at.saturating_add(WINDOW).min(len))
                .await?;
            base = at;
        }
        let bytes = bytes_from(&window, base, at);
        let Some(header) = Header::read(bytes) else {
            return Ok(None);
        };
        if hop == 0 && !FIRST.contains(&&header.kind) {
            return match ebml::encrypted(bytes) {
                true => Err(MediaError::Encrypted),
                false => Ok(None),
            };
        }
        let end = match header.total {
            Some(total) => at.checked_add(total),
            None => Some(len),
        };
        let Some(end) = end.filter(|end| *end <= len) else {
            return Ok(None);
        };
        match &header.kind {
            b"ftyp" => quicktime = array(bytes, 8) == Some(*b"qt  "),
            b"moof" => return Ok(None),
            b"moov" if end.saturating_sub(at) > MAX_INDEX => return Ok(None),
            b"moov" => {
                let body = at.saturating_add(header.header);
                let held = usize::try_from(end.saturating_sub(body))
                    .ok()
                    .and_then(|size| bytes_from(&window, base, body).get(..size));
                let moov = match held {
                    Some(held) => held.to_vec().into(),
                    None => video.read_range(body..end).await?,
                };
                return Ok(Some(Index { moov, quicktime }));
            }
            _ => {}
        }
        at = end;
    }
    Ok(None)
}

/// What `window`, which begins at `base` in the file, holds from `at` on.
fn bytes_from(window: &Secret, base: u64, at: u64) -> &[u8] {
    at.checked_sub(base)
        .and_then(|skip| window.expose().get(usize::try_from(skip).ok()?..))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Slice;

    fn file(boxes: &[(&Kind, usize)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (kind, body) in boxes {
            bytes.extend(u32::try_from(body + 8).unwrap().to_be_bytes());
            bytes.extend(*kind);
            bytes.extend(vec![kind[0]; *body]);
        }
        bytes
    }

    #[tokio::test]
    async fn finds_the_index_at_either_end_with_few_reads() {
        for (boxes, reads) in [
            (
                &[(b"ftyp", 16), (b"moov", 900), (b"mdat", 2_000_000)][..],
                1,
            ),
            (
                &[
                    (b"ftyp", 16),
                    (b"wide", 0),
                    (b"mdat", 2_000_000),
                    (b"moov", 900),
                ],
                2,
            ),
            (
                &[(b"ftyp", 16), (b"mdat", 2_000_000), (b"moov", 600_000)],
                3,
            ),
        ] {
            let bytes = file(boxes);
            let source = Slice::new(&bytes);
            let index = find(&source).await.unwrap().unwrap();
            let size = boxes.iter().find(|(kind, _)| *kind == b"moov").unwrap().1;
            assert_eq!(index.moov.expose(), vec![b'm'; size]);
            assert!(!index.quicktime);
            assert_eq!(source.reads(), reads);
        }
    }

    #[tokio::test]
    async fn refuses_what_has_no_usable_index() {
        let mut cut = file(&[(b"ftyp", 16), (b"mdat", 5000), (b"moov", 900)]);
        cut.truncate(5500);
        for bytes in [
            Vec::new(),
            b"\x1a\x45\xdf\xa3 matroska, or anything else".to_vec(),
            file(&[(b"ftyp", 16), (b"moof", 10), (b"moov", 10)]),
            file(&[(b"free", 0); 100]),
            file(&[(b"moov", 17 << 20)]),
            cut,
        ] {
            assert!(find(&Slice::new(&bytes)).await.unwrap().is_none());
        }
    }
}

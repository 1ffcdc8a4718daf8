//! Reads pictures as ffmpeg's `mpjpeg` muxer writes them: JPEGs, each behind its length.

use tokio::io::{AsyncRead, AsyncReadExt};
use zeroize::Zeroizing;

use super::boxes::u16_at;
use dodolens_app::ports::MediaError;
use dodolens_domain::media::Secret;

/// Bytes of one picture at most; 1024 px on the long side come to about 0.2 MB.
const MAX_PICTURE: usize = 4 * 1024 * 1024;
/// Bytes of a boundary and headers at most.
const MAX_HEADERS: usize = 256;

/// At most `count` pictures of at most `long_side` pixels a side. A picture that was cut off by the end of the output
/// is left out.
///
/// # Errors
/// [`MediaError::Unreadable`] when it is anything but such pictures.
pub(super) async fn read(
    mut from: impl AsyncRead + Unpin,
    count: usize,
    long_side: u32,
) -> Result<Vec<Secret>, MediaError> {
    let mut pictures = Vec::new();
    while let Some(len) = length(&mut from).await? {
        if pictures.len() == count {
            return Err(MediaError::Unreadable);
        }
        let mut jpeg = Zeroizing::new(vec![0; len]);
        if from.read_exact(&mut jpeg).await.is_err() {
            break;
        }
        let (width, height) = size(&jpeg).ok_or(MediaError::Unreadable)?;
        if width.max(height) > long_side || width.min(height) == 0 {
            return Err(MediaError::Unreadable);
        }
        pictures.push(Secret::from(std::mem::take(&mut *jpeg)));
    }
    Ok(pictures)
}

/// Reads up to the next picture and gives its length; `None` at the end of the output. Byte by byte, so that no buffer
/// holds on to a part of a picture; there are 70 of them.
async fn length(from: &mut (impl AsyncRead + Unpin)) -> Result<Option<usize>, MediaError> {
    let mut headers = Vec::with_capacity(MAX_HEADERS);
    // Between two pictures there is an empty line before the boundary.
    while !headers.ends_with(b"\r\n\r\n") {
        if headers.len() == MAX_HEADERS {
            return Err(MediaError::Unreadable);
        }
        match from.read_u8().await {
            Ok(byte) => headers.push(byte),
            Err(_) => return Ok(None),
        }
        if headers == b"\r\n" {
            headers.clear();
        }
    }
    let text = str::from_utf8(&headers).map_err(|_| MediaError::Unreadable)?;
    let mut lines = text.trim_end().split("\r\n");
    let boundary = lines.next().is_some_and(|line| line.starts_with("--"));
    let mut header = |name: &str| lines.next()?.strip_prefix(name);
    let jpeg = header("Content-type: ") == Some("image/jpeg");
    header("Content-length: ")
        .and_then(|len| len.parse().ok())
        .filter(|len| boundary && jpeg && *len <= MAX_PICTURE)
        .map(Some)
        .ok_or(MediaError::Unreadable)
}

/// Width and height of a whole JPEG (ITU-T T.81, annex B); `None` when it is not one from start to end.
fn size(jpeg: &[u8]) -> Option<(u32, u32)> {
    if !jpeg.starts_with(&[0xff, 0xd8]) || !jpeg.ends_with(&[0xff, 0xd9]) {
        return None;
    }
    let mut at = 2;
    loop {
        let (marker, len) = (u16_at(jpeg, at)?, usize::from(u16_at(jpeg, at + 2)?));
        match marker {
            // Start of frame, but for the markers of tables among them.
            0xffc0..=0xffcf if !matches!(marker, 0xffc4 | 0xffc8 | 0xffcc) => {
                let (height, width) = (u16_at(jpeg, at + 5)?, u16_at(jpeg, at + 7)?);
                return Some((width.into(), height.into()));
            }
            0xffe0..=0xfffe | 0xffc4 | 0xffdb | 0xffdd if len >= 2 => at += 2 + len,
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::Pin,
        task::{Context, Poll},
    };

    use proptest::{collection::vec, prelude::*};
    use tokio::io::ReadBuf;

    use super::*;
    use dodolens_testing::damaged;

    /// The markers of a JPEG of 16 × 9 pixels, with a thumbnail's end mark in its comment.
    const JPEG: &[u8] = b"\xff\xd8\xff\xfe\x00\x04\xff\xd9\xff\xc0\x00\x0b\x08\x00\x09\x00\x10\x01\x01\x11\x00data\xff\xd9";

    fn stream(pictures: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"--ffmpeg\r\n".to_vec();
        for jpeg in pictures {
            bytes.extend(
                format!(
                    "Content-type: image/jpeg\r\nContent-length: {}\r\n\r\n",
                    jpeg.len()
                )
                .bytes(),
            );
            bytes.extend(*jpeg);
            bytes.extend(b"\r\n--ffmpeg\r\n");
        }
        bytes
    }

    #[tokio::test]
    async fn whole_pictures_are_taken() {
        let pictures = read(&stream(&[JPEG, JPEG])[..], 2, 16).await.unwrap();
        assert_eq!(
            pictures.iter().map(Secret::expose).collect::<Vec<_>>(),
            [JPEG, JPEG]
        );
        assert!(read(&b""[..], 2, 16).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_cut_off_picture_is_left_out() {
        let bytes = stream(&[JPEG, JPEG]);
        for cut in 0..bytes.len() {
            let pictures = read(&bytes[..cut], 2, 16).await.unwrap();
            assert!(pictures.iter().all(|picture| picture.expose() == JPEG));
        }
    }

    #[tokio::test]
    async fn anything_else_is_refused() {
        let long = [b'x'; 1000];
        for bytes in [
            stream(&[JPEG, JPEG, JPEG]),
            stream(&[&JPEG[..JPEG.len() - 1]]),
            stream(&[b"\xff\xd8\xff\xd9"]),
            b"--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: 99999999\r\n\r\n".to_vec(),
            b"--ffmpeg\r\nContent-type: text/html\r\nContent-length: 9\r\n\r\n".to_vec(),
            long.to_vec(),
        ] {
            assert_eq!(read(&bytes[..], 2, 16).await, Err(MediaError::Unreadable));
        }
        assert_eq!(
            read(&stream(&[JPEG])[..], 1, 15).await,
            Err(MediaError::Unreadable)
        );
    }

    /// Gives its bytes in pieces of these lengths, and is not ready before each.
    struct Pieces {
        bytes: Vec<u8>,
        lengths: Vec<usize>,
        ready: bool,
    }

    impl AsyncRead for Pieces {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<std::io::Result<()>> {
            self.ready = !self.ready;
            if self.ready {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let wanted = self.lengths.pop().unwrap_or(1);
            let n = wanted.min(buf.remaining()).min(self.bytes.len());
            buf.put_slice(&self.bytes.drain(..n).collect::<Vec<_>>());
            Poll::Ready(Ok(()))
        }
    }

    fn read_now(from: impl AsyncRead + Unpin) -> Result<Vec<Secret>, MediaError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(read(from, 3, 16))
    }

    proptest! {
        #[test]
        fn however_it_is_split_the_pictures_are_the_same(
            bytes in damaged(&stream(&[JPEG, JPEG, JPEG])),
            right: bool,
            lengths in vec(1_usize..40, 0..60),
        ) {
            let bytes = if right { stream(&[JPEG, JPEG, JPEG]) } else { bytes };
            let whole = read_now(&bytes[..]);
            if right {
                prop_assert_eq!(whole.as_ref().map(Vec::len), Ok(3));
            }
            prop_assert_eq!(read_now(Pieces { bytes, lengths, ready: false }), whole);
        }

        #[test]
        fn whatever_comes_no_more_is_given_than_came(damaged in damaged(&stream(&[JPEG, JPEG])), noise in vec(any::<u8>(), 0..600)) {
            for bytes in [damaged, noise] {
                for picture in read_now(&bytes[..]).into_iter().flatten() {
                    let jpeg = picture.expose();
                    prop_assert!(bytes.windows(jpeg.len()).any(|window| window == jpeg));
                    prop_assert!(size(jpeg).is_some_and(|(width, height)| width.max(height) <= 16));
                }
            }
        }

        #[test]
        fn a_damaged_picture_has_a_size_or_is_none(jpeg in damaged(JPEG)) {
            let _ = size(&jpeg);
        }
    }
}

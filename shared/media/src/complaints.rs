//! What the decoder says on standard error. It may quote the video, so nothing of it is kept or told: only whether memory
//! was short, after which it goes on with fewer pictures, and whether pictures are damaged, whose holes it has filled from
//! others.

use tokio::io::{AsyncRead, AsyncReadExt};
use zeroize::Zeroizing;

/// The texts of ENOMEM in glibc and in musl, and of EAGAIN, which starting a thread gives.
const SHORT: [&[u8]; 3] = [
    b"Cannot allocate memory",
    b"Out of memory",
    b"Resource temporarily unavailable",
];
/// What libavcodec says when there is no place for a picture, with some decoders the only word of it. It says so as well
/// of pictures that it does not take, after the second text.
const NO_PLACE: [&[u8]; 2] = [b"get_buffer() failed", b"image parameters invalid"];
/// What ffmpeg says of a picture with holes that are filled.
const DAMAGED: &[u8] = b"corrupt decoded frame";
/// In lines about reading a container, whose sizes may be absurd: what they ask for is no measure of what there is.
const OF_THE_CONTAINER: [&[u8]; 2] = [b"[in#", b"opening input"];
/// Of a line, bytes that are looked at.
const LINE: usize = 1024;

/// What the lines so far have said.
#[derive(Default)]
struct Said {
    short: bool,
    no_place: bool,
    not_taken: bool,
    damaged: bool,
}

/// What is known of a run by what it has said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Complaints {
    /// Memory was short for decoding.
    pub(super) short: bool,
    /// Pictures are damaged.
    pub(super) damaged: bool,
}

impl Said {
    fn hear(&mut self, line: &[u8]) {
        let holds = |text: &&[u8]| line.windows(text.len()).any(|part| part == *text);
        let [no_place, not_taken] = NO_PLACE;
        self.short |= SHORT.iter().any(holds) && !OF_THE_CONTAINER.iter().any(holds);
        self.no_place |= holds(&no_place);
        self.not_taken |= holds(&not_taken);
        self.damaged |= holds(&DAMAGED);
    }
}

/// Reads to the end, however much it is.
pub(super) async fn heard(mut from: impl AsyncRead + Unpin) -> Complaints {
    let mut block = Zeroizing::new([0; 4096]);
    let mut line = Zeroizing::new(Vec::with_capacity(LINE));
    let mut said = Said::default();
    while let Ok(len @ 1..) = from.read(&mut *block).await {
        for byte in block.iter().take(len) {
            if *byte == b'\n' {
                said.hear(&line);
                line.clear();
            } else if line.len() < LINE {
                line.push(*byte);
            }
        }
    }
    said.hear(&line);
    Complaints {
        short: said.short || (said.no_place && !said.not_taken),
        damaged: said.damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn damaged_pictures_are_found() {
        let damaged = b"[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x2] corrupt decoded frame\n";
        let complaints = Complaints {
            damaged: true,
            ..Complaints::default()
        };
        assert_eq!(heard(&damaged[..]).await, complaints);
    }

    #[tokio::test]
    async fn short_memory_is_found_in_whatever_is_said() {
        let decoding = b"[vist#0:0/hevc] [dec:hevc] Decoding error: Cannot allocate memory";
        assert!(heard(&decoding[..]).await.short);
        let threads = b"[out#0/mpjpeg @ 0x1] pthread_create() failed: Resource temporarily unavailable\nmore\n";
        assert!(heard(&threads[..]).await.short);
        let musl = b"[dec:h264 @ 0x1] Decoding error: Out of memory\n";
        assert!(heard(&musl[..]).await.short);
    }

    #[tokio::test]
    async fn no_place_for_a_picture_that_is_taken() {
        let no_place = "[h264 @ 0x1] thread_get_buffer() failed\n[h264 @ 0x1] no frame!\n";
        assert!(heard(no_place.as_bytes()).await.short);
        let not_taken =
            format!("[h264 @ 0x1] video_get_buffer: image parameters invalid\n{no_place}");
        assert!(!heard(not_taken.as_bytes()).await.short);
    }

    #[tokio::test]
    async fn what_a_container_claims_is_no_shortage() {
        let claims = b"[in#0/mov @ 0x1] Error during demuxing: Cannot allocate memory\n\
                       Error opening input files: Cannot allocate memory\n";
        assert!(!heard(&claims[..]).await.short);
        assert!(!heard(&b""[..]).await.short);
    }

    #[tokio::test]
    async fn long_lines_cost_no_memory() {
        let long = [&vec![b'x'; 1 << 20][..], b"\nOut of memory\n"].concat();
        assert!(heard(&long[..]).await.short);
    }
}

//! Keys of H.264 that are taken out of their film (ITU-T H.264, sections 7.4.1.2.4 and 8.2.1).

use super::units::{Codec, codec, units};

/// A slice of a picture that is no instantaneous refresh.
const SLICE: u8 = 1;

/// Whether a key counts on from those before it, as the keys of open groups do: a decoder that gets keys alone takes them
/// for pictures out of order, and drops or shuffles them. `sample` is of a track with the sample entry `entry`.
pub(super) fn continues(entry: &[u8], sample: &[u8]) -> bool {
    let Some((Codec::H264, width)) = codec(entry) else {
        return false;
    };
    units(sample, width).any(|unit| unit.first().is_some_and(|head| head & 0x1f == SLICE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boxes::boxed;

    fn entry(kind: &[u8; 4]) -> Vec<u8> {
        boxed(
            kind,
            &[&[0; 78], &boxed(b"avcC", &[&[1, 100, 0, 30, 0xff, 0]])],
        )
    }

    #[test]
    fn keys_of_open_groups_count_on() {
        let open = b"\0\0\0\x02\x67\x64\0\0\0\x02\x41\x9a";
        let closed = b"\0\0\0\x02\x67\x64\0\0\0\x02\x65\x88";
        assert!(continues(&entry(b"avc1"), open));
        assert!(!continues(&entry(b"avc3"), closed));
        assert!(!continues(&entry(b"hvc1"), open));
        for damaged in [&b""[..], b"\0", b"\0\0\0\x09", b"\0\0\0\0\0\x41"] {
            assert!(!continues(&entry(b"avc1"), damaged));
        }
    }
}

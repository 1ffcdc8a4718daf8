//! Keys of HEVC that are taken out of their film (ITU-T H.265, sections 7.4.2.2 and 8.3.1).

use super::units::{Codec, codec, units_mut};

/// A key of an open group: its place in the order of pictures is counted on from those before it.
const CLEAN_RANDOM_ACCESS: u8 = 21;
/// The same where what came before was cut out: the order begins anew.
const BROKEN_LINK: u8 = 18;

/// Makes the order of pictures begin anew with each key in `samples`, of a track with the sample entry `entry`. With the
/// pictures between them left out, a decoder would give keys of open groups in a wrong order. The two kinds differ in
/// nothing but the type that the head of each unit says.
pub(super) fn begin_anew(entry: &[u8], samples: &mut [u8]) {
    let Some((Codec::Hevc, width)) = codec(entry) else {
        return;
    };
    for unit in units_mut(samples, width) {
        if let Some(head) = unit.first_mut()
            && *head >> 1 & 0x3f == CLEAN_RANDOM_ACCESS
        {
            *head = *head & 0x81 | BROKEN_LINK << 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boxes::boxed;

    fn entry(kind: &[u8; 4]) -> Vec<u8> {
        let mut configuration = [0; 23];
        configuration[21] = 0xff;
        boxed(kind, &[&[0; 78], &boxed(b"hvcC", &[&configuration])])
    }

    #[test]
    fn keys_of_open_groups_begin_anew_and_all_else_stays() {
        // Parameters, two slices of a key of an open group in its first layer, one of a key of a closed one.
        let samples =
            *b"\0\0\0\x02\x42\x01\0\0\0\x03\x2a\x01\x2a\0\0\0\x02\x2b\x01\0\0\0\x02\x28\x01";
        let mut changed = samples;
        begin_anew(&entry(b"hvc1"), &mut changed);
        let expected =
            *b"\0\0\0\x02\x42\x01\0\0\0\x03\x24\x01\x2a\0\0\0\x02\x25\x01\0\0\0\x02\x28\x01";
        assert_eq!(changed, expected);
        changed = samples;
        begin_anew(&entry(b"avc1"), &mut changed);
        assert_eq!(changed, samples);
    }

    #[test]
    fn damaged_units_end_it() {
        for samples in [
            &b""[..],
            b"\0",
            b"\0\0\0\x09\x2a",
            b"\0\0\0\0\xff\xff\xff\xff\x2a",
        ] {
            let mut changed = samples.to_vec();
            begin_anew(&entry(b"hev1"), &mut changed);
            assert_eq!(changed, samples);
        }
    }
}

//! Whether a picture can be decoded alone, by its own first bytes: tables of keys are missing or wrong at times, and a
//! decoder that is given such a picture alone makes grey rubbish of it.

use super::{
    bits::Bits,
    boxes::array,
    units::{Codec, codec, units},
};

/// Whether the sample that begins with `bytes` can be decoded alone, by the codec of the sample entry `entry`, header
/// included. `None` when these bytes don't tell.
pub(super) fn stands_alone(entry: &[u8], bytes: &[u8]) -> Option<bool> {
    if let Some((codec, width)) = codec(entry) {
        let units = units(bytes, width);
        return match codec {
            Codec::H264 => h264(units),
            Codec::Hevc => hevc(units),
        };
    }
    match &array(entry, 4)? {
        b"vp08" => Some(bytes.first()? & 1 == 0),
        b"vp09" => vp9(*bytes.first()?),
        b"av01" => av1(bytes),
        b"mp4v" => mpeg4(bytes),
        b"s263" | b"h263" | b"H263" => h263(bytes),
        _ => None,
    }
}

/// Units of H.264 (ITU-T H.264, sections 7.3.1 and 7.3.3).
fn h264<'a>(units: impl Iterator<Item = &'a [u8]>) -> Option<bool> {
    let mut found = None;
    for unit in units {
        match unit.first().map(|head| head & 0x1f) {
            Some(5) => return Some(true),
            // A slice, or its first partition: it stands alone if it refers to nothing (I or SI).
            Some(1 | 2) => {
                let mut bits = Bits::new(unit.get(1..)?);
                let (first, kind) = (bits.golomb()?, bits.golomb()?);
                if !matches!(kind % 5, 2 | 4) {
                    // The second field of a picture refers to the first.
                    return Some(first == 0 && found.is_some());
                }
                found = Some(true);
            }
            _ => {}
        }
    }
    found
}

/// Units of HEVC (ITU-T H.265, section 7.3.1.2): a random access picture, or another.
fn hevc<'a>(mut units: impl Iterator<Item = &'a [u8]>) -> Option<bool> {
    units.find_map(|unit| match unit.first()? >> 1 & 0x3f {
        16..=23 => Some(true),
        0..=15 => Some(false),
        _ => None,
    })
}

/// The first byte of a frame of VP9.
fn vp9(byte: u8) -> Option<bool> {
    let mut bits = Bits::new(std::slice::from_ref(&byte));
    (bits.take(2)? == 2).then_some(())?;
    if bits.take(2)? == 3 {
        bits.take(1)?;
    }
    // It shows a frame that is there already, or it is of the type 0.
    Some(bits.take(1)? == 0 && bits.take(1)? == 0)
}

/// Units of AV1 (its specification, sections 5.3 and 5.9.2).
fn av1(mut bytes: &[u8]) -> Option<bool> {
    let mut still = false;
    loop {
        let (header, mut rest) = bytes.split_first()?;
        if header & 4 != 0 {
            rest = rest.get(1..)?;
        }
        let mut length = rest.len();
        if header & 2 != 0 {
            (length, rest) = leb128(rest)?;
        }
        match header >> 3 & 0xf {
            // The sequence header: profile, whether it is a still picture, whether all headers are reduced to that.
            1 => still = rest.first()? & 8 != 0,
            3 | 6 => return Some(still || rest.first()? & 0xe0 == 0),
            _ => {}
        }
        bytes = rest.get(length..)?;
    }
}

/// A number in groups of seven bits, the lowest first, and what follows it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (i, byte) in bytes.iter().take(4).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(i + 1..)?));
        }
    }
    None
}

/// A picture of MPEG-4 part 2: the type behind the start code of its first plane.
fn mpeg4(bytes: &[u8]) -> Option<bool> {
    let at = bytes.windows(4).position(|code| code == [0, 0, 1, 0xb6])?;
    Some(bytes.get(at + 4)? >> 6 == 0)
}

/// A picture of H.263: the ninth bit of its type, unless that is of the extended kind.
fn h263(bytes: &[u8]) -> Option<bool> {
    let mut bits = Bits::new(bytes);
    (bits.take(22)? == 0x20).then_some(())?;
    bits.take(8 + 5)?;
    let format = bits.take(3)?;
    (format != 7).then_some(())?;
    Some(bits.take(1)? == 0)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;
    use crate::boxes::boxed;

    /// A sample entry with units that are preceded by four bytes of length.
    fn entry(kind: &[u8; 4]) -> Vec<u8> {
        let configurations = [
            boxed(b"avcC", &[&[1, 0, 0, 0, 3]]),
            boxed(b"hvcC", &[&[3; 23]]),
        ];
        boxed(kind, &[&[0; 78], &configurations.concat()])
    }

    fn units(units: &[&[u8]]) -> Vec<u8> {
        let with_length = |unit: &&[u8]| [&(unit.len() as u32).to_be_bytes(), *unit].concat();
        units.iter().flat_map(with_length).collect()
    }

    /// A slice of H.264 of the given type (below 10), a unit of the given kind.
    fn slice(unit: u8, kind: u32) -> Vec<u8> {
        // First macroblock 0: "1"; then the type in Golomb's code.
        let code = kind + 1;
        let length = 2 * code.ilog2() + 1;
        let bits = (1 << 15 | code << (15 - length)) as u16;
        [&[0x60 | unit][..], &bits.to_be_bytes(), &[0x55; 20]].concat()
    }

    #[test]
    fn h264() {
        let delimiter = [9, 0x10].as_slice();
        let (parameters, words) = ([0x67, 1, 2].as_slice(), [6_u8; 300]);
        let alone = |these: &[&[u8]]| stands_alone(&entry(b"avc1"), &units(these));
        assert_eq!(
            alone(&[delimiter, parameters, &words, &slice(5, 7)]),
            Some(true)
        );
        for (kind, intra) in [
            (0, false),
            (1, false),
            (2, true),
            (3, false),
            (4, true),
            (5, false),
            (6, false),
            (7, true),
        ] {
            assert_eq!(alone(&[delimiter, &slice(1, kind)]), Some(intra), "{kind}");
        }
        assert_eq!(
            alone(&[&slice(1, 7), &slice(1, 5)]),
            Some(true),
            "its second field refers to its first"
        );
        assert_eq!(
            alone(&[&slice(1, 7), &[0x61, 0x44, 0, 0]]),
            Some(false),
            "one slice of it refers to others"
        );
        assert_eq!(alone(&[delimiter, &words]), None);
        let long = units(&[&words, &slice(5, 7)]);
        assert_eq!(stands_alone(&entry(b"avc3"), &long[..200]), None);
        assert_eq!(stands_alone(&boxed(b"avc1", &[&[0; 78]]), &long), None);
    }

    #[test]
    fn hevc() {
        let unit = |kind: u8| [kind << 1, 1, 0xaf, 0x11];
        let parameters = [unit(32), unit(33), unit(34), unit(39)];
        for kind in 0..24_u8 {
            let mut these: Vec<&[u8]> = parameters.iter().map(|unit| &unit[..]).collect();
            let picture = unit(kind);
            these.push(&picture);
            let alone = stands_alone(&entry(b"hvc1"), &units(&these));
            assert_eq!(alone, Some(kind >= 16), "{kind}");
        }
    }

    #[test]
    fn others() {
        let alone = |kind: &[u8; 4], bytes: &[u8]| stands_alone(&entry(kind), bytes);
        assert_eq!(alone(b"vp08", &[0x10]), Some(true));
        assert_eq!(alone(b"vp08", &[0x11]), Some(false));
        assert_eq!(alone(b"vp09", &[0x82, 0x49]), Some(true));
        assert_eq!(alone(b"vp09", &[0x86]), Some(false));
        assert_eq!(alone(b"vp09", &[0x88]), Some(false));
        assert_eq!(alone(b"vp09", &[0x00]), None);
        // Temporal delimiter, sequence header, frame.
        assert_eq!(
            alone(b"av01", &[0x12, 0, 0x0a, 2, 0, 0, 0x32, 9, 0x10]),
            Some(true)
        );
        assert_eq!(alone(b"av01", &[0x12, 0, 0x32, 9, 0x30]), Some(false));
        assert_eq!(alone(b"av01", &[0x12, 0, 0x1a, 9, 0x80]), Some(false));
        assert_eq!(
            alone(b"mp4v", &[0, 0, 1, 0xb3, 9, 0, 0, 1, 0xb6, 0x10]),
            Some(true)
        );
        assert_eq!(alone(b"mp4v", &[0, 0, 1, 0xb6, 0x50]), Some(false));
        assert_eq!(alone(b"s263", &[0, 0, 0x80, 2, 0x08, 0]), Some(true));
        assert_eq!(alone(b"s263", &[0, 0, 0x80, 2, 0x0a, 0]), Some(false));
        assert_eq!(alone(b"jpeg", &[0xff, 0xd8]), None);
        assert_eq!(stands_alone(b"", b""), None);
    }

    proptest! {
        #[test]
        fn any_bytes(kind in select(b"avc1hvc1vp08vp09av01mp4vs263".as_chunks::<4>().0.to_vec()), bytes in vec(any::<u8>(), 0..100)) {
            let _ = stands_alone(&entry(&kind), &bytes);
            let _ = stands_alone(&[entry(&kind)[..8].to_vec(), bytes.clone()].concat(), &bytes);
        }
    }
}

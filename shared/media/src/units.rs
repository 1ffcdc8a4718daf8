//! The units of which samples of H.264 and HEVC are made, each behind its length (ISO/IEC 14496-15, sections 5.3.3 and
//! 8.3.3).

use super::boxes::{array, find};

/// Bytes of a picture's sample entry, with its header, before the boxes in it.
pub(super) const ENTRY: usize = 86;

/// A codec whose samples are made of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    /// ITU-T H.264.
    H264,
    /// ITU-T H.265.
    Hevc,
}

/// The codec of a sample entry, header included, and how many bytes the length of a unit has. `None` when its samples are
/// not made of units.
pub(super) fn codec(entry: &[u8]) -> Option<(Codec, usize)> {
    let (codec, configuration, at) = match &array(entry, 4)? {
        b"avc1" | b"avc2" | b"avc3" | b"avc4" | b"dva1" | b"dvav" => (Codec::H264, b"avcC", 4),
        b"hvc1" | b"hvc2" | b"hev1" | b"hev2" | b"dvh1" | b"dvhe" => (Codec::Hevc, b"hvcC", 21),
        _ => return None,
    };
    let configuration = find(entry.get(ENTRY..)?, &[configuration])?;
    Some((codec, usize::from(configuration.get(at)? & 3) + 1))
}

/// The units of a sample, each behind its length of `width` bytes, as far as there are bytes.
pub(super) fn units(mut bytes: &[u8], width: usize) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = bytes.split_at_checked(width)?;
        let length = number(length);
        bytes = rest.get(length..).unwrap_or_default();
        Some(rest.get(..length).unwrap_or(rest))
    })
}

/// As [`units`], to be changed. Ends at the first that is not whole.
pub(super) fn units_mut(mut bytes: &mut [u8], width: usize) -> impl Iterator<Item = &mut [u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = std::mem::take(&mut bytes).split_at_mut_checked(width)?;
        let (unit, rest) = rest.split_at_mut_checked(number(length))?;
        bytes = rest;
        Some(unit)
    })
}

fn number(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | usize::from(*byte))
}

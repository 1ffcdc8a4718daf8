//! Sample entries of AAC sound (ISO/IEC 14496-14, section 5.6; QuickTime File Format, sound sample descriptions).

use super::boxes::{array, boxed, find, u16_at, u32_at};

/// Bytes of a sample entry of version 0, with its box header, before the boxes in it.
const ENTRY: usize = 36;
/// Tags of descriptors in an elementary stream descriptor (ISO/IEC 14496-1, section 7.2.2).
const ES: u8 = 3;
const DECODER_CONFIG: u8 = 4;

/// The sample entry `entry` (an `mp4a` box, header included) as any MP4 reader knows it: version 0 with the decoder
/// configuration as its child. QuickTime files have longer versions, with the configuration inside a `wave` box.
/// `None` when the sound is not AAC.
pub(super) fn plain_entry(entry: &[u8]) -> Option<Vec<u8>> {
    if array(entry, 4)? != *b"mp4a" {
        return None;
    }
    let version = u16_at(entry, 16)?;
    let longer = match version {
        0 => 0,
        1 => 16,
        2 => 36,
        _ => return None,
    };
    let children = entry.get(ENTRY + longer..)?;
    let esds = find(children, &[b"esds"]).or_else(|| find(children, &[b"wave", b"esds"]))?;
    // MPEG-4 audio, or one of the AAC profiles of MPEG-2 (object type indications, mp4ra.org).
    if !matches!(object_type(esds)?, 0x40 | 0x66..=0x68) {
        return None;
    }
    let (channels, rate) = match version {
        // Version 2 has a 64-bit float and a 32-bit count behind the fixed part; readers take both from the
        // configuration anyway.
        2 => (u16::try_from(u32_at(entry, 48)?).ok()?, 0),
        _ => (u16_at(entry, 24)?, u32_at(entry, 32)?),
    };
    let mut fixed = [0; 28];
    fixed[7] = 1;
    fixed[16..18].copy_from_slice(&channels.to_be_bytes());
    fixed[18..20].copy_from_slice(&16_u16.to_be_bytes());
    fixed[24..28].copy_from_slice(&rate.to_be_bytes());
    Some(boxed(b"mp4a", &[&fixed, &boxed(b"esds", &[esds])]))
}

/// The object type indication of an elementary stream descriptor box.
fn object_type(esds: &[u8]) -> Option<u8> {
    let es = descriptor(esds.get(4..)?, ES)?;
    let flags = *es.get(2)?;
    let mut at = 3;
    if flags & 0x80 != 0 {
        at += 2;
    }
    if flags & 0x40 != 0 {
        at += 1 + usize::from(*es.get(at)?);
    }
    if flags & 0x20 != 0 {
        at += 2;
    }
    descriptor(es.get(at..)?, DECODER_CONFIG)?.first().copied()
}

/// The body of the descriptor `tag` that `bytes` begins with; its length is written in 7-bit groups, at most four.
fn descriptor(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (first, mut rest) = bytes.split_first()?;
    if *first != tag {
        return None;
    }
    let mut len = 0_usize;
    for _ in 0..4 {
        let (byte, behind) = rest.split_first()?;
        rest = behind;
        len = len << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(rest.get(..len).unwrap_or(rest))
}

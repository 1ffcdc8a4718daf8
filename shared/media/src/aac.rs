//! Sample entries of AAC sound (ISO/IEC 14496-14, section 5.6; QuickTime File Format, sound sample descriptions).

use super::boxes::{array, boxed, find, u16_at, u32_at};

/// Bytes of a sample entry of version 0, with its box header, before the boxes in it.
const ENTRY: usize = 36;
/// Tags of descriptors in an elementary stream descriptor (ISO/IEC 14496-1, section 7.2.2).
const ES: u8 = 3;
const DECODER_CONFIG: u8 = 4;
const SPECIFIC: u8 = 5;

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
    if !is_aac(decoder_config(esds)?) {
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

/// Whether a decoder configuration is of AAC as every reader knows it.
fn is_aac(config: &[u8]) -> bool {
    // Object type indications, mp4ra.org: MPEG-4 audio, or one of the AAC profiles of MPEG-2.
    match config.first() {
        Some(0x66..=0x68) => true,
        // Main, low complexity, long term prediction; with replicated spectrum, and with parametric stereo. Not those for
        // telephony, nor xHE-AAC.
        Some(0x40) => matches!(audio_object_type(config), Some(1 | 2 | 4 | 5 | 29)),
        _ => false,
    }
}

/// The audio object type in a decoder configuration (ISO/IEC 14496-3, section 1.6.2.1).
fn audio_object_type(config: &[u8]) -> Option<u8> {
    let specific = descriptor(config.get(13..)?, SPECIFIC)?;
    let first = *specific.first()?;
    match first >> 3 {
        31 => Some(32 + ((first & 7) << 3 | specific.get(1)? >> 5)),
        kind => Some(kind),
    }
}

/// How long a packet lasts in a track with `timescale`, of which most packets last `usual` by the tables.
pub(super) fn packet_duration(entry: &[u8], timescale: u32, usual: u32) -> u32 {
    const PACKET: u64 = 1024;
    // Version 2 has another number there.
    let rate = match u16_at(entry, 16) {
        Some(0 | 1) => u32_at(entry, 32).map_or(0, |rate| rate >> 16),
        _ => 0,
    };
    let packet = PACKET * u64::from(timescale) / u64::from(rate.max(1));
    // With replicated spectrum, the sample entry may have half the rate or the packet twice the length.
    let plausible = rate == 0 || (packet * 2 / 5..=packet * 5 / 2).contains(&u64::from(usual));
    if plausible {
        usual
    } else {
        u32::try_from(packet).unwrap_or(usual)
    }
}

/// The decoder configuration in an elementary stream descriptor box.
fn decoder_config(esds: &[u8]) -> Option<&[u8]> {
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
    descriptor(es.get(at..)?, DECODER_CONFIG)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A sample entry of the given rate with a decoder configuration of the given object type.
    fn entry(rate: u16, specific: &[u8]) -> Vec<u8> {
        let specific = [&[SPECIFIC, specific.len() as u8], specific].concat();
        let config = [&[0x40, 0x15][..], &[0; 11], &specific].concat();
        let config = [&[DECODER_CONFIG, config.len() as u8], &config[..]].concat();
        let es = [&[ES, 3 + config.len() as u8, 0, 1, 0], &config[..]].concat();
        let mut fixed = [0; 28];
        fixed[17] = 2;
        fixed[24..26].copy_from_slice(&rate.to_be_bytes());
        boxed(b"mp4a", &[&fixed, &boxed(b"esds", &[&[0; 4], &es])])
    }

    #[test]
    fn object_types_that_services_read_are_copied() {
        for (specific, copied) in [
            (&[0x12, 0x10][..], true), // low complexity
            (&[0x2b, 0x92], true),     // replicated spectrum
            (&[0xeb, 0x92], true),     // parametric stereo
            (&[0xf9, 0x48], false),    // 42: xHE-AAC
            (&[0xf8, 0xf0], false),    // 39: for telephony
            (&[0xb8, 0x10], false),    // 23: for telephony
            (&[], false),
        ] {
            assert_eq!(
                plain_entry(&entry(44_100, specific)).is_some(),
                copied,
                "{specific:x?}"
            );
        }
    }

    #[test]
    fn packets_last_as_long_as_they_hold() {
        let entry = entry(48_000, &[0x12, 0x10]);
        for (timescale, usual, expected) in [
            (48_000, 1024, 1024),
            (48_000, 2048, 2048),
            (48_000, 960, 960),
            (48_000, 4_000_000, 1024),
            (90_000, 0, 1920),
            (1000, 21, 21),
        ] {
            assert_eq!(
                packet_duration(&entry, timescale, usual),
                expected,
                "{usual}"
            );
        }
    }
}

//! Sample entries of uncompressed sound (QuickTime File Format, sound sample descriptions; ISO/IEC 23003-5).

use super::boxes::{array, u16_at, u32_at};

/// Whether `entry`, header included, is of uncompressed sound whose frames are not all of the size that the table of sizes
/// says, `None` if that is not one size. A copy by that table would tear frames.
pub(super) fn contradicts(entry: &[u8], size: Option<u32>) -> bool {
    frame(entry).is_some_and(|frame| size != Some(frame))
}

/// Bytes of a frame, which holds a number for each channel; `None` if it is not uncompressed sound.
fn frame(entry: &[u8]) -> Option<u32> {
    let written = u32::from(u16_at(entry, 26)?);
    let mut bits = match &array(entry, 4)? {
        b"in24" => 24,
        b"in32" | b"fl32" => 32,
        b"fl64" => 64,
        b"ulaw" | b"alaw" => 8,
        b"sowt" | b"twos" | b"raw " | b"NONE" | b"lpcm" | b"ipcm" | b"fpcm" => written,
        _ => return None,
    };
    let mut channels = u32::from(u16_at(entry, 24)?);
    if u16_at(entry, 16)? == 2 {
        (channels, bits) = (u32_at(entry, 48)?, u32_at(entry, 56)?);
    }
    Some(bits.div_ceil(8).saturating_mul(channels))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sample entry of the version 0 or 1.
    fn entry(kind: &[u8; 4], version: u16, channels: u16, bits: u16) -> Vec<u8> {
        let mut entry = vec![0; 52];
        entry[4..8].copy_from_slice(kind);
        for (at, value) in [(16, version), (24, channels), (26, bits)] {
            entry[at..at + 2].copy_from_slice(&value.to_be_bytes());
        }
        entry
    }

    #[test]
    fn sizes_must_be_those_of_whole_frames() {
        for (kind, channels, bits, size) in [
            (b"sowt", 1, 16, 2),
            (b"sowt", 2, 16, 4),
            (b"twos", 2, 8, 2),
            (b"raw ", 1, 8, 1),
            (b"in24", 2, 16, 6),
            (b"fl32", 1, 16, 4),
            (b"ulaw", 1, 16, 1),
        ] {
            for version in [0, 1] {
                let entry = entry(kind, version, channels, bits);
                assert!(!contradicts(&entry, Some(size)), "{kind:?}");
                assert!(
                    contradicts(&entry, Some(size + 1)) && contradicts(&entry, Some(1 + 8 * size))
                );
                assert!(contradicts(&entry, None));
            }
        }
        let mut version_2 = entry(b"lpcm", 2, 3, 16);
        version_2.resize(72, 0);
        version_2[51] = 2;
        version_2[59] = 24;
        assert!(!contradicts(&version_2, Some(6)) && contradicts(&version_2, Some(4)));
    }

    #[test]
    fn other_sound_has_packets_of_any_size() {
        assert!(!contradicts(&entry(b"mp4a", 0, 2, 16), None));
        assert!(!contradicts(&entry(b"samr", 0, 1, 16), Some(32)));
        assert!(!contradicts(b"\0\0\0\x08sowt", Some(1)));
    }
}

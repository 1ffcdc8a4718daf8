//! Reads the list of packets that ffmpeg's `framecrc` muxer writes: all that the plan needs to know of a file whose index
//! is not read here, found without decoding.

use super::{clock::Unit, pictures::Packet};
use crate::ports::MediaError;

/// Most pictures looked at: two hours at 60 a second.
const MAX_PICTURES: usize = 432_000;

/// What a file holds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Probe {
    /// The pictures in decoding order; `None` when there is no picture track.
    pub(super) pictures: Option<PictureStream>,
    /// Whether there is a sound track.
    pub(super) has_sound: bool,
}

/// A picture track.
#[derive(Debug, Default, PartialEq)]
pub(super) struct PictureStream {
    /// The unit of time.
    pub(super) unit: Unit,
    /// Pixels of a picture.
    pub(super) pixels: u64,
    /// The pictures, in decoding order.
    pub(super) packets: Vec<Packet>,
}

impl Probe {
    /// Reads the list.
    ///
    /// # Errors
    /// [`MediaError::Unreadable`] when it is anything else; [`MediaError::TooLarge`] when there are too many pictures.
    pub(super) fn parse(list: &str) -> Result<Self, MediaError> {
        let mut probe = Self::default();
        let mut stream = PictureStream::default();
        let mut picture_stream = None;
        for line in list.lines() {
            if let Some(fact) = line.strip_prefix('#') {
                let Some((name, value)) = fact.split_once(": ") else {
                    continue;
                };
                let (name, id) = name.rsplit_once(' ').unwrap_or((name, ""));
                match (name, value) {
                    ("media_type", "video") => picture_stream = Some(id.to_owned()),
                    ("media_type", "audio") => probe.has_sound = true,
                    // The unit of a stream comes right before its type; only the first stream can have pictures.
                    ("tb", unit) if id == "0" => {
                        let (seconds, parts) = pair(unit, '/')?;
                        stream.unit = Unit { seconds, parts };
                    }
                    ("dimensions", size) if id == "0" => {
                        let (width, height) = pair(size, 'x')?;
                        stream.pixels = u64::from(width) * u64::from(height);
                    }
                    _ => {}
                }
            } else if let Some((id, packet)) = line.split_once(',')
                && picture_stream.as_deref() == Some(id)
            {
                if stream.packets.len() == MAX_PICTURES {
                    return Err(MediaError::TooLarge);
                }
                let index = stream.packets.len() as u32;
                stream.packets.extend(read(packet, index));
            }
        }
        probe.pictures = picture_stream.map(|_| stream);
        Ok(probe)
    }
}

fn pair(text: &str, between: char) -> Result<(u32, u32), MediaError> {
    text.split_once(between)
        .and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)))
        .ok_or(MediaError::Unreadable)
}

/// A packet: decoding time, presentation time, duration, size, checksum, and flags unless it is an ordinary key.
/// `None` for one without a time, and for one that an edit hides.
fn read(packet: &str, index: u32) -> Option<Packet> {
    const KEY: u32 = 1;
    const DISCARD: u32 = 4;
    let mut fields = packet.split(',').map(str::trim).skip(1);
    let pts = fields.next()?.parse().ok()?;
    let duration = fields.next()?.parse().unwrap_or(0);
    let flags = fields
        .find_map(|field| u32::from_str_radix(field.strip_prefix("F=0x")?, 16).ok())
        .unwrap_or(KEY);
    (flags & DISCARD == 0).then_some(Packet {
        index,
        pts,
        duration,
        key: flags & KEY != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "#extradata 1:       19, 0x3a04048f\n#software: Lavf61.1.100\n#tb 0: 1/1000\n\
        #media_type 0: video\n#codec_id 0: vp9\n#dimensions 0: 320x240\n#sar 0: 1/1\n#tb 1: 1/48000\n\
        #media_type 1: audio\n#codec_id 1: opus\n1,         -7,         -7,       20,      300, 0xb03b9361\n\
        0,          0,          0,       40,     7922, 0x04206d48\n\
        0,         40,         80,       40,     1419, 0xbecbcfff, F=0x0, S=1, 8\n\
        0,         80,         40,       40,     1882, 0x5217b1a4, F=0x4\n";

    #[test]
    fn reads_pictures_and_what_there_is() {
        let probe = Probe::parse(LIST).unwrap();
        let packet = |index, pts, key| Packet {
            index,
            pts,
            duration: 40,
            key,
        };
        let pictures = PictureStream {
            unit: Unit::per_second(1000),
            pixels: 76_800,
            packets: vec![packet(0, 0, true), packet(1, 80, false)],
        };
        assert_eq!(
            probe,
            Probe {
                pictures: Some(pictures),
                has_sound: true
            }
        );
    }

    #[test]
    fn sound_alone_and_nothing_at_all() {
        let probe =
            Probe::parse("#tb 0: 1/8000\n#media_type 0: audio\n0, 0, 0, 1, 1, 0x1\n").unwrap();
        assert_eq!(
            probe,
            Probe {
                pictures: None,
                has_sound: true
            }
        );
        assert_eq!(Probe::parse(""), Ok(Probe::default()));
        assert_eq!(Probe::parse("#tb 0: x"), Err(MediaError::Unreadable));
    }
}

//! Reads the list of packets that ffmpeg's `framecrc` muxer writes: all that the plan needs to know of a file whose index
//! is not read here, found without decoding.

use std::collections::BTreeMap;

pub(super) use super::streams::{PictureStream, SoundStream};
use super::{
    clock::Unit,
    pictures::Packet,
    streams::{Stream, choose_pictures, choose_sound},
};
use dodolens_app::ports::MediaError;

/// Most pictures looked at: two hours at 60 a second.
const MAX_PICTURES: usize = 432_000;
/// What a file holds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Probe {
    /// The picture track that a player shows; `None` when there is none.
    pub(super) pictures: Option<PictureStream>,
    /// The sound track that a player plays; `None` when there is none.
    pub(super) sound: Option<SoundStream>,
}

impl Probe {
    /// Reads the list.
    ///
    /// # Errors
    /// [`MediaError::Unreadable`] when it is anything else; [`MediaError::TooLarge`] when there are too many pictures.
    pub(super) fn parse(list: &str) -> Result<Self, MediaError> {
        let mut streams = BTreeMap::<&str, Stream<'_>>::new();
        let mut left = MAX_PICTURES;
        for line in list.lines() {
            if let Some((name, value)) = line
                .strip_prefix('#')
                .and_then(|fact| fact.split_once(": "))
            {
                let Some((name, id)) = name.rsplit_once(' ') else {
                    continue;
                };
                let stream = streams.entry(id).or_default();
                match name {
                    "tb" => {
                        let (seconds, parts) = pair(value, '/')?;
                        stream.unit = Unit { seconds, parts };
                    }
                    "media_type" => stream.kind = value,
                    "codec_id" => stream.codec = value,
                    "dimensions" => {
                        let (width, height) = pair(value, 'x')?;
                        stream.pixels = u64::from(width) * u64::from(height);
                    }
                    _ => {}
                }
            } else if let Some((id, packet)) = line.split_once(',')
                && let Some(stream) = streams.get_mut(id)
                && let Some(packet) = read(packet, stream.packets.len() as u32)
            {
                match stream.kind {
                    "video" => {
                        left = left.checked_sub(1).ok_or(MediaError::TooLarge)?;
                        stream.packets.push(packet);
                    }
                    _ => stream.play(packet),
                }
            }
        }
        // Streams are numbered in their order; as text, "10" is before "2".
        let mut streams: Vec<_> = streams
            .into_iter()
            .filter_map(|(id, stream)| Some((id.parse::<u32>().ok()?, stream)))
            .collect();
        streams.sort_by_key(|(id, _)| *id);
        let of_kind = |kind| {
            streams
                .iter()
                .map(|(_, stream)| stream)
                .filter(move |stream| stream.kind == kind)
                .enumerate()
        };
        Ok(Self {
            pictures: choose_pictures(of_kind("video")),
            sound: choose_sound(of_kind("audio")),
        })
    }
}

fn pair(text: &str, between: char) -> Result<(u32, u32), MediaError> {
    text.split_once(between)
        .and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)))
        .ok_or(MediaError::Unreadable)
}

/// A packet: decoding time, presentation time, duration, size, checksum, and flags unless it is an ordinary key.
/// `None` for one without a time, and for one that an edit hides: that is marked, or over before the start.
fn read(packet: &str, index: u32) -> Option<Packet> {
    const KEY: u32 = 1;
    const DISCARD: u32 = 4;
    let mut fields = packet.split(',').map(str::trim).skip(1);
    let pts: i64 = fields.next()?.parse().ok()?;
    let duration = fields.next()?.parse().unwrap_or(0);
    let flags = fields
        .find_map(|field| u32::from_str_radix(field.strip_prefix("F=0x")?, 16).ok())
        .unwrap_or(KEY);
    let over = pts < 0 && pts.saturating_add(i64::from(duration)) <= 0;
    (flags & DISCARD == 0 && !over).then_some(Packet {
        index,
        pts,
        duration,
        key: flags & KEY != 0,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
            place: 0,
            unit: Unit::per_second(1000),
            pixels: 76_800,
            packets: vec![packet(0, 0, true), packet(1, 80, false)],
        };
        let sound = SoundStream {
            place: 0,
            duration: Unit::per_second(48_000).duration(13 + 7),
            plays: Unit::per_second(48_000).duration(13 + 7),
        };
        assert_eq!(
            probe,
            Probe {
                pictures: Some(pictures),
                sound: Some(sound)
            }
        );
    }

    #[test]
    fn sound_alone_and_nothing_at_all() {
        let probe =
            Probe::parse("#tb 0: 1/8000\n#media_type 0: audio\n0, 0, 0, 1, 1, 0x1\n").unwrap();
        assert!(probe.pictures.is_none() && probe.sound.is_some());
        assert_eq!(Probe::parse(""), Ok(Probe::default()));
        assert_eq!(Probe::parse("#tb 0: x"), Err(MediaError::Unreadable));
    }

    /// A list of streams of pictures: size, how many, how long each.
    fn list(streams: &[(&str, u32, u32)]) -> String {
        let mut list = String::new();
        for (id, (size, count, duration)) in streams.iter().enumerate() {
            list +=
                &format!("#tb {id}: 1/1000\n#media_type {id}: video\n#dimensions {id}: {size}\n");
            for i in 0..*count {
                let at = i * duration;
                list += &format!("{id}, {at}, {at}, {duration}, 100, 0x1\n");
            }
        }
        list
    }

    #[test]
    fn the_picture_track_that_is_shown_longest_then_the_largest() {
        for (streams, place) in [
            (
                &[
                    ("4000x3000", 1, 60_000),
                    ("640x480", 300, 33),
                    ("320x240", 300, 33),
                ][..],
                1,
            ),
            (&[("320x240", 300, 33), ("640x480", 295, 33)], 1),
            (&[("640x480", 20, 33), ("320x240", 300, 33)], 1),
            (&[("640x480", 0, 33), ("320x240", 300, 33)], 1),
            (&[("640x480", 300, 33), ("640x480", 300, 33)], 0),
            (&[("640x480", 1, 33)], 0),
            // More than ten.
            (&[("64x48", 3, 33); 12], 0),
        ] {
            let pictures = Probe::parse(&list(streams)).unwrap().pictures.unwrap();
            assert_eq!(pictures.place, place, "{streams:?}");
        }
    }

    #[test]
    fn keys_alone_are_not_believed_of_a_codec_that_predicts() {
        for (codec, keys) in [("hevc", 1), ("h264", 1), ("mjpeg", 20)] {
            let list = list(&[("640x480", 20, 33)]).replacen(
                "#dim",
                &format!("#codec_id 0: {codec}\n#dim"),
                1,
            );
            let pictures = Probe::parse(&list).unwrap().pictures.unwrap();
            let found = pictures.packets.iter().filter(|packet| packet.key).count();
            assert_eq!(found, keys, "{codec}");
        }
    }

    #[test]
    fn sound_of_a_known_codec_without_the_gaps_that_no_film_has() {
        let list = "#tb 0: 1/1000\n#media_type 0: audio\n#codec_id 0: none\n#tb 1: 1/1000\n#media_type 1: audio\n\
            #codec_id 1: opus\n0, 0, 0, 20, 9, 0x1\n1, 500, 500, 20, 9, 0x1\n1, 520, 520, 20, 9, 0x1\n\
            1, 9000000, 9000000, 20, 9, 0x1\n";
        let sound = Probe::parse(list).unwrap().sound.unwrap();
        assert_eq!(
            sound,
            SoundStream {
                place: 1,
                duration: Duration::from_millis(560),
                plays: Duration::from_millis(60)
            }
        );
    }
}

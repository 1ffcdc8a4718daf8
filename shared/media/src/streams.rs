//! The streams of a file that the decoder lists, and which of them a player shows.

use std::time::Duration;

use super::{
    clock::{LONGEST, Unit},
    pictures::{Packet, Pictures},
};

/// Tracks of which the shorter has at least so many of the pictures' time are about as long.
const ALIKE: f64 = 0.9;

/// A picture track.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct PictureStream {
    /// Its place among the picture tracks, from 0.
    pub(super) place: usize,
    /// The unit of time.
    pub(super) unit: Unit,
    /// Pixels of a picture.
    pub(super) pixels: u64,
    /// The pictures, in decoding order.
    pub(super) packets: Vec<Packet>,
}

/// A sound track.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct SoundStream {
    /// Its place among the sound tracks, from 0.
    pub(super) place: usize,
    /// When its last packet ends; gaps that no film has are closed.
    pub(super) duration: Duration,
    /// How long it plays from where its sound begins.
    pub(super) plays: Duration,
}

impl PictureStream {
    /// How ffmpeg is told of it.
    pub(super) fn name(&self) -> String {
        format!("V:{}", self.place)
    }
}

impl SoundStream {
    /// How ffmpeg is told of it.
    pub(super) fn name(&self) -> String {
        format!("a:{}", self.place)
    }
}

/// A stream as the list tells of it.
#[derive(Debug, Default)]
pub(super) struct Stream<'a> {
    /// Of pictures or of sound, and by which codec, in ffmpeg's words.
    pub(super) kind: &'a str,
    pub(super) codec: &'a str,
    pub(super) unit: Unit,
    pub(super) pixels: u64,
    /// Of pictures alone.
    pub(super) packets: Vec<Packet>,
    /// Where its last packet ends, by the tables.
    end: i64,
    /// How long it plays with gaps closed, and how long it is before it begins.
    played: u64,
    before: u64,
}

impl Stream<'_> {
    /// Takes note of a packet of sound.
    pub(super) fn play(&mut self, packet: Packet) {
        let longest = self.unit.ticks(LONGEST);
        let gap = u64::try_from(packet.pts.saturating_sub(self.end)).unwrap_or(0);
        if self.played == 0 && gap <= longest {
            self.before = gap;
        }
        for time in [gap, packet.duration.into()] {
            if time <= longest {
                self.played = self.played.saturating_add(time);
            }
        }
        self.end = self
            .end
            .max(packet.pts.saturating_add(packet.duration.into()));
    }

    /// Its pictures; where all of them are said to be keys, by a codec that is chosen for those that are none, the first
    /// alone is believed.
    fn believed(&self) -> Vec<Packet> {
        let mut packets = self.packets.clone();
        let predicted = ["h264", "hevc", "vp8", "vp9", "av1", "mpeg4"].contains(&self.codec);
        if predicted && packets.len() > 1 && packets.iter().all(|packet| packet.key) {
            for packet in packets.iter_mut().skip(1) {
                packet.key = false;
            }
        }
        packets
    }

    /// How long its pictures are shown, if each lasts until the next and gaps that no film has are closed.
    fn shown(&self) -> f64 {
        let end = Pictures::of_packets(&self.packets, self.unit, None).end;
        self.unit.duration(end).as_secs_f64()
    }
}

/// The picture track that a player shows: over the longest time, then the largest. One that is a single picture is a poster
/// if there are others.
pub(super) fn choose_pictures<'a>(
    streams: impl Iterator<Item = (usize, &'a Stream<'a>)>,
) -> Option<PictureStream> {
    let mut best: Option<(bool, f64, usize, &Stream<'_>)> = None;
    for (place, stream) in streams {
        let (many, shown) = (stream.packets.len() > 1, stream.shown());
        let better = best.is_none_or(|(other_many, other_shown, _, other)| {
            let alike = shown.min(other_shown) >= ALIKE * shown.max(other_shown);
            let preferred = match alike {
                true => stream.pixels > other.pixels,
                false => shown > other_shown,
            };
            if many == other_many { preferred } else { many }
        });
        if better {
            best = Some((many, shown, place, stream));
        }
    }
    best.map(|(_, _, place, stream)| PictureStream {
        place,
        unit: stream.unit,
        pixels: stream.pixels,
        packets: stream.believed(),
    })
}

/// The first sound track of which the decoder knows the codec, or the first.
pub(super) fn choose_sound<'a>(
    streams: impl Iterator<Item = (usize, &'a Stream<'a>)>,
) -> Option<SoundStream> {
    let known = |(_, stream): &(usize, &Stream<'_>)| {
        !["none", "unknown_codec", "apac"].contains(&stream.codec) && stream.played > 0
    };
    let (place, stream) = streams.min_by_key(|stream| !known(stream))?;
    Some(SoundStream {
        place,
        duration: stream.unit.duration(stream.played),
        plays: stream
            .unit
            .duration(stream.played.saturating_sub(stream.before)),
    })
}

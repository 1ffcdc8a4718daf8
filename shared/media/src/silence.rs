//! Tells digital silence from sound without decoding it: a microphone that was off, or a sound track put in as a filler.

use super::{bits::Bits, boxes::u16_at};

/// Bytes of a frame of the MP3 that [`super::commands`] makes: 36 ms of 16 kHz mono at a constant 48 kbit/s.
const MP3_FRAME: usize = 216;
/// Most elements of an AAC packet looked at; eight channels take five.
const MAX_ELEMENTS: usize = 32;

/// Whether `packets` of AAC (ISO/IEC 14496-3, section 4.4.2) hold nothing but zeros. `false` for none at all, and for
/// what is not understood.
pub(super) fn of_aac<'a>(mut packets: impl Iterator<Item = &'a [u8]>) -> bool {
    packets.next().is_some_and(is_zero) && packets.all(is_zero)
}

/// Whether MP3 as [`super::commands`] makes it holds nothing but zeros: no frame has any bits of its own.
pub(super) fn of_mp3(bytes: &[u8]) -> bool {
    // Header (ISO/IEC 11172-3, section 2.4.1.3: MPEG-2 layer III, no checksum), then how far back its data begin, a
    // private bit, and the 12 bits of `part2_3_length` (ISO/IEC 13818-3, section 2.4.1.7).
    let empty = |frame: &[u8]| {
        frame.starts_with(&[0xff, 0xf3]) && u16_at(frame, 5).is_some_and(|bits| bits << 1 >> 4 == 0)
    };
    !bytes.is_empty() && bytes.chunks(MP3_FRAME).all(empty)
}

/// Whether all channels of a packet are zero.
fn is_zero(packet: &[u8]) -> bool {
    let mut bits = Bits::new(packet);
    (0..MAX_ELEMENTS)
        .find_map(|_| match element(&mut bits) {
            Some(Element::Zero) => None,
            Some(Element::End) => Some(true),
            None => Some(false),
        })
        .unwrap_or(false)
}

/// An element of a packet that was read to its end.
enum Element {
    /// Channels that are zero, or no channel.
    Zero,
    /// The last one.
    End,
}

/// The next element; `None` when a channel in it is not zero, or when it is not understood.
fn element(bits: &mut Bits<'_>) -> Option<Element> {
    const SINGLE: u32 = 0;
    const PAIR: u32 = 1;
    const LOW: u32 = 3;
    const DATA: u32 = 4;
    const FILL: u32 = 6;
    const END: u32 = 7;
    match bits.take(3)? {
        SINGLE | LOW => {
            bits.take(4)?;
            zero_channel(bits, None)?;
        }
        PAIR => {
            bits.take(4)?;
            let mut shared = None;
            if bits.take(1)? == 1 {
                let window = Window::read(bits)?;
                if bits.take(2)? == 1 {
                    bits.skip(window.groups * window.bands)?;
                }
                shared = Some(window);
            }
            zero_channel(bits, shared)?;
            zero_channel(bits, shared)?;
        }
        DATA => {
            bits.take(4)?;
            let aligned = bits.take(1)? == 1;
            let mut bytes = bits.take(8)?;
            if bytes == 255 {
                bytes += bits.take(8)?;
            }
            if aligned {
                bits.align();
            }
            bits.skip(8 * bytes)?;
        }
        FILL => {
            let mut bytes = bits.take(4)?;
            if bytes == 15 {
                bytes = (bytes + bits.take(8)?).checked_sub(1)?;
            }
            bits.skip(8 * bytes)?;
        }
        END => return Some(Element::End),
        _ => return None,
    }
    Some(Element::Zero)
}

/// How the samples of a channel are divided (`ics_info`).
#[derive(Clone, Copy)]
struct Window {
    groups: u32,
    bands: u32,
    short: bool,
}

impl Window {
    fn read(bits: &mut Bits<'_>) -> Option<Self> {
        const SHORT: u32 = 2;
        bits.take(1)?;
        let short = bits.take(2)? == SHORT;
        bits.take(1)?;
        if short {
            let bands = bits.take(4)?;
            let groups = 1 + bits.take(7)?.count_zeros() - 25;
            return Some(Self {
                groups,
                bands,
                short,
            });
        }
        let bands = bits.take(6)?;
        // Prediction is not of the profile that cameras write.
        (bits.take(1)? == 0).then_some(Self {
            groups: 1,
            bands,
            short,
        })
    }
}

/// Reads a channel (`individual_channel_stream`) that is zero.
fn zero_channel(bits: &mut Bits<'_>, shared: Option<Window>) -> Option<()> {
    bits.take(8)?;
    let window = match shared {
        Some(window) => window,
        None => Window::read(bits)?,
    };
    let (width, last) = if window.short { (3, 7) } else { (5, 31) };
    for _ in 0..window.groups {
        let mut band = 0;
        while band < window.bands {
            // Any other code book than the first has values, or noise.
            if bits.take(4)? != 0 {
                return None;
            }
            loop {
                let more = bits.take(width)?;
                band += more;
                if more != last {
                    break;
                }
            }
        }
    }
    // Neither pulses, nor noise shaping, nor gain control.
    (bits.take(3)? == 0).then_some(())
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use dodolens_testing::damaged;

    /// What ffmpeg 7.0.2 writes for silence in two channels: the first packet has its name in a fill element.
    const FIRST: &[u8] = b"\xdc\x00Lavc61.3.100\x00\x42\x20\x08\xc1\x18\x38";
    const PAIR: &[u8] = &[0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c];
    /// And in one.
    const SINGLE: &[u8] = &[0x01, 0x18, 0x20, 0x07];

    fn mp3(bits: [u8; 2], frames: usize) -> Vec<u8> {
        let mut frame = vec![0x55; MP3_FRAME];
        frame[..9].copy_from_slice(&[0xff, 0xf3, 0x68, 0xc4, 0x34, bits[0], bits[1], 0x03, 0x48]);
        frame.repeat(frames)
    }

    #[test]
    fn silent_packets_are_silent() {
        assert!(is_zero(FIRST) && is_zero(PAIR) && is_zero(SINGLE));
        assert!(of_aac([FIRST, PAIR, PAIR].into_iter()));
        assert!(!of_aac(std::iter::empty()));
    }

    #[test]
    fn padding_makes_no_sound() {
        // The pair without its end, 34 bytes of filling, the end; all but the first five bytes are shifted.
        let mut packet = PAIR[..5].to_vec();
        let mut tail = Vec::new();
        for (value, width) in [(0, 3), (6, 3), (15, 4), (20, 8)] {
            tail.extend((0..width).rev().map(|bit| value >> bit & 1));
        }
        tail.extend([1; 34 * 8]);
        tail.extend([1, 1, 1, 0, 0, 0]);
        packet.extend(
            tail.chunks(8)
                .map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit)),
        );
        assert!(is_zero(&packet));
        assert!(!is_zero(&packet[..packet.len() - 3]));
    }

    #[test]
    fn bands_that_say_that_they_are_zero_are_silent_and_others_are_not() {
        // One channel, four bands in one section: with code book 0, then with code book 1.
        let packet = |book: u64| {
            let mut bits = 0_u64;
            for (value, width) in [
                (0, 3),
                (0, 4),
                (140, 8),
                (0, 4),
                (4, 6),
                (0, 1),
                (book, 4),
                (4, 5),
                (0, 3),
                (7, 3),
            ] {
                bits = bits << width | value;
            }
            (bits << (64 - 41)).to_be_bytes()
        };
        assert!(is_zero(&packet(0)));
        assert!(!is_zero(&packet(1)));
    }

    #[test]
    fn one_packet_with_something_in_it_is_enough() {
        let mut loud = PAIR.to_vec();
        loud[2] |= 0x40;
        assert!(!is_zero(&loud) && !is_zero(b"") && !is_zero(&PAIR[..4]));
        assert!(!of_aac([PAIR, &loud, PAIR].into_iter()));
    }

    #[test]
    fn mp3_without_bits_is_silent() {
        assert!(of_mp3(&mp3([0, 0], 5)) && of_mp3(&mp3([0x80, 0x07], 1)));
        assert!(!of_mp3(b"") && !of_mp3(b"\xff\xf3"));
        for bits in [[0x40, 0], [0, 0x08]] {
            let bytes = [mp3([0, 0], 3), mp3(bits, 1)].concat();
            assert!(!of_mp3(&bytes));
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_it_ends(bytes in vec(any::<u8>(), 0..300), damaged in damaged(FIRST)) {
            let _ = (is_zero(&bytes), is_zero(&damaged), of_mp3(&bytes));
        }
    }
}

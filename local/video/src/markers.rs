//! What test videos carry for the simulated AI peer to read: QR codes in the picture, DTMF tones in the sound.

use std::{fmt, str::FromStr, time::Duration};

/// How long a key sounds.
pub const TONE: Duration = Duration::from_millis(60);

/// Silence after a key.
pub const GAP: Duration = Duration::from_millis(40);

/// Keys before and after a text. No UTF-8 text holds them: as bytes they are EF EF, or at an odd place ?E FE F?.
pub const MARK: &str = "*#*#";

/// DTMF row frequencies, Hz (ITU-T Q.23), top to bottom.
pub const ROWS: [f64; 4] = [697.0, 770.0, 852.0, 941.0];

/// DTMF column frequencies, Hz (ITU-T Q.23), left to right.
pub const COLUMNS: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

/// The keypad by row and column.
const KEYPAD: [[char; 4]; 4] = [
    ['1', '2', '3', 'A'],
    ['4', '5', '6', 'B'],
    ['7', '8', '9', 'C'],
    ['*', '0', '#', 'D'],
];

/// The key of each nibble, 0 to 15.
const NIBBLES: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', '*', '#',
];

/// The key at a row and column of the keypad.
#[must_use]
pub fn key_at(row: usize, column: usize) -> Option<char> {
    KEYPAD.get(row)?.get(column).copied()
}

/// The two frequencies of a key, Hz: its row's and its column's.
#[must_use]
pub fn tones(key: char) -> Option<(f64, f64)> {
    KEYPAD.iter().zip(ROWS).find_map(|(keys, low)| {
        let (_, high) = keys.iter().zip(COLUMNS).find(|(at, _)| **at == key)?;
        Some((low, high))
    })
}

/// A text as keys, with the mark before and after it.
#[must_use]
pub fn keys_of(text: &str) -> String {
    let nibbles = text.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
    let keys = nibbles.filter_map(|nibble| NIBBLES.get(usize::from(nibble)));
    MARK.chars()
        .chain(keys.copied())
        .chain(MARK.chars())
        .collect()
}

/// Heard keys are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is a start mark and no end mark.
    #[error("the tones have a start mark and no end mark")]
    Unended,
    /// What lies between the marks is not UTF-8 in whole bytes.
    #[error("the tones between the marks are not UTF-8")]
    NotUtf8,
}

/// The text between the first two marks of the heard keys; none without a mark.
pub fn text_of(keys: &str) -> Result<Option<String>, Unreadable> {
    let Some((_, rest)) = keys.split_once(MARK) else {
        return Ok(None);
    };
    let (text, _) = rest.split_once(MARK).ok_or(Unreadable::Unended)?;
    let nibbles = text.chars().map(|key| {
        NIBBLES
            .iter()
            .position(|at| *at == key)
            .and_then(|at| u8::try_from(at).ok())
    });
    let nibbles: Vec<u8> = nibbles.collect::<Option<_>>().ok_or(Unreadable::NotUtf8)?;
    let (pairs, odd) = nibbles.as_chunks();
    if !odd.is_empty() {
        return Err(Unreadable::NotUtf8);
    }
    let bytes = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| Unreadable::NotUtf8)
}

/// The largest number of a thing.
pub const MAX_NUMBER: u32 = 9_999;

/// One visible object, as its QR code says it: `item=<catalogue id>;room=<room id>`, and `;n=<number>` where the thing
/// can be told from its like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marker {
    item: String,
    room: String,
    number: Option<u32>,
}

/// A text is no marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not `item=<catalogue id>;room=<room id>[;n=<number>]` with ids of lower-case letters, digits and underscores, and \
     a number from 1 to {MAX_NUMBER}"
)]
pub struct NotAMarker;

impl Marker {
    /// From a catalogue id and a room id.
    pub fn new(item: &str, room: &str) -> Result<Self, NotAMarker> {
        if is_id(item) && is_id(room) {
            Ok(Self {
                item: item.into(),
                room: room.into(),
                number: None,
            })
        } else {
            Err(NotAMarker)
        }
    }

    /// The same object in the same room, as the thing of this number.
    pub fn numbered(mut self, number: u32) -> Result<Self, NotAMarker> {
        if !(1..=MAX_NUMBER).contains(&number) {
            return Err(NotAMarker);
        }
        self.number = Some(number);
        Ok(self)
    }

    /// The catalogue id of the object.
    #[must_use]
    pub fn item(&self) -> &str {
        &self.item
    }

    /// The id of the room that it stands in.
    #[must_use]
    pub fn room(&self) -> &str {
        &self.room
    }

    /// Which one it is of its like in that room; none if that can't be told.
    #[must_use]
    pub const fn number(&self) -> Option<u32> {
        self.number
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item={};room={}", self.item, self.room)?;
        self.number
            .map_or(Ok(()), |number| write!(f, ";n={number}"))
    }
}

impl FromStr for Marker {
    type Err = NotAMarker;

    fn from_str(text: &str) -> Result<Self, NotAMarker> {
        let (item, place) = text.split_once(';').ok_or(NotAMarker)?;
        let item = item.strip_prefix("item=").ok_or(NotAMarker)?;
        let place = place.strip_prefix("room=").ok_or(NotAMarker)?;
        match place.split_once(";n=") {
            Some((room, number)) => Self::new(item, room)?.numbered(number_of(number)?),
            None => Self::new(item, place),
        }
    }
}

/// A number as [`Marker`]s have it: digits that don't begin with 0.
pub(crate) fn number_of(text: &str) -> Result<u32, NotAMarker> {
    if text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotAMarker);
    }
    text.parse().map_err(|_| NotAMarker)
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

#[cfg(test)]
mod tests {
    use proptest::{option, prelude::*};

    use super::*;

    #[test]
    fn every_key_has_its_own_two_tones_and_place() {
        let mut seen = Vec::new();
        for (row, low) in ROWS.into_iter().enumerate() {
            for (column, high) in COLUMNS.into_iter().enumerate() {
                let key = key_at(row, column).unwrap();
                assert_eq!(tones(key), Some((low, high)));
                seen.push(key);
            }
        }
        seen.sort_unstable();
        let mut keys = NIBBLES;
        keys.sort_unstable();
        assert_eq!(seen, keys);
        assert_eq!((key_at(4, 0), key_at(0, 4), tones('E')), (None, None, None));
    }

    #[test]
    fn a_text_is_keys_between_marks() {
        assert_eq!(keys_of("/\u{ff}"), "*#*#2#C3B#*#*#");
        for text in [
            "",
            "move the sofa",
            "le piano reste là",
            "\u{feff}\u{ffff}\u{10ffff}~",
            "mañana ✓",
        ] {
            let keys = keys_of(text);
            assert_eq!(text_of(&keys), Ok(Some(text.into())));
            assert_eq!(text_of(&format!("17D{keys}#5")), Ok(Some(text.into())));
            assert_eq!(
                keys.matches(MARK).count(),
                2,
                "the mark is not within {text:?}"
            );
        }
    }

    #[test]
    fn broken_keys_are_told_apart() {
        assert_eq!(text_of(""), Ok(None));
        assert_eq!(text_of("123*#*"), Ok(None));
        assert_eq!(text_of("*#*#41"), Err(Unreadable::Unended));
        assert_eq!(text_of("*#*#414*#*#"), Err(Unreadable::NotUtf8));
        assert_eq!(text_of("*#*#CC*#*#"), Err(Unreadable::NotUtf8));
        assert_eq!(text_of("*#*#4E*#*#"), Err(Unreadable::NotUtf8));
    }

    #[test]
    fn a_marker_is_written_and_read() {
        let marker = Marker::new("sofa_3", "living_room").unwrap();
        assert_eq!(marker.to_string(), "item=sofa_3;room=living_room");
        assert_eq!(marker.to_string().parse(), Ok(marker.clone()));
        assert_eq!((marker.item(), marker.room()), ("sofa_3", "living_room"));
        assert_eq!(marker.number(), None);
        let third = marker.numbered(3).unwrap();
        assert_eq!(third.to_string(), "item=sofa_3;room=living_room;n=3");
        assert_eq!((third.item(), third.number()), ("sofa_3", Some(3)));
        for text in [
            "",
            "item=a",
            "item=;room=b",
            "item=A;room=b",
            "room=b;item=a",
            "item=a;room=b;",
            "item=a;room=b c",
            "item=a;room=b;n=",
            "item=a;room=b;n=0",
            "item=a;room=b;n=01",
            "item=a;room=b;n=+1",
            "item=a;room=b;n=10000",
            "item=a;room=b;n=99999999999",
            "item=a;room=b;n=1;n=2",
            "item=a;n=1;room=b",
        ] {
            assert_eq!(text.parse::<Marker>(), Err(NotAMarker), "{text:?}");
        }
    }
    proptest! {
        #[test]
        fn every_marker_is_read_as_it_was_written(
            (item, room, number) in ("[a-z0-9_]{1,32}", "[a-z0-9_]{1,32}", option::of(1..=MAX_NUMBER)),
        ) {
            let marker = Marker::new(&item, &room).unwrap();
            let marker = number.map_or(Ok(marker.clone()), |number| marker.numbered(number)).unwrap();
            prop_assert_eq!(marker.number(), number);
            prop_assert_eq!(marker.to_string().parse(), Ok(marker));
        }

        #[test]
        fn a_text_that_is_read_is_written_the_same(text in "item=[a-c]{0,2};room=[a-c]{0,2}(;n=[0-9x+]{0,5})?") {
            if let Ok(marker) = text.parse::<Marker>() {
                prop_assert_eq!(marker.to_string(), text);
            }
        }
    }
}

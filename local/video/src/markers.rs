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

/// One visible object, as its QR code says it: `item=<catalogue id>;room=<room id>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marker {
    item: String,
    room: String,
}

/// A text is no marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not `item=<catalogue id>;room=<room id>` with ids of lower-case letters, digits and underscores"
)]
pub struct NotAMarker;

impl Marker {
    /// From a catalogue id and a room id.
    pub fn new(item: &str, room: &str) -> Result<Self, NotAMarker> {
        if is_id(item) && is_id(room) {
            Ok(Self {
                item: item.into(),
                room: room.into(),
            })
        } else {
            Err(NotAMarker)
        }
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
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item={};room={}", self.item, self.room)
    }
}

impl FromStr for Marker {
    type Err = NotAMarker;

    fn from_str(text: &str) -> Result<Self, NotAMarker> {
        let (item, room) = text.split_once(';').ok_or(NotAMarker)?;
        let item = item.strip_prefix("item=").ok_or(NotAMarker)?;
        let room = room.strip_prefix("room=").ok_or(NotAMarker)?;
        Self::new(item, room)
    }
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

#[cfg(test)]
mod tests {
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
        for text in [
            "",
            "item=a",
            "item=;room=b",
            "item=A;room=b",
            "room=b;item=a",
            "item=a;room=b;",
            "item=a;room=b c",
        ] {
            assert_eq!(text.parse::<Marker>(), Err(NotAMarker), "{text:?}");
        }
    }
}

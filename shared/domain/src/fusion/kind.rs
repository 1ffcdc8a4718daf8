//! What an object is and where it stands, in an order that is the result's.

use std::cmp::Ordering;

use super::texts;
use crate::{
    catalogue::{Item, ROOMS, Room, akin},
    inventory::NO_ROOM,
    locale::Locale,
};

/// What kind of object it is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// One of the catalogue.
    Known(&'static Item),
    /// One outside of it, by its [cleaned](clean) lower-case label; empty when it has none.
    Other(String),
}

impl Kind {
    /// The kind of what a model has called `label`.
    pub fn of(item: Option<&'static Item>, label: &str) -> Self {
        match item {
            Some(item) => Self::Known(item),
            None => Self::Other(clean(&label.to_lowercase(), 60)),
        }
    }

    /// Whether the same word may mean either of two different kinds.
    pub fn is_akin(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Known(one), Self::Known(other)) => akin(one, other),
            _ => false,
        }
    }

    /// The catalogue's id.
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Known(item) => Some(item.id.to_owned()),
            Self::Other(_) => None,
        }
    }

    /// What it is called.
    pub fn name(&self, locale: Locale) -> String {
        match self {
            Self::Known(item) => item.name.get(locale).to_owned(),
            Self::Other(label) => {
                let mut rest = label.chars();
                match rest.next() {
                    Some(first) => first.to_uppercase().chain(rest).collect(),
                    None => texts::OBJECT.get(locale).to_owned(),
                }
            }
        }
    }

    /// Its key in the contents of an entry of several kinds.
    pub fn key(&self, locale: Locale) -> String {
        self.id().unwrap_or_else(|| self.name(locale))
    }

    fn rank(&self) -> (u8, &str) {
        match self {
            Self::Known(item) => (0, item.id),
            Self::Other(label) => (1, label),
        }
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Kind {}

impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kind {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

/// Where something stands: a place in [`ROOMS`], or past its end where it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(usize);

impl Place {
    /// In no known room.
    pub const UNKNOWN: Self = Self(ROOMS.len());

    /// The place of a room.
    pub fn of(room: Option<&Room>) -> Self {
        room.and_then(|room| ROOMS.iter().position(|known| known.id == room.id))
            .map_or(Self::UNKNOWN, Self)
    }

    /// The room's id.
    pub fn id(self) -> Option<String> {
        ROOMS.get(self.0).map(|room| room.id.to_owned())
    }

    /// Its key in the contents of an entry of several kinds.
    pub fn key(self) -> String {
        self.id().unwrap_or_else(|| NO_ROOM.to_owned())
    }

    /// What the room is called.
    pub fn name(self, locale: Locale) -> &'static str {
        ROOMS
            .get(self.0)
            .map_or(&texts::UNKNOWN_ROOM, |room| &room.name)
            .get(locale)
    }
}

/// A model's text on one line, at most `max` characters, with nothing that JSON would have to escape and nothing that
/// can't be seen.
pub fn clean(text: &str, max: usize) -> String {
    let text: String = text
        .chars()
        .filter(|c| c.is_whitespace() || !(c.is_control() || is_invisible(*c)))
        .filter(|c| !matches!(c, '"' | '\\'))
        .take(4 * max)
        .collect();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars()
        .take(max)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// Characters that hide, or reorder what stands around them: soft hyphen, joiners, directions, tags (Unicode's category
/// Cf), and private use.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{10ffff}')
}

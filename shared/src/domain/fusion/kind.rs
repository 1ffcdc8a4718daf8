//! What an object is and where it stands, in an order that is the result's.

use std::cmp::Ordering;

use super::texts;
use crate::domain::{
    catalogue::{Item, ROOMS, Room},
    locale::Locale,
};

/// What kind of object it is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// One of the catalogue.
    Known(&'static Item),
    /// One outside of it, by its [cleaned](clean) lower-case label; empty when it has none.
    Other(String),
    /// Objects of several kinds.
    Group,
}

impl Kind {
    /// The kind of what a model has called `label`.
    pub fn of(item: Option<&'static Item>, label: &str) -> Self {
        match item {
            Some(item) => Self::Known(item),
            None => Self::Other(clean(label, 60).to_lowercase()),
        }
    }

    /// The catalogue's id.
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Known(item) => Some(item.id.to_owned()),
            Self::Other(_) | Self::Group => None,
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
            Self::Group => texts::OTHER_OBJECTS.get(locale).to_owned(),
        }
    }

    fn key(&self) -> (u8, &str) {
        match self {
            Self::Known(item) => (0, item.id),
            Self::Other(label) => (1, label),
            Self::Group => (2, ""),
        }
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
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
        self.key().cmp(&other.key())
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

    /// What the room is called.
    pub fn name(self, locale: Locale) -> &'static str {
        ROOMS
            .get(self.0)
            .map_or(&texts::NO_ROOM, |room| &room.name)
            .get(locale)
    }
}

/// A model's text on one line, at most `max` characters, with nothing that JSON would have to escape.
pub fn clean(text: &str, max: usize) -> String {
    let text: String = text
        .chars()
        .filter(|c| c.is_whitespace() || !(c.is_control() || matches!(c, '"' | '\\')))
        .take(4 * max)
        .collect();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars()
        .take(max)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

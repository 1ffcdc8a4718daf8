//! Household objects and rooms, with volumes from published cubic sheets.

mod items;
mod rooms;

use super::locale::Localized;

pub use items::ITEMS;
pub use rooms::ROOMS;

/// A kind of household object.
#[derive(Debug, PartialEq)]
pub struct Item {
    /// Stable name on every wire: lower-case ASCII letters, digits and underscores.
    pub id: &'static str,
    /// What it is called, singular.
    pub name: Localized,
    /// Usual volume, m³, as packed for the van.
    pub volume: f64,
    /// Volume of a small and of a large one, m³.
    pub bounds: (f64, f64),
    /// Usual weight, kg.
    pub weight: f64,
    /// Needs careful handling.
    pub fragile: bool,
    /// Needs two people or a trolley.
    pub heavy: bool,
    /// Usually taken apart for the move.
    pub dismantle: bool,
}

/// A kind of room.
#[derive(Debug, PartialEq)]
pub struct Room {
    /// Stable name on every wire: lower-case ASCII letters, digits and underscores.
    pub id: &'static str,
    /// What it is called.
    pub name: Localized,
}

/// The object kind with this id.
#[must_use]
pub fn item(id: &str) -> Option<&'static Item> {
    ITEMS.iter().find(|item| item.id == id)
}

/// The room with this id.
#[must_use]
pub fn room(id: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.id == id)
}

//! The lines of an inventory in full, with all that can be looked up.

use serde::{Deserialize, Serialize};

use super::{Conflict, Inventory, Line};
use crate::{
    catalogue,
    fusion::{Entry, Kind, Place},
    locale::Locale,
};

/// Objects of one kind in one room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// The catalogue's id; null for an object outside of it.
    pub catalogue_id: Option<String>,
    /// What it is called.
    pub name: String,
    /// Room id, or null where it could not be told.
    pub room: Option<String>,
    /// What the room is called.
    pub room_name: String,
    /// How many.
    pub quantity: u32,
    /// m³ of one.
    pub unit_volume: f64,
    /// m³ of all.
    pub volume: f64,
    /// Between which bounds `volume` lies, m³.
    pub volume_range: [f64; 2],
    /// Weight of all, kg.
    pub weight_kg: f64,
    /// How to handle it.
    pub flags: Vec<Flag>,
    /// Whole seconds from the start of the film at which the first is seen, if any is.
    pub seen_at: Option<u32>,
    /// Whether it was spoken of.
    pub said: bool,
    /// 0 to 1; null where it is 0.9 or more.
    pub confidence: Option<f64>,
    /// Both sides of a contradiction, where `flags` has one.
    pub conflict: Option<Conflict>,
}

/// How to handle an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Flag {
    /// With care.
    Fragile,
    /// By two people or with a trolley.
    Heavy,
    /// To be taken apart.
    Dismantle,
    /// The family is undecided.
    Unsure,
    /// The evidence contradicts itself: a human should ask.
    Contradiction,
}

impl Inventory {
    /// Every line in full, names in the result's language, in the order of the rooms. What is grouped in
    /// [`Inventory::others`] has none.
    #[must_use]
    pub fn objects(&self) -> Vec<Object> {
        self.objects_in(self.locale)
    }

    /// As [`Self::objects`], in another language.
    #[must_use]
    pub fn objects_in(&self, locale: Locale) -> Vec<Object> {
        let lines = self.rooms.iter().flat_map(|room| {
            let place = Place::of(room.room.as_deref().and_then(catalogue::room));
            let things = room.things.iter();
            things.map(move |(key, line)| entry(key, place, line).object(locale))
        });
        lines.collect()
    }
}

/// The line as fusion has made it.
fn entry(key: &str, place: Place, line: &Line) -> Entry {
    let details = &line.details;
    let usual = line
        .quantity
        .saturating_sub(details.small.saturating_add(details.large));
    let kind = Kind::of(catalogue::item(key), key);
    let mut entry = Entry::new(kind, place, [details.small, usual, details.large]);
    entry.fragile = details.fragile;
    entry.seen_at = line.seen_at;
    entry.said = details.said;
    entry.unsure = details.unsure;
    entry.confidence = details.confidence.unwrap_or(1.0);
    entry.conflict = details.conflict;
    entry
}

//! The moving inventory: what the family is given.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{evidence::Gap, locale::Locale};

/// The name and version of the result's form.
pub const SCHEMA: &str = "dodolens.inventory/1";

/// A result stays below this, as JSON, so that one WebSocket frame and one DynamoDB item always hold it.
pub const MAX_JSON_BYTES: usize = 5 * 1024;

/// A moving inventory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Inventory {
    /// Name and version of this form. A change that breaks readers gets another number.
    #[cfg_attr(test, schemars(extend("const" = SCHEMA)))]
    pub schema: String,
    /// Language of the names and remarks.
    pub locale: Locale,
    /// What moves: one entry per object kind and room. In a long result the small ones share a last entry, whose
    /// `contents` names them.
    pub objects: Vec<Object>,
    /// What was said to stay; in no total. In a long result the last of them share an entry.
    pub staying: Vec<Staying>,
    /// Subtotals, the objects within `contents` included.
    pub rooms: Vec<RoomTotal>,
    /// Volume of all objects, m³.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub total_volume: f64,
    /// Between which bounds it lies, m³.
    #[cfg_attr(test, schemars(inner(range(min = 0))))]
    pub total_volume_range: [f64; 2],
    /// Weight of all objects, kg.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub total_weight_kg: f64,
    /// What it takes to move it by road.
    pub vehicle: Transport,
    /// What it takes to move it by sea.
    pub container: Transport,
    /// What a human should know or decide, most important first.
    #[cfg_attr(test, schemars(inner(length(min = 1, max = 240))))]
    pub remarks: Vec<String>,
    /// Evidence that was missing.
    pub degraded: Vec<Gap>,
    /// What the analysis used.
    pub cost: Cost,
}

/// Objects of one kind in one room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// The catalogue's id; null for an object outside of it and for objects grouped to keep the result short.
    pub catalogue_id: Option<String>,
    /// In the result's language.
    #[cfg_attr(test, schemars(length(min = 1, max = 64)))]
    pub name: String,
    /// Room id, or null where it could not be told.
    pub room: Option<String>,
    /// How many.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub quantity: u32,
    /// m³ of one.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub unit_volume: f64,
    /// m³ of all.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub volume: f64,
    /// Between which bounds `volume` lies, m³.
    #[cfg_attr(test, schemars(inner(range(min = 0))))]
    pub volume_range: [f64; 2],
    /// Weight of all, kg.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub weight_kg: f64,
    /// How to handle it.
    pub flags: Vec<Flag>,
    /// What it rests on.
    pub evidence: Support,
    /// 0 to 1.
    #[cfg_attr(test, schemars(range(min = 0, max = 1)))]
    pub confidence: f64,
    /// Both sides of a contradiction, where `flags` has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Conflict>,
    /// What the entry holds, if it is one of several kinds: how many of each, and their m³.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contents: Contents<(u32, f64)>,
}

/// By room id, [`NO_ROOM`] where it could not be told; then by catalogue id, or by name for what has none. A name never
/// looks like an id: it begins with no small letter of ASCII.
pub type Contents<T> = BTreeMap<String, BTreeMap<String, T>>;

/// Stands for a room's id in [`Contents`].
pub const NO_ROOM: &str = "unknown";

/// How to handle an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

/// Two things that can't both be true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "about", rename_all = "camelCase")]
pub enum Conflict {
    /// How many there are. The larger number is counted.
    Quantity {
        /// At most so many in one picture; in all rooms, when what was said is of no room.
        seen: u32,
        /// By the family's word.
        said: u32,
    },
    /// Whether they come. They are counted as coming.
    Decision {
        /// How many were said to come.
        moving: u32,
        /// How many were said to stay.
        staying: u32,
    },
}

/// What an entry rests on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Support {
    /// Seconds from the start of the video.
    pub seen_at: Vec<f64>,
    /// Whether it was spoken of.
    pub said: bool,
}

/// Objects that stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Staying {
    /// The catalogue's id; null for an object outside of it and for objects grouped to keep the result short.
    pub catalogue_id: Option<String>,
    /// In the result's language.
    #[cfg_attr(test, schemars(length(min = 1, max = 64)))]
    pub name: String,
    /// Room id, or null where it could not be told.
    pub room: Option<String>,
    /// How many.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub quantity: u32,
    /// What the entry holds, if it is one of several kinds: how many of each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contents: Contents<u32>,
}

/// What one room adds up to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RoomTotal {
    /// Room id, or null for what stands in no known room.
    pub room: Option<String>,
    /// In the result's language.
    #[cfg_attr(test, schemars(length(min = 1, max = 64)))]
    pub name: String,
    /// How many objects.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub quantity: u32,
    /// m³.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub volume: f64,
}

/// What it takes to move a volume.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Transport {
    /// Stable name, such as `van_12`, `truck_20` or `container_40`.
    pub id: String,
    /// In the result's language.
    #[cfg_attr(test, schemars(length(min = 1, max = 64)))]
    pub name: String,
    /// What one holds, m³.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub capacity: f64,
    /// How many of them, or trips of one; 0 when nothing moves.
    pub count: u32,
    /// What it would be for the lower and for the upper bound of the volume.
    pub range: [Load; 2],
}

/// So many of one kind of transport.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Load {
    /// Stable name.
    pub id: String,
    /// How many.
    pub count: u32,
}

/// What the analysis used.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// Tokens that the models read.
    pub input_tokens: u64,
    /// Tokens that the models wrote.
    pub output_tokens: u64,
    /// Seconds of sound transcribed.
    pub audio_seconds: u64,
    /// What the providers ask for all of it, US dollars.
    #[serde(default)]
    pub usd: f64,
}

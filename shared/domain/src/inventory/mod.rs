//! The moving inventory: what the family is given.
//!
//! It is short: one line for each kind of object in each room, and nothing that can be looked up. [`Inventory::objects`]
//! gives the lines in full.

mod advice;
mod line;
mod object;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::{
    advice::{Advice, Topic, clock},
    line::{Conflict, Details, Line},
    object::{Flag, Object},
};
use super::{evidence::Gap, fusion::class_of, locale::Locale};

/// The name and version of the result's form.
pub const SCHEMA: &str = "dodolens.inventory/2";

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
    /// Language of the remarks and of the names of what is in no catalogue.
    pub locale: Locale,
    /// What moves, room by room in the order of a walk through a home.
    pub rooms: Vec<RoomLines>,
    /// What had no space in `rooms`: the smallest of a very long list. In the totals and in the rooms' volumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<Others>,
    /// What was said to stay, how many of each; in no total.
    pub staying: Contents,
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
    /// Where the film was no good, and how to make it better.
    pub advice: Vec<Advice>,
    /// How much of the film was seen.
    pub coverage: Seen,
    /// What the analysis used.
    pub cost: Cost,
}

/// What moves out of one room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RoomLines {
    /// Room id, or null for what stands in no known room.
    pub room: Option<String>,
    /// How many objects, those without a line of their own included.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub quantity: u32,
    /// m³ of them.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub volume: f64,
    /// One line for each kind, by catalogue id, or by name for what has none. A name never looks like an id: it begins
    /// with no small letter of ASCII.
    pub things: BTreeMap<String, Line>,
}

/// What a very long list leaves without a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Others {
    /// How many lines it would take.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub lines: usize,
    /// How many objects.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub quantity: u32,
    /// m³ of them.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub volume: f64,
    /// Between which bounds it lies, m³.
    #[cfg_attr(test, schemars(inner(range(min = 0))))]
    pub volume_range: [f64; 2],
    /// Weight of them, kg.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub weight_kg: f64,
}

/// How many by room id, [`NO_ROOM`] where it could not be told; then by catalogue id, or by name for what has none.
pub type Contents = BTreeMap<String, BTreeMap<String, u32>>;

/// Stands for a room's id in [`Contents`].
pub const NO_ROOM: &str = "unknown";

/// What it takes to move a volume. What each is called and holds is published with the labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Transport {
    /// Stable name, such as `van_12`, `truck_20` or `container_40`.
    pub id: String,
    /// How many of them, or trips of one; 0 when nothing moves.
    pub count: u32,
    /// What it would be for the lower and for the upper bound of the volume.
    pub range: [Load; 2],
}

impl Transport {
    /// What it is called; its id where that is not known.
    #[must_use]
    pub fn name(&self, locale: Locale) -> &str {
        class_of(&self.id).map_or(&self.id, |class| class.name.get(locale))
    }

    /// What one holds, m³; 0 where that is not known.
    #[must_use]
    pub fn capacity(&self) -> f64 {
        class_of(&self.id).map_or(0.0, |class| class.capacity as f64)
    }
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

/// How much of the film was seen.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// How many pictures of it were looked at.
    pub pictures: usize,
    /// Longest time of which no picture was taken, seconds.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub longest_gap: f64,
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

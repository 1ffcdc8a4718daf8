//! The moving inventory: what the family is given.

use serde::{Deserialize, Serialize};

use super::{evidence::Gap, locale::Locale};

/// The name and version of the result's form.
pub const SCHEMA: &str = "dodolens.inventory/1";

/// A result stays below this, as JSON, so that one WebSocket frame and one DynamoDB item always hold it.
pub const MAX_JSON_BYTES: usize = 5 * 1024;

/// A moving inventory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inventory {
    /// [`SCHEMA`].
    pub schema: String,
    /// Language of the names and remarks.
    pub locale: Locale,
    /// What moves: one entry per object kind and room.
    pub objects: Vec<Object>,
    /// What was said to stay.
    pub staying: Vec<Staying>,
    /// Subtotals.
    pub rooms: Vec<RoomTotal>,
    /// Volume of all objects, m³.
    pub total_volume: f64,
    /// Between which bounds it lies, m³.
    pub total_volume_range: [f64; 2],
    /// Weight of all objects, kg.
    pub total_weight_kg: f64,
    /// What it takes to move it.
    pub vehicle: Vehicle,
    /// What a human should know or decide.
    pub remarks: Vec<String>,
    /// Evidence that was missing.
    pub degraded: Vec<Gap>,
    /// What the analysis used.
    pub cost: Cost,
}

/// Objects of one kind in one room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// The catalogue's id; null for an object outside of it and for objects grouped to keep the result short.
    pub catalogue_id: Option<String>,
    /// In the result's language.
    pub name: String,
    /// Room id, or null where it could not be told.
    pub room: Option<String>,
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
    /// Why we believe it.
    pub evidence: Support,
    /// 0 to 1.
    pub confidence: f64,
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
}

/// What an entry rests on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Support {
    /// Seconds from the start of the video.
    pub seen_at: Vec<f64>,
    /// Whether it was spoken of.
    pub said: bool,
}

/// Objects that stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Staying {
    /// The catalogue's id; null for an object outside of it and for objects grouped to keep the result short.
    pub catalogue_id: Option<String>,
    /// In the result's language.
    pub name: String,
    /// Room id, or null where it could not be told.
    pub room: Option<String>,
    /// How many.
    pub quantity: u32,
}

/// What one room adds up to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomTotal {
    /// Room id, or null for what stands in no known room.
    pub room: Option<String>,
    /// In the result's language.
    pub name: String,
    /// How many objects.
    pub quantity: u32,
    /// m³.
    pub volume: f64,
}

/// What it takes to move a volume.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vehicle {
    /// Stable name, such as `van_12` or `truck_20`.
    pub id: String,
    /// In the result's language.
    pub name: String,
    /// What one holds, m³.
    pub capacity: f64,
    /// How many of them, or trips of one; 0 when nothing moves.
    pub count: u32,
}

/// What the analysis used.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
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

//! How far a session is.

use serde::{Deserialize, Serialize};

/// What a worker is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Taking pictures and sound out of the video.
    Extracting,
    /// The models look and listen.
    Analysing,
    /// Making the inventory and destroying the media.
    Finishing,
}

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Of the whole processing, 0 to 1.
    pub fraction: f64,
}

impl Progress {
    /// A worker has begun.
    pub const BEGUN: Self = Self {
        stage: Stage::Extracting,
        fraction: 0.0,
    };
    /// The models have begun.
    pub const ANALYSING: Self = Self {
        stage: Stage::Analysing,
        fraction: 0.4,
    };
    /// Either pictures or speech are analysed.
    pub const HALF_DONE: Self = Self {
        stage: Stage::Analysing,
        fraction: 0.7,
    };
    /// The models are done.
    pub const FINISHING: Self = Self {
        stage: Stage::Finishing,
        fraction: 0.9,
    };
}

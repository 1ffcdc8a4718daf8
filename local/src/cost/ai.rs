//! What the models cost a session: what is sent to them, times the prices of `shared/prices.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::assumed::{ANSWER_TOKENS, LOOK_TOKENS, PROMPT_TOKENS};
use dodolens_peer::{Seen, Task};

/// The table that the service itself reckons with.
const TABLE: &str = include_str!("../../../shared/prices.json");

#[derive(Deserialize)]
struct Table {
    models: BTreeMap<String, Price>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Price {
    input: f64,
    output: f64,
    minute: f64,
    picture_tokens: f64,
}

/// The models of the three tasks, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelNames {
    /// Looks at the pictures.
    pub vision: String,
    /// Listens.
    pub speech: String,
    /// Reads the transcript.
    pub cues: String,
}

/// Tiles of 32 × 32 pixels in a picture of 1024 × 1024, for which the table has the tokens.
const TABLED_TILES: f64 = 1024.0;

/// What the models of a session were asked.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Asked {
    /// Requests about pictures.
    pub looks: usize,
    /// Pictures in all of them; neighbours share some.
    pub pictures: usize,
    /// Tiles of 32 × 32 pixels in all of these.
    pub tiles: f64,
    /// Questions which things are the same.
    pub joins: usize,
    /// Seconds of sound that were listened to.
    pub sound_seconds: f64,
}

impl Asked {
    /// By the requests that were answered.
    #[must_use]
    pub fn of(seen: &[Seen], sound_seconds: f64) -> Self {
        let of = |task: Task| seen.iter().filter(move |it| it.task == task);
        let pictures = || of(Task::Vision).flat_map(|it| &it.pictures);
        let tiles = |(width, height): &(u32, u32)| {
            f64::from(width.div_ceil(32)) * f64::from(height.div_ceil(32))
        };
        Self {
            looks: of(Task::Vision).count(),
            pictures: pictures().count(),
            tiles: pictures().map(tiles).sum(),
            joins: of(Task::Join).count(),
            sound_seconds,
        }
    }
}

/// There is no price of a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("shared/prices.json has no price of the model {0}")]
pub struct UnknownModel(String);

/// What the models cost a session, US dollars.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AiCost {
    /// Requests about pictures.
    pub looks: usize,
    /// Pictures in all of them.
    pub pictures: usize,
    /// Seconds of sound that are listened to.
    pub sound_seconds: f64,
    /// Model and price of each task, in the order vision, speech, cues.
    pub tasks: [(String, f64); 3],
}

impl AiCost {
    /// Of a session in which the models were asked this.
    ///
    /// # Errors
    /// [`UnknownModel`].
    pub fn of(names: &ModelNames, asked: &Asked) -> Result<Self, UnknownModel> {
        let table: Table =
            serde_json::from_str(TABLE).map_err(|_| UnknownModel(names.vision.clone()))?;
        let price = |name: &String| table.models.get(name).ok_or(UnknownModel(name.clone()));
        let text = |price: &Price, answer: f64| {
            (price.input * PROMPT_TOKENS + price.output * answer) / 1e6
        };
        let (vision, cues) = (price(&names.vision)?, price(&names.cues)?);
        let pictures = vision.picture_tokens * asked.tiles / TABLED_TILES;
        let seen = asked.looks as f64 * text(vision, LOOK_TOKENS) + vision.input * pictures / 1e6;
        let joined = asked.joins as f64 * text(cues, ANSWER_TOKENS);
        let (heard, read) = if asked.sound_seconds > 0.0 {
            let heard = price(&names.speech)?.minute * asked.sound_seconds / 60.0;
            (heard, text(cues, ANSWER_TOKENS))
        } else {
            (0.0, 0.0)
        };
        Ok(Self {
            looks: asked.looks,
            pictures: asked.pictures,
            sound_seconds: asked.sound_seconds,
            tasks: [
                (names.vision.clone(), seen),
                (names.speech.clone(), heard),
                (names.cues.clone(), read + joined),
            ],
        })
    }

    /// All of it.
    #[must_use]
    pub fn usd(&self) -> f64 {
        self.tasks.iter().map(|(_, usd)| usd).sum()
    }
}

//! What the models cost a session: what is sent to them, times the prices of `shared/prices.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::assumed::{ANSWER_TOKENS, PROMPT_TOKENS};

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

/// There is no price of a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("shared/prices.json has no price of the model {0}")]
pub struct UnknownModel(String);

/// What the models cost a session, US dollars.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AiCost {
    /// Pictures that are looked at.
    pub pictures: usize,
    /// Seconds of sound that are listened to.
    pub sound_seconds: f64,
    /// Model and price of each task, in the order vision, speech, cues.
    pub tasks: [(String, f64); 3],
}

impl AiCost {
    /// Of a session with so many pictures and so much sound.
    ///
    /// # Errors
    /// [`UnknownModel`].
    pub fn of(
        names: &ModelNames,
        pictures: usize,
        sound_seconds: f64,
    ) -> Result<Self, UnknownModel> {
        let table: Table =
            serde_json::from_str(TABLE).map_err(|_| UnknownModel(names.vision.clone()))?;
        let price = |name: &String| table.models.get(name).ok_or(UnknownModel(name.clone()));
        let text = |price: &Price, tokens: f64| {
            (price.input * (PROMPT_TOKENS + tokens) + price.output * ANSWER_TOKENS) / 1e6
        };
        let vision = price(&names.vision)?;
        let seen = text(vision, vision.picture_tokens * pictures as f64);
        let (heard, read) = if sound_seconds > 0.0 {
            let heard = price(&names.speech)?.minute * sound_seconds / 60.0;
            (heard, text(price(&names.cues)?, 0.0))
        } else {
            (0.0, 0.0)
        };
        Ok(Self {
            pictures,
            sound_seconds,
            tasks: [
                (names.vision.clone(), seen),
                (names.speech.clone(), heard),
                (names.cues.clone(), read),
            ],
        })
    }

    /// All of it.
    #[must_use]
    pub fn usd(&self) -> f64 {
        self.tasks.iter().map(|(_, usd)| usd).sum()
    }
}

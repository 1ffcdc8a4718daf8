//! What a home really has: the file beside its film.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use super::EvaluateError;

/// How many of each kind, by catalogue id, in each room.
pub type Counts = BTreeMap<(String, String), u32>;

/// What there is in a home.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Truth {
    /// How many of each kind in each room.
    pub counts: Counts,
    /// Volume of all of it, m³.
    pub volume: f64,
}

#[derive(Deserialize)]
struct File {
    things: Vec<Kept>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    room: String,
    catalogue_id: String,
    count: u32,
    volume: f64,
}

impl Truth {
    /// Reads a file as `make-video --truth` writes it: `{"things": [{"room", "catalogueId", "count", "volume"}]}`, the volume
    /// in m³ of all of that count.
    ///
    /// # Errors
    /// [`EvaluateError::Truth`].
    pub fn read(path: &Path) -> Result<Self, EvaluateError> {
        let wrong = |source: std::io::Error| EvaluateError::Truth {
            path: path.to_owned(),
            source,
        };
        let text = std::fs::read_to_string(path).map_err(wrong)?;
        let file: File =
            serde_json::from_str(&text).map_err(|error| wrong(std::io::Error::other(error)))?;
        let mut truth = Self::default();
        for kept in file.things {
            *truth
                .counts
                .entry((kept.room, kept.catalogue_id))
                .or_default() += kept.count;
            truth.volume += kept.volume;
        }
        Ok(truth)
    }
}

//! What models cost. The table is `shared/prices.json`, with its date and source; `AI_PRICES` adds to it or replaces
//! entries.

use std::{collections::BTreeMap, time::Duration};

use jiff::civil::Date;
use serde::Deserialize;

use super::ConfigError;
use crate::question::Size;
use dodolens_domain::{evidence::Usage, money::Usd};

/// The table that comes with the code.
const TABLE: &str = include_str!("../../../prices.json");
/// Text has fewer tokens than half its bytes, in any of our languages.
const BYTES_PER_TOKEN: u64 = 2;
/// A model that bills sound as tokens counts as many a second: Gemini
/// (<https://ai.google.dev/gemini-api/docs/tokens>).
const TOKENS_PER_SECOND: u64 = 32;

/// The prices of all known models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Prices(BTreeMap<String, Price>);

/// The prices of one model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) struct Price {
    /// Of a token that it reads.
    input: Usd,
    /// Of a token that it writes.
    output: Usd,
    /// Of a minute that it hears; zero if it bills the tokens of the sound.
    minute: Usd,
    /// Most tokens of a picture.
    picture_tokens: u64,
    /// When the model ends, as `AI_PRICES` says.
    pub(super) retires: Option<Date>,
}

#[derive(Deserialize)]
struct Table {
    models: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[derive(Default)]
struct Entry {
    /// US dollars per million tokens.
    input: f64,
    /// US dollars per million tokens.
    output: f64,
    /// US dollars per minute.
    minute: f64,
    picture_tokens: u64,
    retires: Option<Date>,
}

impl Prices {
    /// The table, with the entries of `more`, a JSON object like the table's `models`, over it.
    pub(in super::super) fn with(more: &str) -> Result<Self, ConfigError> {
        let table: Table = serde_json::from_str(TABLE).map_err(|_| ConfigError::Prices)?;
        let more: BTreeMap<String, Entry> =
            serde_json::from_str(more).map_err(|_| ConfigError::Prices)?;
        let entries = table.models.into_iter().chain(more);
        let priced = entries.map(|(model, entry)| Some((model, Price::read(&entry)?)));
        priced
            .collect::<Option<_>>()
            .map(Self)
            .ok_or(ConfigError::Prices)
    }

    /// The price of a model; `None` if it is not known.
    pub(in super::super) fn of(&self, model: &str) -> Option<Price> {
        self.0.get(model).copied()
    }
}

impl Price {
    fn read(entry: &Entry) -> Option<Self> {
        Some(Self {
            input: Usd::from_dollars(entry.input / 1e6)?,
            output: Usd::from_dollars(entry.output / 1e6)?,
            minute: Usd::from_dollars(entry.minute)?,
            picture_tokens: entry.picture_tokens,
            retires: entry.retires,
        })
    }

    /// What is asked for a usage.
    pub(in super::super) fn of(&self, usage: &Usage) -> Usd {
        let sound = Duration::from_secs(usage.audio_seconds);
        self.input
            .times(usage.input_tokens)
            .plus(self.output.times(usage.output_tokens))
            .plus(self.minute.for_minutes(sound))
    }

    /// The most that a request of this size can cost.
    pub(in super::super) fn at_most(&self, size: &Size) -> Usd {
        let text = (size.text as u64).div_ceil(BYTES_PER_TOKEN);
        let pictures = self.picture_tokens.saturating_mul(size.pictures as u64);
        // A second begun is a second billed.
        let seconds = size.sound.as_secs().saturating_add(1);
        let heard = if self.minute == Usd::ZERO && !size.sound.is_zero() {
            seconds.saturating_mul(TOKENS_PER_SECOND)
        } else {
            0
        };
        self.of(&Usage {
            input_tokens: text.saturating_add(pictures).saturating_add(heard),
            output_tokens: size.output_tokens.into(),
            audio_seconds: if size.sound.is_zero() { 0 } else { seconds },
            cost: Usd::ZERO,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(input_tokens: u64, output_tokens: u64, audio_seconds: u64) -> Usage {
        Usage {
            input_tokens,
            output_tokens,
            audio_seconds,
            cost: Usd::ZERO,
        }
    }

    #[test]
    fn the_table_has_the_models_of_the_defaults() {
        let prices = Prices::with("{}").unwrap();
        let luna = prices.of("gpt-6-luna").unwrap();
        let million = luna.of(&usage(1_000_000, 1_000_000, 0));
        assert_eq!(million.rounded_dollars(), 0.6);
        let hears = prices.of("gpt-transcribe").unwrap();
        assert_eq!(hears.of(&usage(0, 0, 60)).rounded_dollars(), 0.0045);
        assert_eq!(prices.of("gpt-4-vision-preview"), None);
    }

    #[test]
    fn the_parameter_adds_and_replaces() {
        let more = r#"{"mine": {"input": 2, "output": 4}, "gpt-6-luna": {"input": 1}}"#;
        let prices = Prices::with(more).unwrap();
        let both = usage(1_000_000, 1_000_000, 0);
        assert_eq!(prices.of("mine").unwrap().of(&both).dollars(), 6.0);
        assert_eq!(prices.of("gpt-6-luna").unwrap().of(&both).dollars(), 1.0);
        for bad in ["", "[]", r#"{"m": {"input": -1}}"#, r#"{"m": {"in": 1}}"#] {
            assert_eq!(Prices::with(bad), Err(ConfigError::Prices), "{bad}");
        }
    }

    #[test]
    fn a_request_never_costs_more_than_its_bound() {
        let prices = Prices::with("{}").unwrap();
        let size = Size {
            text: 3_000,
            pictures: 2,
            sound: Duration::ZERO,
            output_tokens: 100,
        };
        let luna = prices.of("gpt-6-luna").unwrap();
        // 1024 × 576 pixels are 576 tiles, at most 2.7 tokens each.
        let real = luna.of(&usage(3_000 / 3 + 2 * 1_556, 100, 0));
        assert!(real <= luna.at_most(&size));
        let gemini = prices.of("gemini-3.1-flash-lite").unwrap();
        let sound = Size {
            sound: Duration::from_millis(9_500),
            ..Size::default()
        };
        assert_eq!(gemini.at_most(&sound), gemini.of(&usage(320, 0, 0)));
        let hears = prices.of("gpt-transcribe").unwrap();
        assert_eq!(hears.at_most(&sound), hears.of(&usage(0, 0, 10)));
    }
}

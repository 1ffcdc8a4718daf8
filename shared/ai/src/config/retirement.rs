//! Which models are configured, and when they retire: `shared/retirements.json`, with its date and source; `AI_PRICES` adds
//! to it or replaces entries.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, civil::Date};
use serde::Deserialize;

use super::{AiConfig, BaseUrls, ConfigError, Prices};
use crate::dialects::Api;
use dodolens_app::ports::Task;
use dodolens_wire::http::{HealthModel, HealthWarning};

/// The table that comes with the code.
const TABLE: &str = include_str!("../../../retirements.json");
/// How long before its end a model is warned of.
const NOTICE_DAYS: i64 = 90;

#[derive(Deserialize)]
struct Table {
    models: BTreeMap<String, Date>,
}

/// The models of all chains, in their order.
///
/// # Errors
/// [`ConfigError`] for a chain, base URLs or prices that can't be read.
pub fn configured_models(config: &AiConfig) -> Result<Vec<HealthModel>, ConfigError> {
    let urls = BaseUrls::read(&config.base_urls)?;
    let prices = Prices::with(&config.prices)?;
    let table: Table = serde_json::from_str(TABLE).map_err(|_| ConfigError::Prices)?;
    let mut models = Vec::new();
    for (task, chain) in [
        (Task::Vision, &config.vision),
        (Task::Speech, &config.speech),
        (Task::Cues, &config.cues),
    ] {
        models.extend(urls.chain(task, chain)?.into_iter().map(|entry| {
            let said = prices.of(entry.model).and_then(|price| price.retires);
            // A server of one's own runs what it likes under any name.
            let known = (entry.api != Api::Compatible)
                .then(|| table.models.get(entry.model).copied())
                .flatten();
            HealthModel {
                task: task.name().to_owned(),
                provider: entry.provider.to_owned(),
                model: entry.model.to_owned(),
                retires: said.or(known),
            }
        }));
    }
    Ok(models)
}

/// What is to be said on this day of models that retire.
#[must_use]
pub fn retirement_warnings(models: &[HealthModel], today: Date) -> Vec<HealthWarning> {
    let soon = today.saturating_add(NOTICE_DAYS.days());
    let models = models.iter();
    models
        .filter_map(|model| match model.retires? {
            day if day <= today => Some(HealthWarning::ModelRetired(model.clone())),
            day if day <= soon => Some(HealthWarning::ModelRetires(model.clone())),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn config(vision: &str, prices: &str) -> AiConfig {
        AiConfig {
            vision: vision.into(),
            speech: "home:whisper-1".into(),
            cues: "openai:gpt-6-luna".into(),
            base_urls: "openai=https://a.example/v1,home=http://127.0.0.1:8000/v1".into(),
            prices: prices.into(),
        }
    }

    fn days(vision: &str, prices: &str) -> Vec<Option<Date>> {
        let models = configured_models(&config(vision, prices)).unwrap();
        models.into_iter().map(|model| model.retires).collect()
    }

    #[test]
    fn a_day_is_known_from_the_table_or_the_parameter() {
        let table = Some(date(2027, 1, 14));
        assert_eq!(days("openai:gpt-4o", "{}"), [table, None, None]);
        let more = r#"{"gpt-4o": {"retires": "2026-12-01"}, "gpt-6-luna": {"input": 1}}"#;
        let said = Some(date(2026, 12, 1));
        assert_eq!(days("openai:gpt-4o", more), [said, None, None]);
        for bad in ["", r#"{"m": {"retires": "soon"}}"#] {
            let models = configured_models(&config("openai:gpt-4o", bad));
            assert_eq!(models, Err(ConfigError::Prices), "{bad}");
        }
    }

    #[test]
    fn a_warning_comes_ninety_days_before_and_stays() {
        let models = configured_models(&config("openai:gpt-4o", "{}")).unwrap();
        let model = models[0].clone();
        for (today, expected) in [
            (date(2026, 10, 15), vec![]),
            (
                date(2026, 10, 16),
                vec![HealthWarning::ModelRetires(model.clone())],
            ),
            (
                date(2027, 1, 13),
                vec![HealthWarning::ModelRetires(model.clone())],
            ),
            (date(2027, 1, 14), vec![HealthWarning::ModelRetired(model)]),
        ] {
            assert_eq!(retirement_warnings(&models, today), expected, "{today}");
        }
    }
}

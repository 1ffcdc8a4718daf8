//! Providers end models: which of the configured ones, and when.

use jiff::civil::Date;

use super::{AiConfig, BaseUrls, ConfigError, Prices};
use crate::{domain::time::Timestamp, ports::Task};

/// An operator should know this many days before.
const NOTICE_DAYS: i64 = 90;
const MILLIS_PER_DAY: i64 = 24 * 60 * 60 * 1000;

/// The end of a model that is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retirement {
    /// What it is asked for.
    pub task: Task,
    /// Whose it is.
    pub provider: String,
    /// Its name.
    pub model: String,
    /// The first day without it, UTC.
    pub on: Date,
}

impl Retirement {
    /// Whether it is due within 90 days, or has come.
    #[must_use]
    pub fn is_near(&self, now: Timestamp) -> bool {
        let from_epoch = self.on.since(Date::constant(1970, 1, 1));
        let day = from_epoch.map_or(i64::MAX, |span| i64::from(span.get_days()));
        day.saturating_sub(NOTICE_DAYS) <= now.as_millis() / MILLIS_PER_DAY
    }
}

impl AiConfig {
    /// The models of all chains whose end is known (`retires` in the table of prices).
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn retirements(&self) -> Result<Vec<Retirement>, ConfigError> {
        let (urls, prices) = (
            BaseUrls::read(&self.base_urls)?,
            Prices::with(&self.prices)?,
        );
        let mut known = Vec::new();
        for (task, chain) in [
            (Task::Vision, &self.vision),
            (Task::Speech, &self.speech),
            (Task::Cues, &self.cues),
        ] {
            for entry in urls.chain(task, chain)? {
                if let Some(on) = prices.retirement(entry.model) {
                    known.push(Retirement {
                        task,
                        provider: entry.provider.to_owned(),
                        model: entry.model.to_owned(),
                        on,
                    });
                }
            }
        }
        Ok(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> AiConfig {
        AiConfig {
            vision: "openai:gpt-6-luna,home:old".into(),
            speech: "openai:gpt-transcribe".into(),
            cues: "home:old".into(),
            base_urls: "openai=https://a.example/v1,home=http://b.example/v1".into(),
            prices: r#"{"old": {"retires": "2027-03-01"}, "unused": {"retires": "2026-01-01"}}"#
                .into(),
        }
    }

    #[test]
    fn the_models_in_use_are_told_by_task() {
        let known = config().retirements().unwrap();
        let known: Vec<_> = known
            .iter()
            .map(|it| (it.task, &*it.provider, &*it.model, it.on.to_string()))
            .collect();
        let old = |task| (task, "home", "old", "2027-03-01".to_owned());
        assert_eq!(known, [old(Task::Vision), old(Task::Cues)]);
    }

    #[test]
    fn an_end_is_near_ninety_days_before_and_ever_after() {
        let known = config().retirements().unwrap();
        let near = |text: &str| {
            let at: jiff::Timestamp = text.parse().unwrap();
            known[0].is_near(Timestamp::from_millis(at.as_millisecond()))
        };
        assert!(!near("2026-11-30T23:59:59Z"));
        assert!(near("2026-12-01T00:00:00Z"));
        assert!(near("2027-03-01T00:00:00Z") && near("2030-01-01T00:00:00Z"));
    }

    #[test]
    fn a_date_that_is_none_is_refused() {
        let bad = AiConfig {
            prices: r#"{"old": {"retires": "soon"}}"#.into(),
            ..config()
        };
        assert_eq!(bad.retirements(), Err(ConfigError::Prices));
    }
}

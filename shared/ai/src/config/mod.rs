//! Which provider is asked for what, in which order.

mod keys;
mod limits;
mod prices;
mod retirement;

use std::collections::BTreeMap;

pub use keys::ApiKeys;
pub use limits::CallLimits;
pub(super) use prices::{Price, Prices};
pub use retirement::{configured_models, retirement_warnings};

use super::dialects::Api;
use dodolens_app::ports::Task;
use dodolens_config as config;

/// The configuration as texts, each in the environment variable of its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AiConfig {
    /// `AI_VISION`: who looks at the pictures, as `provider:model`, by commas; the first that answers is believed.
    pub vision: String,
    /// `AI_SPEECH`: who listens to the sound, in the same form.
    pub speech: String,
    /// `AI_CUES`: who reads the transcript, in the same form.
    pub cues: String,
    /// `AI_BASE_URLS`: the providers, as `name=URL`, by commas. `openai`, `anthropic` and `gemini` are asked in their own
    /// forms; any other name is a server that is compatible with OpenAI's.
    pub base_urls: String,
    /// `AI_PRICES`: prices of models over those of `shared/prices.json`, as its `models`; with
    /// `retires`, the day on which one is turned off.
    pub prices: String,
}

impl AiConfig {
    /// From the environment.
    ///
    /// # Errors
    /// [`config::ConfigError`] naming the variable that is missing or unreadable.
    pub fn from_environment() -> Result<Self, config::ConfigError> {
        Ok(Self {
            vision: config::text("AI_VISION")?,
            speech: config::text("AI_SPEECH")?,
            cues: config::text("AI_CUES")?,
            base_urls: config::text("AI_BASE_URLS")?,
            prices: config::text("AI_PRICES")?,
        })
    }
}

/// The models can't be asked with this configuration. Shows neither URL nor key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A chain has no entry, or one that is not `provider:model`.
    #[error("entry {entry} of the chain for {task} is not of the form provider:model", task = .task.name())]
    Entry {
        /// The chain.
        task: Task,
        /// Counted from 1.
        entry: usize,
    },
    /// A chain names a provider that has no base URL.
    #[error("the provider of entry {entry} of the chain for {task} has no base URL", task = .task.name())]
    UnknownProvider {
        /// The chain.
        task: Task,
        /// Counted from 1.
        entry: usize,
    },
    /// Anthropic's models don't listen.
    #[error("the provider of entry {entry} of the chain for speech takes no sound")]
    NoSound {
        /// Counted from 1.
        entry: usize,
    },
    /// A model of a provider that asks for money is not in the price table, so no budget could be kept.
    #[error("the model of entry {entry} of the chain for {task} has no price", task = .task.name())]
    NoPrice {
        /// The chain.
        task: Task,
        /// Counted from 1.
        entry: usize,
    },
    /// The limits of a call are not three positive numbers by their names.
    #[error("the limits of a call are not of the form pictures=N,megabytes=N,tokens=N")]
    CallLimits,
    /// Base URLs are not of the form `name=URL`, or one is not an absolute `http` or `https` URL, or has a user name, a
    /// query or a fragment.
    #[error("a provider's base URL is not usable")]
    BaseUrl,
    /// The price table is no JSON object of prices, or one is negative.
    #[error("the prices are not usable")]
    Prices,
    /// The keys are no JSON object of texts.
    #[error("the keys are not usable")]
    Keys,
    /// A chain names a provider that wants a key and has none.
    #[error("the provider of entry {entry} of the chain for {task} has no key", task = .task.name())]
    NoKey {
        /// The chain.
        task: Task,
        /// Counted from 1.
        entry: usize,
    },
    /// A key has characters that no header can carry, or is empty.
    #[error("a provider's key is not usable")]
    Key,
    /// TLS could not be set up.
    #[error("the HTTP client can't be set up")]
    Client,
}

/// One entry of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub(super) provider: &'a str,
    pub(super) model: &'a str,
    pub(super) api: Api,
    pub(super) base_url: &'a str,
}

/// The base URLs, by the providers' names.
pub(super) struct BaseUrls<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> BaseUrls<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, ConfigError> {
        let pairs = text.split(',').map(|pair| {
            let (name, url) = pair.split_once('=').ok_or(ConfigError::BaseUrl)?;
            let (name, url) = (name.trim(), url.trim());
            if name.is_empty() || url.is_empty() {
                return Err(ConfigError::BaseUrl);
            }
            Ok((name, url))
        });
        pairs.collect::<Result<_, _>>().map(Self)
    }

    /// The entries of a chain, in their order.
    pub(super) fn chain(&self, task: Task, text: &'a str) -> Result<Vec<Entry<'a>>, ConfigError> {
        (1..)
            .zip(text.split(','))
            .map(|(entry, pair)| {
                let malformed = ConfigError::Entry { task, entry };
                let (provider, model) = pair.trim().split_once(':').ok_or(malformed)?;
                // So that it can be in a path and in a log as it is.
                let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@+".contains(c);
                if provider.is_empty() || model.is_empty() || !model.chars().all(plain) {
                    return Err(malformed);
                }
                let api = match provider {
                    "openai" => Api::OpenAi,
                    "anthropic" => Api::Anthropic,
                    "gemini" => Api::Gemini,
                    _ => Api::Compatible,
                };
                if api == Api::Gemini && model.contains(['/', ':']) {
                    return Err(malformed);
                }
                let base_url = self.0.get(provider).copied();
                let base_url = base_url.ok_or(ConfigError::UnknownProvider { task, entry })?;
                if task == Task::Speech && api == Api::Anthropic {
                    return Err(ConfigError::NoSound { entry });
                }
                Ok(Entry {
                    provider,
                    model,
                    api,
                    base_url,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URLS: &str = "openai=https://a.example/v1, anthropic=https://b.example/v1,gemini=https://c.example/v1beta,\
                        home=http://192.168.1.20:8000/v1";

    fn chain(task: Task, text: &str) -> Result<Vec<(String, String, Api)>, ConfigError> {
        let entries = BaseUrls::read(URLS)?.chain(task, text)?;
        let short = |it: Entry<'_>| (it.provider.into(), it.model.into(), it.api);
        Ok(entries.into_iter().map(short).collect())
    }

    #[test]
    fn a_chain_is_read_in_its_order() {
        let text =
            "openai:gpt-6-luna, anthropic:claude-haiku-4-5,home:Qwen/Qwen3-VL-8B,home:qwen3-vl:8b";
        let expected = [
            ("openai", "gpt-6-luna", Api::OpenAi),
            ("anthropic", "claude-haiku-4-5", Api::Anthropic),
            ("home", "Qwen/Qwen3-VL-8B", Api::Compatible),
            ("home", "qwen3-vl:8b", Api::Compatible),
        ];
        let expected = expected.map(|(provider, model, api)| (provider.into(), model.into(), api));
        assert_eq!(chain(Task::Vision, text).unwrap(), expected);
    }

    #[test]
    fn a_bad_chain_names_its_entry() {
        let task = Task::Vision;
        let malformed = |entry| Err(ConfigError::Entry { task, entry });
        for (text, expected) in [
            ("", malformed(1)),
            ("openai", malformed(1)),
            ("openai:", malformed(1)),
            (":gpt-6-luna", malformed(1)),
            ("openai:gpt-6-luna,", malformed(2)),
            ("openai:two words", malformed(1)),
            ("gemini:a/../b", malformed(1)),
            (
                "openai:m,nobody:m",
                Err(ConfigError::UnknownProvider { task, entry: 2 }),
            ),
        ] {
            assert_eq!(chain(task, text), expected, "{text}");
        }
        assert_eq!(
            chain(Task::Speech, "openai:gpt-transcribe,anthropic:m"),
            Err(ConfigError::NoSound { entry: 2 })
        );
    }

    #[test]
    fn base_urls_need_names() {
        for text in ["", "https://a.example", "=https://a.example", "openai="] {
            assert!(BaseUrls::read(text).is_err(), "{text}");
        }
    }
}

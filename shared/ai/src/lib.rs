//! Models of AI providers: OpenAI, Anthropic, Gemini, and any server that is compatible with OpenAI's.
//!
//! For each task there is a chain of models; the first that answers is believed. Requests and answers are wiped after use
//! and never logged.

mod answers;
mod breaker;
mod call;
mod chain;
mod config;
mod dialects;
mod events;
mod found;
mod hints;
mod policy;
mod prompts;
mod question;
mod schema;
mod tasks;
#[cfg(test)]
mod tests;
mod transcription;
mod vision;
mod windows;

pub use config::{
    AiConfig, ApiKeys, CallLimits, ConfigError, configured_models, retirement_warnings,
};

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use call::{Caller, Failed, Good};
use chain::{Chain, Link};
use config::{BaseUrls, Price, Prices};
use dialects::Api;
use question::{Question, Size};
use transcription::{Languages, transcribe};

use dodolens_app::ports::{CueReader, ModelError, Read, Task, Terms, Transcriber};
use dodolens_domain::{
    evidence::{Cue, Transcript},
    locale::Locale,
    media::Sound,
    money::Usd,
};

/// The models of all tasks. What failed is remembered; connections are not kept.
#[derive(Debug)]
pub struct Ai {
    vision: Chain,
    /// The models of the cues: they read as well.
    join: Chain,
    speech: Chain,
    cues: Chain,
    limits: CallLimits,
}

impl Ai {
    /// Reads the configuration; calls nobody yet.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn new(config: &AiConfig, keys: &ApiKeys, limits: CallLimits) -> Result<Self, ConfigError> {
        let urls = BaseUrls::read(&config.base_urls)?;
        let prices = Prices::with(&config.prices)?;
        let mut callers = BTreeMap::<&str, Arc<Caller>>::new();
        let mut chain = |task, text| -> Result<Chain, ConfigError> {
            let entries = urls.chain(task, text)?.into_iter();
            let links = (1..).zip(entries).map(|(number, entry)| {
                if !keys.suffice(entry.api, entry.provider) {
                    let entry = number;
                    return Err(ConfigError::NoKey { task, entry });
                }
                let caller = match callers.get(entry.provider) {
                    Some(caller) => Arc::clone(caller),
                    None => {
                        let headers = keys.headers(entry.api, entry.provider)?;
                        let caller = Arc::new(Caller::new(entry.base_url, headers)?);
                        callers.insert(entry.provider, Arc::clone(&caller));
                        caller
                    }
                };
                // A server of one's own asks for nothing.
                let free = (entry.api == Api::Compatible).then(Price::default);
                let price = prices.of(entry.model).or(free);
                Ok(Link {
                    provider: entry.provider.to_owned(),
                    model: entry.model.to_owned(),
                    api: entry.api,
                    price: price.ok_or(ConfigError::NoPrice {
                        task,
                        entry: number,
                    })?,
                    caller,
                    breaker: Default::default(),
                })
            });
            Ok(Chain {
                task,
                links: links.collect::<Result<_, _>>()?,
            })
        };
        Ok(Self {
            vision: chain(Task::Vision, &config.vision)?,
            speech: chain(Task::Speech, &config.speech)?,
            cues: chain(Task::Cues, &config.cues)?,
            join: chain(Task::Join, &config.cues)?,
            limits,
        })
    }
}

impl Transcriber for Ai {
    async fn transcribe(&self, sound: &Sound, terms: &Terms) -> Read<Transcript> {
        let question = &tasks::listen(sound.duration, terms.locale);
        let size = &speech_size(sound.duration);
        self.speech
            .ask(terms, size, |link| link.hear(question, sound, terms.locale))
            .await
    }

    fn price(&self, sound: Duration) -> Usd {
        self.speech.price(&speech_size(sound))
    }
}

impl CueReader for Ai {
    async fn read(&self, transcript: &Transcript, terms: &Terms) -> Read<Vec<Cue>> {
        let question = &tasks::understand(transcript, terms.locale);
        let size = &question.size();
        self.cues
            .ask(terms, size, |link| {
                link.ask(question, None, None, answers::cues)
            })
            .await
    }

    fn price(&self, sound: Duration) -> Usd {
        let nothing = Transcript::from(String::new());
        let size = largest(|locale| tasks::understand(&nothing, locale));
        self.cues.price(&Size {
            text: size.text.saturating_add(tasks::most_bytes(sound)),
            ..size
        })
    }
}

fn speech_size(sound: Duration) -> Size {
    Size {
        sound,
        ..largest(|locale| tasks::listen(sound, locale))
    }
}

/// The size of the longest of a question's translations.
fn largest<'a>(question: impl Fn(Locale) -> Question<'a>) -> Size {
    let sizes = [Locale::Fr, Locale::En, Locale::Es].map(|locale| question(locale).size());
    let longest = sizes.into_iter().max_by_key(|size| size.text);
    longest.unwrap_or_default()
}

impl Link {
    /// Asks once for an answer in JSON.
    async fn ask<T>(
        &self,
        question: &Question<'_>,
        sound: Option<&Sound>,
        shown: Option<&mut (dyn FnMut(&str) + Send)>,
        read: impl Fn(&str) -> Result<T, ModelError>,
    ) -> Result<Good<T>, Failed> {
        self.api
            .ask(&self.caller, &self.model, question, sound, shown, read)
            .await
    }

    /// Asks once what is said. `question` is for a model that does not only transcribe.
    async fn hear(
        &self,
        question: &Question<'_>,
        sound: &Sound,
        locale: Locale,
    ) -> Result<Good<Transcript>, Failed> {
        let languages = match self.api {
            Api::OpenAi => Languages::Several,
            Api::Compatible => Languages::One,
            Api::Gemini | Api::Anthropic => {
                return self
                    .ask(question, Some(sound), None, answers::transcript)
                    .await;
            }
        };
        transcribe(&self.caller, &self.model, languages, sound, locale).await
    }
}

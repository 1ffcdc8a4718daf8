//! How the simulated providers are set up, and what they tell of what they saw.

use std::collections::BTreeMap;

use axum::http::StatusCode;

use super::{Faults, Rates};

/// A provider that is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// OpenAI: `/v1`.
    OpenAi,
    /// Anthropic: `/anthropic/v1`.
    Anthropic,
    /// Gemini: `/gemini/v1beta`.
    Gemini,
    /// A server that is compatible with OpenAI's: `/compatible/v1`.
    Compatible,
}

impl Provider {
    pub(super) const ALL: [Self; 4] = [
        Self::OpenAi,
        Self::Anthropic,
        Self::Gemini,
        Self::Compatible,
    ];

    /// Its name in the configuration of the functions.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Compatible => "compatible",
        }
    }

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::OpenAi => "/v1",
            Self::Anthropic => "/anthropic/v1",
            Self::Gemini => "/gemini/v1beta",
            Self::Compatible => "/compatible/v1",
        }
    }
}

/// What a provider is asked to do, in the order in which a request is taken for one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// Pictures.
    Vision,
    /// Sound.
    Transcription,
    /// Lists of things, to be told which are the same.
    Join,
    /// Any other text alone.
    Cues,
}

/// How the simulated providers are set up.
#[derive(Debug, Clone)]
pub struct PeerOptions {
    /// The one key that they know.
    pub key: String,
    /// Names of the models that answer at `/v1/responses`.
    pub response_models: Vec<String>,
    /// Models that answer at `/v1/audio/transcriptions`.
    pub transcription_models: Vec<TranscriptionModel>,
    /// The models of the other providers. Those of the compatible server transcribe too.
    pub other_models: Vec<(Provider, String)>,
    /// What goes wrong at OpenAI with pictures.
    pub vision: Faults,
    /// What goes wrong at OpenAI with sound.
    pub transcription: Faults,
    /// What goes wrong at OpenAI with lists of things.
    pub join: Faults,
    /// What goes wrong at OpenAI with other text.
    pub cues: Faults,
    /// What goes wrong at the other providers.
    pub elsewhere: BTreeMap<(Provider, Task), Faults>,
    /// Share of things that a model takes for another kind of the catalogue.
    pub confuse: Rates,
    /// Share of things that a model does not see.
    pub miss: Rates,
    /// Which things those are.
    pub seed: u64,
}

impl PeerOptions {
    /// Providers that know this key, have today's models, never fail and never err.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            response_models: ["gpt-6-luna", "gpt-6.1-terra", "gpt-6.1-sol"]
                .map(String::from)
                .to_vec(),
            transcription_models: vec![
                TranscriptionModel {
                    name: "gpt-transcribe".into(),
                    takes_languages: true,
                },
                TranscriptionModel {
                    name: "whisper-1".into(),
                    takes_languages: false,
                },
            ],
            other_models: [
                (Provider::Anthropic, "claude-haiku-4-5"),
                (Provider::Gemini, "gemini-3.1-flash-lite"),
                (Provider::Compatible, "sees-at-home"),
                (Provider::Compatible, "hears-at-home"),
            ]
            .map(|(provider, model)| (provider, model.into()))
            .to_vec(),
            elsewhere: BTreeMap::new(),
            vision: Faults::default(),
            transcription: Faults::default(),
            join: Faults::default(),
            cues: Faults::default(),
            confuse: Rates::default(),
            miss: Rates::default(),
            seed: 0,
        }
    }

    pub(super) fn faults(&self, provider: Provider, task: Task) -> &Faults {
        const NONE: &Faults = &Faults::NONE;
        match (provider, task) {
            (Provider::OpenAi, Task::Vision) => &self.vision,
            (Provider::OpenAi, Task::Transcription) => &self.transcription,
            (Provider::OpenAi, Task::Join) => &self.join,
            (Provider::OpenAi, Task::Cues) => &self.cues,
            elsewhere => self.elsewhere.get(&elsewhere).unwrap_or(NONE),
        }
    }

    /// The models that answer in JSON at a provider.
    pub(super) fn models(&self, provider: Provider) -> Vec<String> {
        if provider == Provider::OpenAi {
            return self.response_models.clone();
        }
        let models = self.other_models.iter();
        models
            .filter(|(of, _)| *of == provider)
            .map(|(_, model)| model.clone())
            .collect()
    }
}

/// A model that turns speech into text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptionModel {
    /// Its name.
    pub name: String,
    /// Takes `languages[]` and `keywords[]`; else `language`.
    pub takes_languages: bool,
}

/// The shape of one request that was answered; never what was in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Who was asked.
    pub provider: Provider,
    /// What was asked.
    pub task: Task,
    /// The status of the answer.
    pub status: u16,
    /// Length of the request's body, bytes.
    pub body_bytes: usize,
    /// Width and height of each picture, pixels.
    pub pictures: Vec<(u32, u32)>,
    /// Length of the sound, seconds.
    pub audio_seconds: f64,
}

impl Seen {
    pub(super) const fn new(provider: Provider, task: Task, body_bytes: usize) -> Self {
        Self {
            provider,
            task,
            status: StatusCode::OK.as_u16(),
            body_bytes,
            pictures: Vec::new(),
            audio_seconds: 0.0,
        }
    }
}

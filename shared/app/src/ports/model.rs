//! Models that see, hear and understand.

use std::{
    future::Future,
    ops::Range,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use dodolens_domain::{
    evidence::{Cue, Transcript, Usage},
    joining::{Look, Open},
    locale::Locale,
    media::{Frame, Sound},
    money::Usd,
};

/// Why a model gave no answer. Holds nothing of what was sent or answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Too many requests; may pass after this time.
    #[error("the provider limits the rate")]
    RateLimited {
        /// By the provider's word.
        retry_after: Option<Duration>,
    },
    /// What was paid for is used up.
    #[error("the account is out of quota")]
    OutOfQuota,
    /// The provider failed or can't be reached; may pass.
    #[error("the provider is unavailable")]
    Unavailable,
    /// The connection broke before the answer was whole; may pass.
    #[error("the connection broke")]
    Interrupted,
    /// No answer within the deadline.
    #[error("the provider did not answer in time")]
    TimedOut,
    /// The provider does not accept the request, the key or the model; won't pass.
    #[error("the provider rejected the request with status {status}")]
    Rejected {
        /// HTTP status.
        status: u16,
    },
    /// The model declined to answer.
    #[error("the model refused")]
    Refused,
    /// The provider withheld the question or the answer for its content.
    #[error("the provider filtered the content")]
    Filtered,
    /// The answer is longer than allowed and has no end.
    #[error("the answer is cut off")]
    Truncated,
    /// There is no text in the answer.
    #[error("the answer is empty")]
    Empty,
    /// The answer's text is not JSON, or not JSON alone.
    #[error("the answer is not JSON")]
    NotJson,
    /// The answer is JSON of another form than asked for, or the provider's envelope is not in its published form.
    #[error("the answer is not in the agreed form")]
    Malformed,
    /// Asking could have cost more than may be spent.
    #[error("the budget does not allow the call")]
    OverBudget,
}

impl ModelError {
    /// Its stable name in logs and metrics.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::OutOfQuota => "out_of_quota",
            Self::Unavailable => "unavailable",
            Self::Interrupted => "interrupted",
            Self::TimedOut => "timed_out",
            Self::Rejected { .. } => "rejected",
            Self::Refused => "refused",
            Self::Filtered => "filtered",
            Self::Truncated => "truncated",
            Self::Empty => "empty",
            Self::NotJson => "not_json",
            Self::Malformed => "malformed",
            Self::OverBudget => "over_budget",
        }
    }
}

/// What models are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// Objects in pictures.
    Vision,
    /// Which of the objects of several answers are the same.
    Join,
    /// The words of a sound.
    Speech,
    /// What the words say about objects.
    Cues,
}

impl Task {
    /// Its name in logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vision => "vision",
            Self::Join => "join",
            Self::Speech => "speech",
            Self::Cues => "cues",
        }
    }
}

/// On what terms a model is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Language of labels and remarks, and most likely of what is said.
    pub locale: Locale,
    /// All calls, retries and fallbacks included, are done by then.
    pub until: Instant,
    /// All calls together cost no more than this.
    pub budget: Usd,
}

/// One request to a provider and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCall {
    /// What was asked.
    pub task: Task,
    /// The provider, by its name in the configuration.
    pub provider: String,
    /// The model, by its name in the configuration.
    pub model: String,
    /// What it used; nothing when the provider did not tell.
    pub usage: Usage,
    /// From the request to the end of the answer.
    pub time: Duration,
    /// Why there is no answer; `None` when there is one.
    pub failure: Option<ModelError>,
}

/// An answer and what it took to get it.
#[derive(Debug, Clone, PartialEq)]
pub struct Read<T> {
    /// The answer, or why the last provider that was asked gave none.
    pub answer: Result<T, ModelError>,
    /// All requests, in their order.
    pub calls: Vec<ModelCall>,
    /// What is left of the budget, whatever the requests may have cost without our being told.
    pub left: Usd,
}

/// What came of looking at frames.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Looked {
    /// What each call has found, in the order of their frames. Neighbours share some frames.
    pub looks: Vec<Look>,
    /// Frames of which no call gave an answer.
    pub unanswered: Vec<Range<usize>>,
}

/// Sees objects in pictures.
pub trait VisionModel: Sync {
    /// What is in `frames`, in as many calls at once as it takes. Transient failures are retried and other providers asked,
    /// within the terms. There is an answer as soon as one call has one.
    ///
    /// Meanwhile `found` holds what the answers at hand have named so far. Each retry and each other provider starts its
    /// call anew; in the end it holds the answers, or nothing where there is none.
    fn look(
        &self,
        frames: &[Frame],
        terms: &Terms,
        found: &watch::Sender<Vec<Look>>,
    ) -> impl Future<Output = Read<Looked>> + Send;

    /// Which of `open`, things of several calls, are the same: lists of ids. `seconds` is when each frame is shown.
    fn tell_apart(
        &self,
        open: &[Open],
        seconds: &[f64],
        terms: &Terms,
    ) -> impl Future<Output = Read<Vec<Vec<usize>>>> + Send;

    /// The most that one look at this many frames can cost with the cheapest model.
    fn price(&self, frames: usize) -> Usd;
}

/// Turns speech into text.
pub trait Transcriber: Sync {
    /// What is said in `sound`. Transient failures are retried and other providers asked, within the terms.
    fn transcribe(
        &self,
        sound: &Sound,
        terms: &Terms,
    ) -> impl Future<Output = Read<Transcript>> + Send;

    /// The most that listening once to a sound of this length can cost with the cheapest model.
    fn price(&self, sound: Duration) -> Usd;
}

/// Understands what is said about objects.
pub trait CueReader: Sync {
    /// What `transcript` says about objects. Transient failures are retried and other providers asked, within the terms.
    fn read(
        &self,
        transcript: &Transcript,
        terms: &Terms,
    ) -> impl Future<Output = Read<Vec<Cue>>> + Send;

    /// The most that reading once what is said in a sound of this length should cost with the cheapest model.
    fn price(&self, sound: Duration) -> Usd;
}

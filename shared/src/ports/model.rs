//! Models that see, hear and understand.

use std::{future::Future, time::Duration};

use crate::domain::{
    evidence::{Cue, Observation, Transcript, Usage},
    locale::Locale,
    media::{Frame, Sound},
};

/// Why a model gave no answer. Holds nothing of what was sent or answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Too many requests or out of quota; may pass after this time.
    #[error("the provider limits the rate")]
    RateLimited {
        /// By the provider's word.
        retry_after: Option<Duration>,
    },
    /// The provider failed or can't be reached; may pass.
    #[error("the provider is unavailable")]
    Unavailable,
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
    /// An answer came that is not what was asked for.
    #[error("the answer is not in the agreed form")]
    Malformed,
}

/// An answer and what it used.
#[derive(Debug, Clone, PartialEq)]
pub struct Read<T> {
    /// The answer.
    pub answer: T,
    /// What it used.
    pub usage: Usage,
}

/// Sees objects in pictures.
pub trait VisionModel: Sync {
    /// What is in `frames`; labels in `locale`.
    ///
    /// # Errors
    /// See [`ModelError`]; transient ones have been retried within the deadline.
    fn observe(
        &self,
        frames: &[Frame],
        locale: Locale,
    ) -> impl Future<Output = Result<Read<Vec<Observation>>, ModelError>> + Send;
}

/// Turns speech into text.
pub trait Transcriber: Sync {
    /// What is said in `sound`, most likely in `locale`.
    ///
    /// # Errors
    /// See [`ModelError`]; transient ones have been retried within the deadline.
    fn transcribe(
        &self,
        sound: &Sound,
        locale: Locale,
    ) -> impl Future<Output = Result<Read<Transcript>, ModelError>> + Send;
}

/// Understands what is said about objects.
pub trait CueReader: Sync {
    /// What `transcript` says about objects; labels and remarks in `locale`.
    ///
    /// # Errors
    /// See [`ModelError`]; transient ones have been retried within the deadline.
    fn read(
        &self,
        transcript: &Transcript,
        locale: Locale,
    ) -> impl Future<Output = Result<Read<Vec<Cue>>, ModelError>> + Send;
}

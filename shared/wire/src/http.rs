//! Bodies of the HTTP API.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use dodolens_domain::{
    inventory::Inventory,
    ranges::IndexRange,
    receipt::ErasureReceipt,
    session::{Progress, Session, SessionState},
    time::Timestamp,
};

/// `POST /v1/sessions`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSession {
    /// Bytes of the whole video.
    pub total_bytes: u64,
    /// Media type of the video.
    pub content_type: String,
    /// Bytes of a chunk; 1 MiB when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk_bytes: Option<u32>,
    /// Language of the result, as a BCP 47 tag; English when absent or unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// Answer to `POST /v1/sessions`: all that a client needs to upload and to listen.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionCreated {
    /// The session.
    pub session_id: String,
    /// Opens the session; told this once.
    pub token: String,
    /// Bytes of every chunk but the last.
    pub chunk_bytes: u32,
    /// How many chunks.
    pub total_chunks: u32,
    /// Where to listen.
    pub websocket_url: String,
    /// Seconds that a chunk lives from its arrival.
    pub media_expires_in: u64,
    /// When the session ends, unless it is complete by then.
    pub session_expires_at: Timestamp,
    /// How many chunks to send at the same time, at most.
    pub max_parallel: u32,
}

/// How many chunks a client is asked to send at the same time, at most.
pub const MAX_PARALLEL: u32 = 8;

/// `GET /v1/sessions/{id}`: a session as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// The session.
    pub session_id: String,
    /// Where it is.
    pub state: SessionState,
    /// Number of the last event.
    pub seq: u64,
    /// How many chunks the video has.
    pub total_chunks: u32,
    /// Bytes of every chunk but the last.
    pub chunk_bytes: u32,
    /// Chunks that are there, as inclusive ranges.
    pub received: Vec<IndexRange>,
    /// Chunks to send, as inclusive ranges.
    pub missing: Vec<IndexRange>,
    /// How far the processing is.
    pub progress: Option<Progress>,
    /// The inventory, once complete.
    pub result: Option<Inventory>,
    /// Why there is none, once failed or expired.
    pub problem: Option<Problem>,
    /// That the media are gone.
    pub receipt: Option<ErasureReceipt>,
    /// When the session ends; once final, when its record ends.
    pub session_expires_at: Timestamp,
}

impl Snapshot {
    /// Of `session`, now.
    #[must_use]
    pub fn of(session: &Session, now: Timestamp) -> Self {
        Self {
            session_id: session.id.to_string(),
            state: session.state,
            seq: session.seq,
            total_chunks: session.plan.chunks(),
            chunk_bytes: session.plan.chunk_bytes(),
            received: session.received_ranges(now),
            missing: session.missing_ranges(now),
            progress: session.progress,
            result: session.result.clone(),
            problem: session
                .failure
                .map(|failure| Problem::of_failure(failure, session.locale)),
            receipt: session.receipt.clone(),
            session_expires_at: session.expires_at,
        }
    }
}

/// `POST /v1/sessions/{id}/finalize`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finalized {
    /// The session.
    pub session_id: String,
    /// Always `queued`: the video is complete and its processing is on its way. The snapshot tells how far.
    pub state: SessionState,
}

impl Finalized {
    /// Of a session whose job is sent; the same however often it is asked.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        Self {
            session_id: session.id.to_string(),
            state: SessionState::Queued,
        }
    }
}

/// `GET /v1/health`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `ok`
    pub status: String,
    /// Of this software.
    pub version: String,
    /// The configured models, by task and in the order in which they are asked.
    #[serde(default)]
    pub models: Vec<HealthModel>,
    /// What needs an operator.
    #[serde(default)]
    pub warnings: Vec<HealthWarning>,
}

/// A configured model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthModel {
    /// `vision`, `speech` or `cues`.
    pub task: String,
    /// Name of the provider.
    pub provider: String,
    /// Name of the model.
    pub model: String,
    /// The day on which its provider turns it off; `None` if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retires: Option<Date>,
}

/// Something that needs an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum HealthWarning {
    /// The model retires within 90 days.
    ModelRetires(HealthModel),
    /// The model's day has come.
    ModelRetired(HealthModel),
    /// The configuration of the models can't be read.
    ModelsUnreadable,
}

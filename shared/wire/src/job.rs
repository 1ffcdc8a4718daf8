//! The message from finalize to process.

use serde::{Deserialize, Serialize};

use dodolens_domain::ids::SessionId;

/// Asks for one session to be processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Which.
    pub session_id: String,
}

impl Job {
    /// The session that the body of a message names; `None` when it is no job.
    #[must_use]
    pub fn session(body: &str) -> Option<SessionId> {
        let job: Self = serde_json::from_str(body).ok()?;
        job.session_id.parse().ok()
    }
}

/// How often a job is delivered before the queue gives it up: `maxReceiveCount` of its redrive policy.
pub const MAX_DELIVERIES: u32 = 2;

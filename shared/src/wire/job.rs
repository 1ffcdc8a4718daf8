//! The message from finalize to process.

use serde::{Deserialize, Serialize};

/// Asks for one session to be processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Which.
    pub session_id: String,
}

/// How often a job is delivered before the queue gives it up: `maxReceiveCount` of its redrive policy.
pub const MAX_DELIVERIES: u32 = 2;

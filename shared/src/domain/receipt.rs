//! What is left of a video: a receipt that it is gone.

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// Why the media of a session were destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureReason {
    /// The inventory is made.
    Completed,
    /// The video could not be turned into an inventory.
    Failed,
    /// The client asked for it.
    Requested,
    /// The session's time was over.
    Expired,
}

/// States that the media of a session are gone. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErasureReceipt {
    /// The session, as text.
    pub session_id: String,
    /// Why.
    pub reason: ErasureReason,
    /// Chunks that the video was planned in.
    pub chunks: u32,
    /// Sealed parts that were verified absent.
    pub parts: u32,
    /// Bytes that the video was announced with.
    pub bytes: u64,
    /// The master key version that wrapped the session's key.
    pub key_id: String,
    /// When the session's key was destroyed: from here on no part can be opened.
    pub key_destroyed_at: Timestamp,
    /// When every part was seen to be absent from the table.
    pub parts_verified_absent_at: Timestamp,
}

//! What is left of a video: a receipt that it is gone.

use serde::{Deserialize, Serialize};

use super::{session::Session, time::Timestamp};

/// Names the form of a statement, in every statement.
pub const SCHEMA: &str = "dodolens.receipt/1";

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
pub struct ErasureStatement {
    /// [`SCHEMA`]
    pub schema: String,
    /// The session, as text.
    pub session_id: String,
    /// The session's name in the audit log, as text.
    pub audit_id: String,
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

impl ErasureStatement {
    /// Of a session whose parts are verified absent; `None` when its key is not destroyed.
    #[must_use]
    pub fn of(session: &Session, parts_verified_absent_at: Timestamp) -> Option<Self> {
        let (key_destroyed_at, reason) = session.key_destroyed?;
        Some(Self {
            schema: SCHEMA.to_owned(),
            session_id: session.id.to_string(),
            audit_id: session.token_hash.audit_id().to_string(),
            reason,
            chunks: session.plan.chunks(),
            parts: session.plan.parts(),
            bytes: session.plan.total_bytes(),
            key_id: session.key_id.clone(),
            key_destroyed_at,
            parts_verified_absent_at,
        })
    }
}

/// A statement and its signature. [`crate::crypto::receipt`] makes and checks them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErasureReceipt {
    /// What is stated.
    #[serde(flatten)]
    pub statement: ErasureStatement,
    /// Detached JWS (RFC 7515, appendix F) over the statement in canonical form (RFC 8785).
    pub signature: String,
}

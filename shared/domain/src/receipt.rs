//! What is left of a video: a receipt that it is gone.

use std::time::Duration;

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

/// What is done with the sealed parts of a session whose key is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartDeletion {
    /// Each is deleted and verified absent.
    Explicit,
    /// Nothing: without their key they are cryptographically erased (NIST SP 800-88r2), and the table's own TTL deletes
    /// them "within a few days" of their expiry.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>
    Shred {
        /// Of a sealed part, from its arrival.
        media_lifetime: Duration,
    },
}

/// What has become of the sealed parts. Their key is destroyed either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum PartsFate {
    /// Each was deleted.
    Deleted {
        /// When every part was seen to be absent from the table.
        parts_verified_absent_at: Timestamp,
    },
    /// None was deleted, none was verified absent.
    LeftToExpire {
        /// By then each part has expired; the table deletes it some time after.
        parts_left_to_expire_at: Timestamp,
    },
}

impl PartsFate {
    /// When every part was seen to be absent, if it was.
    #[must_use]
    pub const fn verified_absent_at(self) -> Option<Timestamp> {
        match self {
            Self::Deleted {
                parts_verified_absent_at: at,
            } => Some(at),
            Self::LeftToExpire { .. } => None,
        }
    }

    /// By when each part has expired, if they were left to.
    #[must_use]
    pub const fn left_to_expire_at(self) -> Option<Timestamp> {
        match self {
            Self::Deleted { .. } => None,
            Self::LeftToExpire {
                parts_left_to_expire_at: at,
            } => Some(at),
        }
    }
}

/// States that the media of a session can't be read any more. Holds no personal data.
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
    /// Sealed parts that the video was planned in.
    pub parts: u32,
    /// Bytes that the video was announced with.
    pub bytes: u64,
    /// The master key version that wrapped the session's key.
    pub key_id: String,
    /// When the session's key was destroyed: from here on no part can be opened.
    pub key_destroyed_at: Timestamp,
    /// What has become of the parts.
    #[serde(flatten)]
    pub fate: PartsFate,
}

impl ErasureStatement {
    /// Of a session whose parts have met this fate; `None` when its key is not destroyed.
    #[must_use]
    pub fn of(session: &Session, fate: PartsFate) -> Option<Self> {
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
            fate,
        })
    }
}

/// A statement and its signature. The crate of keys makes and checks them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErasureReceipt {
    /// What is stated.
    #[serde(flatten)]
    pub statement: ErasureStatement,
    /// Detached JWS (RFC 7515, appendix F) over the statement in canonical form (RFC 8785).
    pub signature: String,
}

//! The audit log: what became of each session's media, in a stream of its own (`audit` is `true` on its lines alone).
//!
//! It names sessions by their [`AuditId`] and holds nothing else of them or of their clients. An event is logged at least
//! once: a step that is repeated after a crash is told again.

use tracing::info;

use dodolens_domain::{ids::AuditId, receipt::ErasureReceipt, sink::SinkName, time::Timestamp};

/// The target of audit lines; logged whatever `LOG_LEVEL` says.
pub const TARGET: &str = "dodolens::audit";

/// What is worth telling an auditor.
#[derive(Debug)]
pub enum AuditEvent<'a> {
    /// A client was let in, and may send this many bytes.
    SessionOpened {
        /// Of the announced video.
        bytes: u64,
    },
    /// The session got a data key.
    KeyIssued {
        /// The master key version that wraps it.
        key_id: &'a str,
    },
    /// The data key was unwrapped to read the video, once for each try.
    MediaRead,
    /// The client asked for destruction.
    ErasureRequested,
    /// The session's wrapped data key is removed.
    KeyDestroyed {
        /// When.
        at: Timestamp,
    },
    /// Each part that the session may have had was deleted.
    PartsDeleted {
        /// How many.
        parts: u32,
    },
    /// None of the parts is in the table.
    PartsVerifiedAbsent {
        /// How many.
        parts: u32,
    },
    /// Nothing is deleted; the table's TTL is left to.
    PartsLeftToExpire {
        /// How many.
        parts: u32,
        /// By when each has expired.
        at: Timestamp,
    },
    /// The receipt is signed and stored.
    ReceiptIssued(&'a ErasureReceipt),
    /// The mover's own system has taken the result.
    ResultDelivered {
        /// Which system.
        sink: SinkName,
    },
    /// The record, with the result and the receipt, is removed.
    ResultExpired,
}

/// Logs an event of the session with this name.
pub fn audit(session: AuditId, event: &AuditEvent<'_>) {
    macro_rules! line {
        ($name:literal $($fields:tt)*) => {
            info!(target: TARGET, audit = true, event = $name, audit_id = %session $($fields)*)
        };
    }
    match event {
        AuditEvent::SessionOpened { bytes } => line!("session_opened", bytes),
        AuditEvent::KeyIssued { key_id } => line!("key_issued", key_id),
        AuditEvent::MediaRead => line!("media_read"),
        AuditEvent::ErasureRequested => line!("erasure_requested"),
        AuditEvent::KeyDestroyed { at } => line!("key_destroyed", %at),
        AuditEvent::PartsDeleted { parts } => line!("parts_deleted", parts),
        AuditEvent::PartsVerifiedAbsent { parts } => line!("parts_verified_absent", parts),
        AuditEvent::PartsLeftToExpire { parts, at } => line!("parts_left_to_expire", parts, %at),
        AuditEvent::ReceiptIssued(ErasureReceipt {
            statement,
            signature,
        }) => line!(
            "receipt_issued",
            reason = ?statement.reason,
            key_id = statement.key_id,
            key_destroyed_at = %statement.key_destroyed_at,
            parts_verified_absent_at = statement.fate.verified_absent_at().map(display),
            parts_left_to_expire_at = statement.fate.left_to_expire_at().map(display),
            signature
        ),
        AuditEvent::ResultDelivered { sink } => line!("result_delivered", %sink),
        AuditEvent::ResultExpired => line!("result_expired"),
    }
}

//! Making a session's media gone, and seeing that they are.

use std::time::Duration;

use futures::{TryStreamExt as _, stream};

use crate::{
    domain::{
        receipt::ErasureReceipt,
        session::{Change, Session},
    },
    error::Error,
    ports::{ChunkStore, Clock, PartKey, SessionStore, Unavailable},
};

/// Parts that are deleted at the same time.
pub(super) const PARALLEL_DELETES: usize = 32;

/// After this an upload that was under way when the session ended has long timed out, so that what it left is found.
const RECHECK_AFTER: Duration = Duration::from_secs(60);

/// The record of an ended session lives at least this long, so that the client can still ask for the receipt.
pub const MIN_KEEP: Duration = Duration::from_secs(600);

/// Deletes every part of an ended session, verifies that they are absent, and writes the receipt. Its key is destroyed
/// already: the write that ended it did that. Each step can be repeated.
///
/// # Errors
/// `unavailable` when a part is still there or nobody can tell; the sweep tries again.
pub async fn destroy(
    sessions: &impl SessionStore,
    chunks: &impl ChunkStore,
    clock: &impl Clock,
    session: &Session,
) -> Result<Session, Error> {
    let keys: Vec<PartKey> = session
        .plan
        .all_parts()
        .map(|at| PartKey {
            session: session.id,
            at,
        })
        .collect();
    stream::iter(keys.iter().map(Ok))
        .try_for_each_concurrent(PARALLEL_DELETES, |key| chunks.delete(*key, None))
        .await?;
    let present = chunks.count_present(&keys).await?;
    if present > 0 {
        tracing::error!(session = %session.id, present, "parts are still there after their deletion");
        return Err(Unavailable("the table of parts").into());
    }

    let now = clock.now();
    let (key_destroyed_at, reason) = session
        .key_destroyed
        .ok_or(Unavailable("the record of the key"))?;
    let change = if session.receipt.is_some() {
        Change::SweepAt(session.expires_at)
    } else {
        let receipt = ErasureReceipt {
            session_id: session.id.to_string(),
            reason,
            chunks: session.plan.chunks(),
            parts: session.plan.parts(),
            bytes: session.plan.total_bytes(),
            key_id: session.key_id.clone(),
            key_destroyed_at,
            parts_verified_absent_at: now,
        };
        Change::Certify {
            receipt,
            recheck_at: now + RECHECK_AFTER,
        }
    };
    let after = sessions.change(session.id, &change, now).await?;
    tracing::info!(session = %session.id, parts = session.plan.parts(), ?reason, "media destroyed");
    Ok(after)
}

//! The end of a session, however it comes about: its key goes, its parts go or are left unreadable, and a receipt says
//! which. Whatever crashes in between, the sweep goes on with; each step can be repeated.

use std::time::Duration;

use futures::{TryStreamExt as _, stream};

use crate::{
    audit::{AuditEvent, audit},
    error::Error,
    metrics::{self, table},
    ports::{
        ChangeError, Clock as _, HasClock, HasParts, HasReceipts, HasSessions, PartKey,
        PartStore as _, ReceiptVault as _, SessionStore as _, Unavailable,
    },
};
use dodolens_domain::{
    ids::SessionId,
    receipt::{ErasureStatement, PartDeletion, PartsFate},
    session::{Change, Ending, Failure, Session, SessionState},
};

/// Parts that are deleted at the same time.
pub(super) const PARALLEL_DELETES: usize = 32;

/// This long after its end, an upload that was under way when the session ended has long timed out.
const STRAGGLERS_END: Duration = Duration::from_secs(60);

/// The record of an ended session lives at least this long, so that the client can still ask for the receipt.
pub const MIN_KEEP: Duration = Duration::from_secs(600);

/// A session that has just ended.
#[derive(Debug)]
pub struct Ended {
    /// As it stood at its end: the key is gone.
    pub session: Session,
    /// As it stands with its receipt; an error when there is none yet, which the sweep will see to.
    pub destroyed: Result<Session, Error>,
}

/// Ends a session, which destroys its key in the same write, and then sees to its parts. Its record is kept for `keep`.
///
/// # Errors
/// See [`ChangeError`]: nothing is destroyed then.
pub async fn end(
    ports: &(impl HasSessions + HasParts + HasReceipts + HasClock),
    deletion: PartDeletion,
    id: SessionId,
    ending: Ending,
    keep: Duration,
) -> Result<Ended, ChangeError> {
    let change = Change::End { ending, keep };
    let now = ports.clock().now();
    let session = ports.sessions().change(id, &change, now).await?;
    count(&session);
    let destroyed = destroy(ports, deletion, &session).await;
    let destroyed = destroyed.inspect_err(|error| {
        tracing::error!(session = %id, %error, "the destruction is not certified yet");
    });
    Ok(Ended { session, destroyed })
}

/// Deletes every part of an ended session, verifies that they are absent, and writes the receipt; once there is one,
/// looks for what a straggling upload left behind. Or, if so configured, writes the receipt alone.
///
/// # Errors
/// `unavailable` when a part is still there or nobody can tell.
pub async fn destroy(
    ports: &(impl HasSessions + HasParts + HasReceipts + HasClock),
    deletion: PartDeletion,
    session: &Session,
) -> Result<Session, Error> {
    let name = session.token_hash.audit_id();
    let (key_destroyed_at, _) = session
        .key_destroyed
        .ok_or(Unavailable("the record of the key"))?;
    if session.receipt.is_none() {
        let at = key_destroyed_at;
        audit(name, &AuditEvent::KeyDestroyed { at });
    }
    let fate = match deletion {
        PartDeletion::Explicit => delete_parts(ports, session).await?,
        PartDeletion::Shred { media_lifetime } => PartsFate::LeftToExpire {
            parts_left_to_expire_at: key_destroyed_at + STRAGGLERS_END + media_lifetime,
        },
    };
    if session.receipt.is_some() {
        let change = Change::SweepAt(session.expires_at);
        let now = ports.clock().now();
        return Ok(ports.sessions().change(session.id, &change, now).await?);
    }
    certify(ports, session, fate).await
}

async fn delete_parts(
    ports: &(impl HasParts + HasClock),
    session: &Session,
) -> Result<PartsFate, Unavailable> {
    let (name, parts) = (session.token_hash.audit_id(), session.plan.parts());
    stream::iter(part_keys(session).map(Ok))
        .try_for_each_concurrent(PARALLEL_DELETES, |key| ports.parts().delete(key, None))
        .await?;
    audit(name, &AuditEvent::PartsDeleted { parts });
    verify_absent(ports, session).await?;
    audit(name, &AuditEvent::PartsVerifiedAbsent { parts });
    Ok(PartsFate::Deleted {
        parts_verified_absent_at: ports.clock().now(),
    })
}

async fn verify_absent(ports: &impl HasParts, session: &Session) -> Result<(), Unavailable> {
    let keys: Vec<_> = part_keys(session).collect();
    let present = ports.parts().count_present(&keys).await?;
    if present > 0 {
        tracing::error!(session = %session.id, present, "parts are still there after their deletion");
        return Err(Unavailable("the table of parts"));
    }
    Ok(())
}

/// Signs and stores the receipt; one that another has stored meanwhile stays.
async fn certify(
    ports: &(impl HasSessions + HasReceipts + HasClock),
    session: &Session,
    fate: PartsFate,
) -> Result<Session, Error> {
    let (name, parts) = (session.token_hash.audit_id(), session.plan.parts());
    let now = ports.clock().now();
    let recheck_at = match fate {
        PartsFate::Deleted { .. } => now + STRAGGLERS_END,
        PartsFate::LeftToExpire {
            parts_left_to_expire_at: at,
        } => {
            audit(name, &AuditEvent::PartsLeftToExpire { parts, at });
            session.expires_at
        }
    };
    let statement =
        ErasureStatement::of(session, fate).ok_or(Unavailable("the record of the key"))?;
    let receipt = ports.receipts().keys().await?.sign(statement)?;
    let change = Change::Certify {
        receipt,
        recheck_at,
    };
    let after = ports.sessions().change(session.id, &change, now).await?;
    if let Some(receipt) = &after.receipt {
        audit(name, &AuditEvent::ReceiptIssued(receipt));
        metrics::record(&table::ERASURES, 1.0);
        if let Some((since, _)) = session.key_destroyed {
            metrics::record_time(&table::STAGE_ERASE, now.since(since));
        }
    }
    let deleted = matches!(fate, PartsFate::Deleted { .. });
    tracing::info!(session = %session.id, parts, deleted, "media destroyed");
    Ok(after)
}

/// How a session ended.
fn count(ended: &Session) {
    let unusable = ended.failure.is_some_and(Failure::lies_in_the_video);
    let metric = match ended.state {
        SessionState::Complete => &table::SESSIONS_COMPLETED,
        SessionState::Failed if unusable => &table::SESSIONS_UNUSABLE,
        SessionState::Failed => &table::SESSIONS_FAILED,
        SessionState::Erased => &table::SESSIONS_ERASED,
        SessionState::Expired => &table::SESSIONS_EXPIRED,
        SessionState::Open | SessionState::Queued | SessionState::Processing => return,
    };
    metrics::record(metric, 1.0);
}

fn part_keys(session: &Session) -> impl Iterator<Item = PartKey> {
    let id = session.id;
    let parts = session.plan.all_parts();
    parts.map(move |at| PartKey { session: id, at })
}

//! Whatever is past its deadline is destroyed, whoever forgot it.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    announce::announce,
    deliver::order,
    destroy::{MIN_KEEP, PARALLEL_DELETES, destroy, end},
};
use crate::{
    audit::{AuditEvent, audit},
    error::Error,
    ports::{
        ChangeError, Clock as _, HasClock, HasDeliveries, HasNotifier, HasParts, HasReceipts,
        HasSessions, PartKey, PartStore as _, SessionStore as _,
    },
};
use dodolens_domain::{
    ids::SessionId,
    receipt::PartDeletion,
    session::{Change, Ending, Failure, MAX_FORGOTTEN, ReceivedChunk, Session, SweepAction},
    sink::SinkName,
    time::Timestamp,
};
use dodolens_wire::{problem::Problem, ws::Event};

/// Sessions that are swept at the same time.
const PARALLEL_SESSIONS: usize = 8;

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Sessions whose time had come.
    pub due: usize,
    /// Those that could not be dealt with, for the next sweep.
    pub failed: usize,
    /// Parts that the failed ones may have, none of them verified absent. One whose record can't be read counts as one.
    pub overdue: u64,
}

/// Deals with every session whose time has come, from the index.
///
/// # Errors
/// `unavailable` when the index can't be read.
pub async fn sweep(
    ports: &(impl HasSessions + HasParts + HasReceipts + HasNotifier + HasClock),
    deletion: PartDeletion,
) -> Result<Swept, Error> {
    let due = ports.sessions().due(ports.clock().now()).await?;
    let failed: Vec<u64> = stream::iter(&due)
        .map(async |id| {
            match ports.sessions().load(*id).await {
                Ok(None) => Ok(()),
                Ok(Some(session)) => sweep_one(ports, deletion, &session)
                    .await
                    .map_err(|error| (error, u64::from(session.plan.parts()))),
                Err(error) => Err((error.into(), 1)),
            }
            .map_err(|(error, parts)| {
                tracing::error!(session = %id, %error, "could not be swept");
                parts
            })
        })
        .buffer_unordered(PARALLEL_SESSIONS)
        .filter_map(|swept| std::future::ready(swept.err()))
        .collect()
        .await;
    Ok(Swept {
        due: due.len(),
        failed: failed.len(),
        overdue: failed.iter().sum(),
    })
}

async fn sweep_one(
    ports: &(impl HasSessions + HasParts + HasReceipts + HasNotifier + HasClock),
    deletion: PartDeletion,
    session: &Session,
) -> Result<(), Error> {
    let id = session.id;
    let now = ports.clock().now();
    match session.sweep(now) {
        SweepAction::Wait(until) => change(ports, id, &Change::SweepAt(until), now).await,
        SweepAction::DropExpired {
            chunks: expired,
            next,
        } => {
            drop_expired(ports, session, expired, now).await?;
            change(ports, id, &Change::SweepAt(next), now).await
        }
        SweepAction::Fail(failure) => {
            let owner = None;
            end_and_tell(ports, deletion, id, Ending::Failed { owner, failure }).await
        }
        SweepAction::Expire => end_and_tell(ports, deletion, id, Ending::Expired).await,
        SweepAction::Destroy => destroy(ports, deletion, session).await.map(drop),
        SweepAction::Forget => {
            ports.sessions().forget(id).await?;
            audit(session.token_hash.audit_id(), &AuditEvent::ResultExpired);
            Ok(())
        }
    }
}

/// Ends a session whose job was given up by the queue: its worker crashed as often as it was tried. A result that it left
/// is ordered for each of `sinks`.
///
/// # Errors
/// `unavailable`; trying again is safe.
pub async fn give_up(
    ports: &(impl HasSessions + HasParts + HasReceipts + HasNotifier + HasDeliveries + HasClock),
    deletion: PartDeletion,
    sinks: &[SinkName],
    id: SessionId,
) -> Result<(), Error> {
    let ending = Ending::Failed {
        owner: None,
        failure: Failure::Internal,
    };
    end_and_tell(ports, deletion, id, ending).await?;
    // The worker may have completed the session and crashed before it ordered the deliveries.
    Ok(order(ports, sinks, id).await?)
}

/// Ends a session, destroys its media and tells its client. A session that ended or was taken up meanwhile is let be.
async fn end_and_tell(
    ports: &(impl HasSessions + HasParts + HasReceipts + HasNotifier + HasClock),
    deletion: PartDeletion,
    id: SessionId,
    ending: Ending,
) -> Result<(), Error> {
    let failure = ending.failure();
    let ended = match end(ports, deletion, id, ending, MIN_KEEP).await {
        Ok(ended) => ended,
        Err(ChangeError::NotFound | ChangeError::Refused(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if let Some(failure) = failure {
        let event = Event::Error(Box::new(Problem::of_failure(failure, ended.session.locale)));
        announce(ports, &ended.session, event).await;
    }
    ended.destroyed.map(drop)
}

/// Deletes parts that have outlived their time, those of unrecorded uploads too, and lets their chunks count as missing.
async fn drop_expired(
    ports: &(impl HasSessions + HasParts),
    session: &Session,
    expired: BTreeMap<u32, ReceivedChunk>,
    now: Timestamp,
) -> Result<(), Error> {
    let live = session.live_chunks(now);
    let stale = session
        .plan
        .all_parts()
        .filter(|at| !live.contains(&at.chunk));
    stream::iter(stale.map(Ok))
        .try_for_each_concurrent(PARALLEL_DELETES, |at| {
            let key = PartKey {
                session: session.id,
                at,
            };
            ports.parts().delete(key, Some(now))
        })
        .await?;
    let expired: Vec<_> = expired.into_iter().collect();
    for batch in expired.chunks(MAX_FORGOTTEN) {
        let seen = batch.iter().copied().collect();
        change(ports, session.id, &Change::ForgetChunks { seen }, now).await?;
    }
    Ok(())
}

/// Makes a change that another may have forestalled.
async fn change(
    ports: &impl HasSessions,
    id: SessionId,
    change: &Change,
    now: Timestamp,
) -> Result<(), Error> {
    match ports.sessions().change(id, change, now).await {
        Ok(_) | Err(ChangeError::NotFound | ChangeError::Refused(_)) => Ok(()),
        Err(error @ (ChangeError::Unavailable(_) | ChangeError::Corrupt(_))) => Err(error.into()),
    }
}

//! Whatever is past its deadline is destroyed, whoever forgot it.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    announce::announce,
    destroy::{MIN_KEEP, PARALLEL_DELETES, destroy},
};
use crate::{
    domain::{
        ids::SessionId,
        session::{Change, Ending, Failure, MAX_FORGOTTEN, ReceivedChunk, Session, SweepAction},
        time::Timestamp,
    },
    error::Error,
    ports::{ChangeError, ChunkStore, Clock, Notifier, PartKey, SessionStore},
    wire::{problem::Problem, ws::Event},
};

/// Sessions that are swept at the same time.
const PARALLEL_SESSIONS: usize = 8;

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Sessions whose time had come.
    pub due: usize,
    /// Those that could not be dealt with, for the next sweep.
    pub failed: usize,
}

/// Deals with every session whose time has come, from the index.
///
/// # Errors
/// `unavailable` when the index can't be read.
pub async fn sweep(
    sessions: &impl SessionStore,
    chunks: &impl ChunkStore,
    notifier: &impl Notifier,
    clock: &impl Clock,
) -> Result<Swept, Error> {
    let due = sessions.due(clock.now()).await?;
    let failed = stream::iter(&due)
        .map(async |id| {
            sweep_one(sessions, chunks, notifier, clock, *id)
                .await
                .inspect_err(|error| {
                    tracing::error!(session = %id, %error, "could not be swept");
                })
        })
        .buffer_unordered(PARALLEL_SESSIONS)
        .filter(|swept| std::future::ready(swept.is_err()))
        .count()
        .await;
    Ok(Swept {
        due: due.len(),
        failed,
    })
}

async fn sweep_one(
    sessions: &impl SessionStore,
    chunks: &impl ChunkStore,
    notifier: &impl Notifier,
    clock: &impl Clock,
    id: SessionId,
) -> Result<(), Error> {
    let Some(session) = sessions.load(id).await? else {
        return Ok(());
    };
    let now = clock.now();
    match session.sweep(now) {
        SweepAction::Wait(until) => change(sessions, id, &Change::SweepAt(until), now).await,
        SweepAction::DropExpired {
            chunks: expired,
            next,
        } => {
            drop_expired(sessions, chunks, &session, expired, now).await?;
            change(sessions, id, &Change::SweepAt(next), now).await
        }
        SweepAction::Fail(failure) => {
            end(
                sessions,
                chunks,
                notifier,
                clock,
                id,
                Ending::Failed {
                    owner: None,
                    failure,
                },
            )
            .await
        }
        SweepAction::Expire => end(sessions, chunks, notifier, clock, id, Ending::Expired).await,
        SweepAction::Destroy => destroy(sessions, chunks, clock, &session).await.map(drop),
        SweepAction::Forget => Ok(sessions.forget(id).await?),
    }
}

/// Ends a session whose job was given up by the queue: its worker crashed as often as it was tried.
///
/// # Errors
/// `unavailable`; trying again is safe.
pub async fn give_up(
    sessions: &impl SessionStore,
    chunks: &impl ChunkStore,
    notifier: &impl Notifier,
    clock: &impl Clock,
    id: SessionId,
) -> Result<(), Error> {
    end(
        sessions,
        chunks,
        notifier,
        clock,
        id,
        Ending::Failed {
            owner: None,
            failure: Failure::Internal,
        },
    )
    .await
}

/// Ends a session, destroys its media and tells its client. A session that ended or was taken up meanwhile is let be.
async fn end(
    sessions: &impl SessionStore,
    chunks: &impl ChunkStore,
    notifier: &impl Notifier,
    clock: &impl Clock,
    id: SessionId,
    ending: Ending,
) -> Result<(), Error> {
    let failure = ending.failure();
    let ended = match sessions
        .change(
            id,
            &Change::End {
                ending,
                keep: MIN_KEEP,
            },
            clock.now(),
        )
        .await
    {
        Ok(ended) => ended,
        Err(ChangeError::NotFound | ChangeError::Refused(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let destroyed = destroy(sessions, chunks, clock, &ended).await;
    if let Some(failure) = failure {
        let event = Event::Error(Box::new(Problem::of_failure(failure, ended.locale)));
        announce(notifier, sessions, clock, &ended.audience(), event).await;
    }
    destroyed.map(drop)
}

/// Deletes parts that have outlived their time, those of unrecorded uploads too, and lets their chunks count as missing.
async fn drop_expired(
    sessions: &impl SessionStore,
    chunks: &impl ChunkStore,
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
            chunks.delete(
                PartKey {
                    session: session.id,
                    at,
                },
                Some(now),
            )
        })
        .await?;
    let expired: Vec<_> = expired.into_iter().collect();
    for batch in expired.chunks(MAX_FORGOTTEN) {
        let seen = batch.iter().copied().collect();
        change(sessions, session.id, &Change::ForgetChunks { seen }, now).await?;
    }
    Ok(())
}

/// Makes a change that another may have forestalled.
async fn change(
    sessions: &impl SessionStore,
    id: SessionId,
    change: &Change,
    now: Timestamp,
) -> Result<(), Error> {
    match sessions.change(id, change, now).await {
        Ok(_) | Err(ChangeError::NotFound | ChangeError::Refused(_)) => Ok(()),
        Err(error @ ChangeError::Unavailable(_)) => Err(error.into()),
    }
}

//! Whatever is past its deadline is destroyed, whoever forgot it.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    announce::announce,
    destroy::{Destruction, MIN_KEEP, PARALLEL_DELETES},
};
use crate::{
    audit::{AuditEvent, audit},
    error::Error,
    ports::{ChangeError, ChunkStore, Clock, Notifier, PartKey, ReceiptVault, SessionStore},
};
use dodolens_domain::{
    ids::SessionId,
    session::{Change, Ending, Failure, MAX_FORGOTTEN, ReceivedChunk, Session, SweepAction},
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

impl<S, C, R, L> Destruction<'_, S, C, R, L>
where
    S: SessionStore,
    C: ChunkStore,
    R: ReceiptVault,
    L: Clock,
{
    /// Deals with every session whose time has come, from the index.
    ///
    /// # Errors
    /// `unavailable` when the index can't be read.
    pub async fn sweep(&self, notifier: &impl Notifier) -> Result<Swept, Error> {
        let due = self.sessions.due(self.clock.now()).await?;
        let failed: Vec<u64> = stream::iter(&due)
            .map(async |id| {
                match self.sessions.load(*id).await {
                    Ok(None) => Ok(()),
                    Ok(Some(session)) => self
                        .sweep_one(notifier, &session)
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

    async fn sweep_one(&self, notifier: &impl Notifier, session: &Session) -> Result<(), Error> {
        let (sessions, id) = (self.sessions, session.id);
        let now = self.clock.now();
        match session.sweep(now) {
            SweepAction::Wait(until) => change(sessions, id, &Change::SweepAt(until), now).await,
            SweepAction::DropExpired {
                chunks: expired,
                next,
            } => {
                self.drop_expired(session, expired, now).await?;
                change(sessions, id, &Change::SweepAt(next), now).await
            }
            SweepAction::Fail(failure) => {
                let owner = None;
                self.end_and_tell(notifier, id, Ending::Failed { owner, failure })
                    .await
            }
            SweepAction::Expire => self.end_and_tell(notifier, id, Ending::Expired).await,
            SweepAction::Destroy => self.destroy(session).await.map(drop),
            SweepAction::Forget => {
                sessions.forget(id).await?;
                audit(session.token_hash.audit_id(), &AuditEvent::ResultExpired);
                Ok(())
            }
        }
    }

    /// Ends a session whose job was given up by the queue: its worker crashed as often as it was tried.
    ///
    /// # Errors
    /// `unavailable`; trying again is safe.
    pub async fn give_up(&self, notifier: &impl Notifier, id: SessionId) -> Result<(), Error> {
        let ending = Ending::Failed {
            owner: None,
            failure: Failure::Internal,
        };
        self.end_and_tell(notifier, id, ending).await
    }

    /// Ends a session, destroys its media and tells its client. A session that ended or was taken up meanwhile is let be.
    async fn end_and_tell(
        &self,
        notifier: &impl Notifier,
        id: SessionId,
        ending: Ending,
    ) -> Result<(), Error> {
        let failure = ending.failure();
        let ended = match self.end(id, ending, MIN_KEEP).await {
            Ok(ended) => ended,
            Err(ChangeError::NotFound | ChangeError::Refused(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if let Some(failure) = failure {
            let event = Event::Error(Box::new(Problem::of_failure(failure, ended.session.locale)));
            announce(
                notifier,
                self.sessions,
                self.clock,
                &ended.session.audience(),
                event,
            )
            .await;
        }
        ended.destroyed.map(drop)
    }

    /// Deletes parts that have outlived their time, those of unrecorded uploads too, and lets their chunks count as missing.
    async fn drop_expired(
        &self,
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
                self.chunks.delete(
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
            change(
                self.sessions,
                session.id,
                &Change::ForgetChunks { seen },
                now,
            )
            .await?;
        }
        Ok(())
    }
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

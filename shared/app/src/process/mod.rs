//! From a complete upload to an inventory, and nothing left behind.

mod enough;
mod inventory;
mod progress;
mod setback;
#[cfg(test)]
mod tests;

use std::{future::Future, time::Duration};

use setback::Setback;
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    announce::announce,
    destroy::{Destruction, MIN_KEEP},
    models::Models,
};
use crate::{
    metrics::{self, table},
    ports::{
        ChangeError, ChunkStore, Clock, CueReader, KeyVault, MediaExtractor, MediaLimits, Notifier,
        ReceiptVault, SessionStore, Transcriber, VisionModel,
    },
};
use dodolens_domain::{
    ids::SessionId,
    inventory::Inventory,
    money::Usd,
    receipt::PartDeletion,
    session::{Change, Ending, Lease, Refused, Session, SessionState},
    time::Timestamp,
};
use dodolens_wire::{problem::Problem, ws::Event};

/// Everything that processing may touch.
#[derive(Debug)]
pub struct ProcessPorts<'a, S, C, K, X, V, T, R, Q, N, L> {
    /// Sessions.
    pub sessions: &'a S,
    /// Sealed parts.
    pub chunks: &'a C,
    /// Master keys.
    pub vault: &'a K,
    /// Pictures and sound.
    pub extractor: &'a X,
    /// The models.
    pub models: Models<'a, V, T, R>,
    /// Keys of receipts.
    pub receipts: &'a Q,
    /// Clients.
    pub notifier: &'a N,
    /// The time.
    pub clock: &'a L,
}

/// Bounds of processing.
#[derive(Debug, Clone, Copy)]
pub struct ProcessSettings {
    /// What a video may cost.
    pub media: MediaLimits,
    /// Most time for the models, with all their retries and fallbacks.
    pub analysis_time: Duration,
    /// Most that the models may cost in one try.
    pub analysis_budget: Usd,
    /// Most time for telling clients once how far the work is: no inventory is lost for it.
    pub telling: Duration,
    /// How long a result is kept; zero: it is only delivered.
    pub result_lifetime: Duration,
    /// Left before the invocation's deadline for destroying and telling.
    pub reserve: Duration,
    /// What is done with the parts in the end.
    pub deletion: PartDeletion,
}

/// One delivery of a job.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The session to process.
    pub session: SessionId,
    /// The invocation, unique: it owns the lease.
    pub owner: String,
    /// When the invocation is ended by force.
    pub deadline: Timestamp,
    /// When the job was sent, if the queue tells.
    pub sent_at: Option<Timestamp>,
    /// Whether another delivery follows when this one fails for a passing reason.
    pub retryable: bool,
}

/// What becomes of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// It is done with.
    Done,
    /// It should come again, at once.
    RetryNow,
    /// It should come again when its visibility timeout is over: another worker holds the lease.
    RetryLater,
}

impl<S, C, K, X, V, T, R, Q, N, L> ProcessPorts<'_, S, C, K, X, V, T, R, Q, N, L>
where
    S: SessionStore,
    C: ChunkStore,
    K: KeyVault,
    X: MediaExtractor,
    V: VisionModel,
    T: Transcriber,
    R: CueReader,
    Q: ReceiptVault,
    N: Notifier,
    L: Clock,
{
    /// Processes a session under a lease. A duplicate or repeated delivery neither stops nor doubles the work.
    pub async fn process(&self, settings: &ProcessSettings, delivery: &Delivery) -> Disposition {
        let lease = Lease {
            owner: delivery.owner.clone(),
            until: delivery.deadline,
        };
        let time = delivery.deadline.since(self.clock.now());
        let until = Instant::now() + time.saturating_sub(settings.reserve);
        let change = Change::Lease(lease);
        let leasing = self
            .sessions
            .change(delivery.session, &change, self.clock.now());
        let session = match timeout_at(until, leasing).await {
            Ok(Ok(session)) => session,
            Ok(Err(ChangeError::Refused(Refused::State(state)))) if state.is_final() => {
                return self.resume(settings, delivery).await;
            }
            Ok(Err(ChangeError::Refused(Refused::Leased))) => return Disposition::RetryLater,
            Ok(Err(ChangeError::NotFound | ChangeError::Refused(_))) => return Disposition::Done,
            Ok(Err(ChangeError::Unavailable(_))) | Err(_) => return Disposition::RetryNow,
        };
        let started = self.announce(&session, Event::ProcessingStarted {});
        self.tell_in_time(settings, started).await;

        let ending = match self.inventory(settings, delivery, &session, until).await {
            Ok(inventory) => {
                let kept = !settings.result_lifetime.is_zero();
                let result = kept.then(|| Box::new(inventory.clone()));
                return self
                    .end(
                        settings,
                        delivery,
                        Ending::Complete {
                            owner: delivery.owner.clone(),
                            result,
                        },
                        Some(inventory),
                    )
                    .await;
            }
            Err(Setback::Overtaken) => return Disposition::Done,
            Err(Setback::Passing(failure)) if delivery.retryable => {
                tracing::warn!(session = %session.id, ?failure, "this try failed; another follows");
                metrics::record(&table::JOBS_RETRIED, 1.0);
                let release = Change::Release {
                    owner: delivery.owner.clone(),
                };
                return match self
                    .sessions
                    .change(session.id, &release, self.clock.now())
                    .await
                {
                    Ok(_) | Err(ChangeError::Unavailable(_)) => Disposition::RetryNow,
                    Err(ChangeError::NotFound | ChangeError::Refused(_)) => Disposition::Done,
                };
            }
            Err(Setback::Passing(failure) | Setback::Final(failure)) => Ending::Failed {
                owner: Some(delivery.owner.clone()),
                failure,
            },
        };
        self.end(settings, delivery, ending, None).await
    }

    /// Ends the session, which destroys its key; then the parts; then tells the client.
    async fn end(
        &self,
        settings: &ProcessSettings,
        delivery: &Delivery,
        ending: Ending,
        inventory: Option<Inventory>,
    ) -> Disposition {
        let keep = settings.result_lifetime.max(MIN_KEEP);
        match self
            .destruction(settings)
            .end(delivery.session, ending, keep)
            .await
        {
            Ok(ended) => {
                self.tell(&ended.session, inventory).await;
                if ended.session.state == SessionState::Complete
                    && let Some(sent_at) = delivery.sent_at
                {
                    let time = self.clock.now().since(sent_at);
                    metrics::record_time(&table::INVENTORY_TIME, time);
                }
                Disposition::Done
            }
            Err(ChangeError::NotFound | ChangeError::Refused(_)) => Disposition::Done,
            Err(ChangeError::Unavailable(_)) => Disposition::RetryNow,
        }
    }

    /// An earlier delivery ended the session, but may have crashed before all was destroyed and told.
    async fn resume(&self, settings: &ProcessSettings, delivery: &Delivery) -> Disposition {
        match self.sessions.load(delivery.session).await {
            Ok(Some(ended)) if ended.receipt.is_none() => {
                if let Err(error) = self.destruction(settings).destroy(&ended).await {
                    tracing::error!(session = %ended.id, %error, "the destruction is not certified yet");
                }
                self.tell(&ended, ended.result.clone()).await;
                Disposition::Done
            }
            Ok(_) => Disposition::Done,
            Err(_) => Disposition::RetryNow,
        }
    }

    const fn destruction(&self, settings: &ProcessSettings) -> Destruction<'_, S, C, Q, L> {
        Destruction {
            sessions: self.sessions,
            chunks: self.chunks,
            receipts: self.receipts,
            clock: self.clock,
            deletion: settings.deletion,
        }
    }

    /// Gives up telling clients how far the work is when it takes too long.
    async fn tell_in_time<O>(
        &self,
        settings: &ProcessSettings,
        telling: impl Future<Output = O>,
    ) -> Option<O> {
        let told = timeout(settings.telling, telling).await.ok();
        if told.is_none() {
            tracing::warn!("clients could not be told in time how far the work is");
        }
        told
    }

    async fn tell(&self, ended: &Session, inventory: Option<Inventory>) {
        let event = match (ended.state, inventory, ended.failure) {
            (SessionState::Complete, Some(inventory), _) => {
                Event::AnalysisComplete(Box::new(inventory))
            }
            (SessionState::Failed, _, Some(failure)) => {
                Event::Error(Box::new(Problem::of_failure(failure, ended.locale)))
            }
            _ => return,
        };
        self.announce(ended, event).await;
    }

    async fn announce(&self, session: &Session, event: Event) {
        announce(
            self.notifier,
            self.sessions,
            self.clock,
            &session.audience(),
            event,
        )
        .await;
    }
}

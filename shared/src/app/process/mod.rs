//! From a complete upload to an inventory, and nothing left behind.

mod progress;
mod setback;

use std::time::Duration;

use progress::{Shown, show};
use setback::Setback;
use tokio::sync::{Mutex, watch};

use super::{
    SealedVideo,
    analyse::{Bounds, analyse},
    announce::announce,
    budget,
    destroy::{Destruction, MIN_KEEP},
    models::Models,
    receive_chunk::unwrap_key,
};
use crate::{
    audit::{AuditEvent, audit},
    domain::{
        evidence::Gap,
        fusion,
        ids::SessionId,
        inventory::Inventory,
        money::Usd,
        receipt::PartDeletion,
        session::{Change, Ending, Failure, Lease, Progress, Refused, Session, SessionState},
        time::Timestamp,
    },
    error::Error,
    metrics::{self, table},
    ports::{
        ChangeError, ChunkStore, Clock, CueReader, KeyVault, MediaExtractor, MediaLimits, Notifier,
        ReceiptVault, SessionStore, Transcriber, VisionModel,
    },
    wire::{
        problem::Problem,
        ws::{AnalysisProgress, Event},
    },
};

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
        let session = match self
            .sessions
            .change(delivery.session, &Change::Lease(lease), self.clock.now())
            .await
        {
            Ok(session) => session,
            Err(ChangeError::Refused(Refused::State(state))) if state.is_final() => {
                return self.resume(settings, delivery).await;
            }
            Err(ChangeError::Refused(Refused::Leased)) => return Disposition::RetryLater,
            Err(ChangeError::NotFound | ChangeError::Refused(_)) => return Disposition::Done,
            Err(ChangeError::Unavailable(_)) => return Disposition::RetryNow,
        };
        self.announce(&session, Event::ProcessingStarted {}).await;

        let time = delivery
            .deadline
            .since(self.clock.now())
            .saturating_sub(settings.reserve);
        let made = tokio::time::timeout(time, self.inventory(settings, delivery, &session)).await;
        let ending = match made.unwrap_or(Err(Setback::Final(Failure::MediaTooSlow))) {
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

    /// Pictures, sound, evidence, inventory. All plaintext lives in here, and is wiped when this returns or is dropped.
    async fn inventory(
        &self,
        settings: &ProcessSettings,
        delivery: &Delivery,
        session: &Session,
    ) -> Result<Inventory, Setback> {
        let key = unwrap_key(self.vault, session)
            .await
            .map_err(|error| match error {
                Error::Unavailable(_) => Setback::Passing(Failure::Internal),
                _ => Setback::Final(Failure::Internal),
            })?;
        audit(session.token_hash.audit_id(), &AuditEvent::MediaRead);
        let video = SealedVideo::new(self.chunks, self.clock, session, key);
        let extraction = self.extractor.extract(&video, &settings.media);
        let mut media = metrics::timed(&table::STAGE_EXTRACT, extraction).await?;
        drop(video);
        metrics::record(&table::PICTURES_LOST, media.losses.pictures as f64);
        let sound_lost = f64::from(u8::from(media.losses.sound.is_some()));
        metrics::record(&table::SOUND_LOST, sound_lost);

        let now = self.report(delivery, Progress::ANALYSING).await?;
        let extracted = Event::FramesExtracted {
            frames: media.frames.len(),
            sound: media.sound.is_some(),
            duration_seconds: media.duration.as_secs_f64(),
        };
        self.announce(&now, extracted).await;

        let bounds = Bounds {
            locale: session.locale,
            time: settings.analysis_time,
            shares: budget::fit(settings.analysis_budget, &self.models, &mut media),
        };
        let found = watch::Sender::new(Vec::new());
        let shown = Mutex::new(Shown::new(found.subscribe(), &media, session.locale));
        let half_done = async || {
            if let Ok(now) = self.report(delivery, Progress::HALF_DONE).await {
                let mut shown = shown.lock().await;
                let event = Event::AiAnalysisProgress(shown.half_done());
                self.announce(&now, event).await;
            }
        };
        let tell = async |now: &Session, news| {
            self.announce(now, Event::AiAnalysisProgress(news)).await;
        };
        let analysis = Box::pin(analyse(&self.models, &media, &bounds, &found, half_done));
        let analysis = tokio::select! {
            analysis = metrics::timed(&table::STAGE_ANALYSE, analysis) => analysis,
            never = show(&shown, self.sessions, session.id, tell) => match never {},
        };
        drop(media);
        let usage = analysis.usage();
        analysis.calls.iter().for_each(metrics::record_call);
        metrics::record(&table::SESSION_COST, usage.cost.dollars());
        let evidence = analysis.evidence.map_err(|error| {
            tracing::error!(session = %session.id, %error, "no evidence");
            Setback::Passing(Failure::AnalysisUnavailable)
        })?;
        if evidence.gaps.contains(&Gap::PicturesUnreadable) && evidence.cues.is_empty() {
            // Nothing to see and not a word about an object: it takes another video.
            return Err(Setback::Final(Failure::MediaUnreadable));
        }

        let now = self.report(delivery, Progress::FINISHING).await?;
        let all = AnalysisProgress {
            progress: Progress::FINISHING,
            found: fusion::found(&evidence, session.locale),
        };
        self.announce(&now, Event::AiAnalysisProgress(all)).await;
        Ok(fusion::fuse(&evidence, session.locale, usage))
    }

    async fn report(
        &self,
        delivery: &Delivery,
        progress: Progress,
    ) -> Result<Session, ChangeError> {
        let change = Change::Report {
            owner: delivery.owner.clone(),
            progress,
        };
        self.sessions
            .change(delivery.session, &change, self.clock.now())
            .await
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

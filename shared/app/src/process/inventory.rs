//! From a leased session to its inventory. Every stage that takes too long has an ending of its own.

use std::future::Future;

use tokio::{
    sync::{Mutex, watch},
    time::{Instant, timeout_at},
};

use super::{
    Delivery, ProcessPorts, ProcessSettings, enough,
    progress::{Shown, show},
    setback::Setback,
};
use crate::{
    SealedVideo,
    analyse::{Analysis, Bounds, analyse},
    audit::{AuditEvent, audit},
    budget,
    metrics::{self, table},
    ports::{
        ChangeError, ChunkStore, Clock, CueReader, KeyVault, MediaError, MediaExtractor,
        MediaLimits, Notifier, ReceiptVault, SessionStore, Transcriber, VideoSource, VisionModel,
    },
    session_key::unwrap_key,
};
use dodolens_domain::{
    evidence::Gap,
    fusion,
    inventory::Inventory,
    media::{ExtractedMedia, SoundLoss},
    session::{Change, Failure, Progress, Session},
};
use dodolens_wire::ws::{AnalysisProgress, Event};

/// A stage must be done by `until`; `late` is what it means when it is not.
async fn within<T, E: Into<Setback>>(
    until: Instant,
    late: Setback,
    stage: impl Future<Output = Result<T, E>>,
) -> Result<T, Setback> {
    match timeout_at(until, stage).await {
        Ok(done) => done.map_err(Into::into),
        Err(_) => Err(late),
    }
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
    /// Pictures, sound, evidence, inventory. All plaintext lives in here, and is wiped when this returns or is dropped.
    pub(super) async fn inventory(
        &self,
        settings: &ProcessSettings,
        delivery: &Delivery,
        session: &Session,
        until: Instant,
    ) -> Result<Inventory, Setback> {
        let late = Setback::Passing(Failure::StorageUnavailable);
        let key = within(until, late, unwrap_key(self.vault, session)).await?;
        audit(session.token_hash.audit_id(), &AuditEvent::MediaRead);
        let video = SealedVideo::new(self.chunks, self.clock, session, key);
        let media = self.extract(&settings.media, &video, until).await?;
        drop(video);

        let report = self.report(delivery, Progress::ANALYSING);
        let now = within(until, late, report).await?;
        let extracted = Event::FramesExtracted {
            frames: media.frames.len(),
            sound: media.sound.is_some(),
            duration_seconds: media.duration.as_secs_f64(),
        };
        self.tell_in_time(settings, self.announce(&now, extracted))
            .await;

        let analysis = self.analyse(settings, delivery, session, media, until);
        let Ok(analysis) = timeout_at(until, Box::pin(analysis)).await else {
            count_failed(true);
            return Err(Setback::Passing(Failure::AnalysisUnavailable));
        };
        let usage = analysis.usage();
        let evidence = &analysis.evidence;
        let inventory = fusion::fuse(evidence, session.locale, usage);
        judge(session, &inventory)?;

        let all = AnalysisProgress {
            progress: Progress::FINISHING,
            found: fusion::found(evidence, session.locale),
        };
        let told = async {
            let now = self.report(delivery, Progress::FINISHING).await?;
            self.announce(&now, Event::AiAnalysisProgress(all)).await;
            Ok::<_, ChangeError>(())
        };
        // What is known stays known, whether clients can be told of it or not.
        match self.tell_in_time(settings, told).await {
            Some(Err(error @ (ChangeError::NotFound | ChangeError::Refused(_)))) => {
                Err(error.into())
            }
            Some(Ok(()) | Err(ChangeError::Unavailable(_))) | None => Ok(inventory),
        }
    }

    async fn extract(
        &self,
        limits: &MediaLimits,
        video: &(impl VideoSource + Send),
        until: Instant,
    ) -> Result<ExtractedMedia, Setback> {
        let left = until.saturating_duration_since(Instant::now());
        let bounded = MediaLimits {
            deadline: limits.deadline.min(left),
            ..*limits
        };
        let extraction = timeout_at(until, self.extractor.extract(video, &bounded));
        let extracted = metrics::timed(&table::STAGE_EXTRACT, extraction).await;
        let mut media = match extracted.unwrap_or(Err(MediaError::TooSlow)) {
            // The time was gone before: only the stores come before this.
            Err(MediaError::TooSlow) if left < limits.deadline => {
                return Err(Setback::Passing(Failure::StorageUnavailable));
            }
            extracted => extracted?,
        };
        metrics::record(&table::PICTURES_LOST, media.losses.pictures as f64);
        let sound_lost = f64::from(u8::from(media.losses.sound.is_some()));
        metrics::record(&table::SOUND_LOST, sound_lost);
        if media.losses.sound == Some(SoundLoss::Silent) {
            // To listen to silence costs as much as to listen to words.
            media.sound = None;
        }
        Ok(media)
    }

    /// What the models make of `media`, while clients are told how far they are.
    async fn analyse(
        &self,
        settings: &ProcessSettings,
        delivery: &Delivery,
        session: &Session,
        mut media: ExtractedMedia,
        until: Instant,
    ) -> Analysis {
        let left = until.saturating_duration_since(Instant::now());
        let bounds = Bounds {
            locale: session.locale,
            time: settings
                .analysis_time
                .min(left.saturating_sub(settings.telling)),
            shares: budget::fit(settings.analysis_budget, &self.models, &mut media),
        };
        let found = watch::Sender::new(Vec::new());
        let shown = Mutex::new(Shown::new(found.subscribe(), &media, session.locale));
        let tell = async |now: &Session, news| {
            self.announce(now, Event::AiAnalysisProgress(news)).await;
        };
        let half_done = async || {
            let telling = async {
                if let Ok(now) = self.report(delivery, Progress::HALF_DONE).await {
                    let mut shown = shown.lock().await;
                    tell(&now, shown.half_done()).await;
                }
            };
            self.tell_in_time(settings, telling).await;
        };
        let analysis = Box::pin(analyse(&self.models, &media, &bounds, &found, half_done));
        let analysis = tokio::select! {
            analysis = metrics::timed(&table::STAGE_ANALYSE, analysis) => analysis,
            never = show(&shown, self.sessions, session.id, tell) => match never {},
        };
        analysis.calls.iter().for_each(metrics::record_call);
        metrics::record(&table::SESSION_COST, analysis.usage().cost.dollars());
        analysis
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
}

/// Holds back an inventory of nothing that the evidence does not bear out, and counts.
fn judge(session: &Session, inventory: &Inventory) -> Result<(), Setback> {
    let judged = enough::check(inventory);
    let missing = &inventory.degraded;
    let failed = matches!(judged, Err(Setback::Passing(_)));
    count_failed(failed);
    match judged {
        Ok(()) => {
            let unanswered = [Gap::VisionUnavailable, Gap::SpeechUnavailable];
            if missing.iter().any(|gap| unanswered.contains(gap)) {
                metrics::record(&table::ANALYSES_DEGRADED, 1.0);
            }
        }
        Err(Setback::Final(Failure::MediaUnreadable)) => {
            tracing::info!(session = %session.id, ?missing, "nothing was found in what could be read");
        }
        Err(_) => tracing::error!(session = %session.id, ?missing, "no evidence"),
    }
    judged
}

/// Once for each analysis.
fn count_failed(failed: bool) {
    metrics::record(&table::ANALYSES_FAILED, f64::from(u8::from(failed)));
}

//! From a leased session to its inventory. Every stage that takes too long has an ending of its own.

use std::{future::Future, time::Duration};

use tokio::{
    sync::{Mutex, watch},
    time::{Instant, timeout, timeout_at},
};

use super::{
    JobDelivery, ProcessPorts, ProcessSettings, enough,
    progress::{Shown, show},
    setback::Setback,
};
use crate::{
    SealedVideo,
    analyse::{Analysis, Bounds, analyse},
    announce::announce,
    audit::{AuditEvent, audit},
    budget,
    metrics::{self, table},
    ports::{
        ChangeError, Clock as _, HasClock, HasExtractor, HasSessions, MediaError,
        MediaExtractor as _, MediaLimits, SessionStore as _, VideoSource,
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

/// Pictures, sound, evidence, inventory. All plaintext lives in here, and is wiped when this returns or is dropped.
pub(super) async fn make(
    ports: &impl ProcessPorts,
    settings: &ProcessSettings,
    job: &JobDelivery,
    session: &Session,
    until: Instant,
) -> Result<Inventory, Setback> {
    let started = announce(ports, session, Event::ProcessingStarted {});
    in_time(settings.telling, started).await;

    let late = Setback::Passing(Failure::StorageUnavailable);
    let key = within(until, late, unwrap_key(ports, session)).await?;
    audit(session.token_hash.audit_id(), &AuditEvent::MediaRead);
    let video = SealedVideo::new(ports.parts(), ports.clock(), session, key);
    let media = extract(ports, &settings.media, &video, until).await?;
    drop(video);

    let reported = report(ports, job, Progress::ANALYSING);
    let now = within(until, late, reported).await?;
    let extracted = Event::FramesExtracted {
        frames: media.frames.len(),
        sound: media.sound.is_some(),
        duration_seconds: media.duration.as_secs_f64(),
    };
    in_time(settings.telling, announce(ports, &now, extracted)).await;

    let analysis = ask(ports, settings, job, session, media, until);
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
        let now = report(ports, job, Progress::FINISHING).await?;
        announce(ports, &now, Event::AiAnalysisProgress(all)).await;
        Ok::<_, ChangeError>(())
    };
    // What is known stays known, whether clients can be told of it or not.
    match in_time(settings.telling, told).await {
        Some(Err(error @ (ChangeError::NotFound | ChangeError::Refused(_)))) => Err(error.into()),
        Some(Ok(()) | Err(ChangeError::Unavailable(_) | ChangeError::Corrupt(_))) | None => {
            Ok(inventory)
        }
    }
}

async fn extract(
    ports: &impl HasExtractor,
    limits: &MediaLimits,
    video: &(impl VideoSource + Send),
    until: Instant,
) -> Result<ExtractedMedia, Setback> {
    let left = until.saturating_duration_since(Instant::now());
    let bounded = MediaLimits {
        deadline: limits.deadline.min(left),
        ..*limits
    };
    let extraction = timeout_at(until, ports.extractor().extract(video, &bounded));
    let extracted = metrics::timed(&table::STAGE_EXTRACT, extraction).await;
    let mut media = match extracted.unwrap_or(Err(MediaError::TooSlow)) {
        // The time was gone before: only the stores come before this.
        Err(MediaError::TooSlow) if left < limits.deadline => {
            return Err(Setback::Passing(Failure::StorageUnavailable));
        }
        extracted => extracted?,
    };
    metrics::record(&table::PICTURES_LOST, media.losses.pictures as f64);
    metrics::record(&table::PICTURES_SKIPPED, media.coverage.skipped as f64);
    let sound_lost = f64::from(u8::from(media.losses.sound.is_some()));
    metrics::record(&table::SOUND_LOST, sound_lost);
    if media.losses.sound == Some(SoundLoss::Silent) {
        // To listen to silence costs as much as to listen to words.
        media.sound = None;
    }
    Ok(media)
}

/// What the models make of `media`, while clients are told how far they are.
async fn ask(
    ports: &impl ProcessPorts,
    settings: &ProcessSettings,
    job: &JobDelivery,
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
        shares: budget::fit(ports, settings.analysis_budget, &mut media),
    };
    let found = watch::Sender::new(Vec::new());
    let shown = Mutex::new(Shown::new(found.subscribe(), &media, session.locale));
    let tell = async |now: &Session, news| {
        announce(ports, now, Event::AiAnalysisProgress(news)).await;
    };
    let half_done = async || {
        let telling = async {
            if let Ok(now) = report(ports, job, Progress::HALF_DONE).await {
                let mut shown = shown.lock().await;
                tell(&now, shown.half_done()).await;
            }
        };
        in_time(settings.telling, telling).await;
    };
    let analysis = Box::pin(analyse(ports, &media, &bounds, &found, half_done));
    let analysis = tokio::select! {
        analysis = metrics::timed(&table::STAGE_ANALYSE, analysis) => analysis,
        never = show(&shown, ports, session.id, tell) => match never {},
    };
    analysis.calls.iter().for_each(metrics::record_call);
    metrics::record(&table::SESSION_COST, analysis.usage().cost.dollars());
    analysis
}

async fn report(
    ports: &(impl HasSessions + HasClock),
    job: &JobDelivery,
    progress: Progress,
) -> Result<Session, ChangeError> {
    let change = Change::Report {
        owner: job.owner.clone(),
        progress,
    };
    let now = ports.clock().now();
    ports.sessions().change(job.session, &change, now).await
}

/// Gives up telling clients how far the work is when it takes too long.
async fn in_time<O>(most: Duration, telling: impl Future<Output = O>) -> Option<O> {
    let told = timeout(most, telling).await.ok();
    if told.is_none() {
        tracing::warn!("clients could not be told in time how far the work is");
    }
    told
}

/// Holds back an inventory of nothing that the evidence does not bear out, and counts.
fn judge(session: &Session, inventory: &Inventory) -> Result<(), Setback> {
    let judged = enough::check(inventory);
    let missing = &inventory.degraded;
    let unavailable = Setback::Passing(Failure::AnalysisUnavailable);
    let failed = judged
        .as_ref()
        .is_err_and(|setback| *setback == unavailable);
    count_failed(failed);
    match judged {
        Ok(()) => {
            let unanswered = [
                Gap::VisionUnavailable,
                Gap::VisionPartial,
                Gap::SpeechUnavailable,
            ];
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

//! The client has sent everything: one job goes to the queue.

use std::time::Duration;

use super::access::{Credential, open_session};
use crate::{
    error::Error,
    metrics::{self, table},
    ports::{
        ChangeError, Clock as _, HasClock, HasJobs, HasSessions, JobQueue as _, SessionStore as _,
    },
};
use dodolens_domain::session::{Change, Refused, Session, SessionState};

/// Nobody else sends the job while the one who claimed it may still be at it.
const CLAIM: Duration = Duration::from_secs(3);
/// How often the one who waits looks.
const LOOK: Duration = Duration::from_millis(100);

/// Checks that every chunk is there and sends the job, once. Repeated and concurrent calls get the same answer; after a
/// send that failed, any later call sends it.
///
/// # Errors
/// `session_not_found`, `chunks_missing` with the ranges, `session_expired`, `session_erased`, `unavailable`.
pub async fn finalize(
    ports: &(impl HasSessions + HasJobs + HasClock),
    credential: &Credential,
) -> Result<Session, Error> {
    let session = open_session(ports, credential).await?;
    let missing = session.missing_ranges(ports.clock().now());
    if !missing.is_empty() {
        return Err(Error::ChunksMissing(missing));
    }
    loop {
        let now = ports.clock().now();
        let change = Change::Queue {
            claimed_until: now + CLAIM,
        };
        match ports.sessions().change(session.id, &change, now).await {
            Ok(claimed) => return send(ports, claimed).await,
            Err(ChangeError::Refused(Refused::JobClaimed)) => tokio::time::sleep(LOOK).await,
            Err(ChangeError::Refused(
                Refused::JobSent
                | Refused::State(
                    SessionState::Processing | SessionState::Complete | SessionState::Failed,
                ),
            )) => return Ok(session),
            Err(error) => return Err(error.into()),
        }
    }
}

async fn send(
    ports: &(impl HasSessions + HasJobs + HasClock),
    claimed: Session,
) -> Result<Session, Error> {
    let sent = ports.jobs().send(claimed.id).await;
    let change = if sent.is_ok() {
        Change::JobSent
    } else {
        Change::JobNotSent
    };
    // If this write fails, the claim runs out: at worst the job is sent again, and the lease lets only one through.
    let now = ports.clock().now();
    if let Err(error) = ports.sessions().change(claimed.id, &change, now).await {
        tracing::warn!(%error, "what became of the job could not be recorded");
    }
    sent?;
    metrics::record(&table::SESSIONS_QUEUED, 1.0);
    metrics::record(&table::VIDEO_SIZE, claimed.plan.total_bytes() as f64);
    let upload = ports.clock().now().since(claimed.created_at);
    metrics::record_time(&table::STAGE_UPLOAD, upload);
    Ok(claimed)
}

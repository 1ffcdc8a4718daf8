//! From a complete upload to an inventory, and nothing left behind.

mod ending;
mod enough;
mod inventory;
mod lease;
mod progress;
mod setback;

use std::time::Duration;

use tokio::time::Instant;

use self::lease::Taken;
use super::deliver::order;
use crate::ports::{
    Clock as _, HasClock, HasCues, HasDeliveries, HasExtractor, HasNotifier, HasParts, HasReceipts,
    HasSessions, HasTranscriber, HasVault, HasVision, MediaLimits,
};
use dodolens_domain::{
    ids::SessionId, money::Usd, receipt::PartDeletion, sink::SinkName, time::Timestamp,
};

/// Everything that processing may touch.
pub trait ProcessPorts:
    HasSessions
    + HasParts
    + HasVault
    + HasExtractor
    + HasVision
    + HasTranscriber
    + HasCues
    + HasReceipts
    + HasNotifier
    + HasDeliveries
    + HasClock
{
}

impl<T> ProcessPorts for T where
    T: HasSessions
        + HasParts
        + HasVault
        + HasExtractor
        + HasVision
        + HasTranscriber
        + HasCues
        + HasReceipts
        + HasNotifier
        + HasDeliveries
        + HasClock
{
}

/// Bounds of processing.
#[derive(Debug, Clone)]
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
    /// Who is given the result.
    pub sinks: Vec<SinkName>,
}

/// One delivery of a job.
#[derive(Debug, Clone)]
pub struct JobDelivery {
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

/// Processes a session under a lease, and orders its result for the sinks. A duplicate or repeated delivery neither stops nor
/// doubles the work.
pub async fn process(
    ports: &impl ProcessPorts,
    settings: &ProcessSettings,
    job: &JobDelivery,
) -> Disposition {
    let time = job.deadline.since(ports.clock().now());
    let until = Instant::now() + time.saturating_sub(settings.reserve);
    let disposition = match lease::take(ports, job, until).await {
        Taken::Ours(session) => {
            let made = inventory::make(ports, settings, job, &session, until).await;
            ending::end(ports, settings, job, made).await
        }
        Taken::Ended => ending::resume(ports, settings.deletion, job).await,
        Taken::NotOurs(disposition) => disposition,
    };
    match disposition {
        // The job stands for the orders until they are sent. The client has been told already, and waits for none of this.
        Disposition::Done if order(ports, &settings.sinks, job.session).await.is_err() => {
            Disposition::RetryNow
        }
        disposition => disposition,
    }
}

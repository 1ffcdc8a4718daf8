//! What a try comes to: an inventory or a problem, and in either case the end of the media; or another try.

use super::{Disposition, JobDelivery, ProcessSettings, lease, setback::Setback};
use crate::{
    announce::announce,
    destroy::{self, MIN_KEEP, destroy},
    metrics::{self, table},
    ports::{
        ChangeError, Clock as _, HasClock, HasNotifier, HasParts, HasReceipts, HasSessions,
        SessionStore as _,
    },
};
use dodolens_domain::{
    inventory::Inventory,
    receipt::PartDeletion,
    session::{Ending, Session, SessionState},
};
use dodolens_wire::{problem::Problem, ws::Event};

/// Ends the session, which destroys its key; then the parts; then tells the client. Or leaves it to another try.
pub(super) async fn end(
    ports: &(impl HasSessions + HasParts + HasReceipts + HasNotifier + HasClock),
    settings: &ProcessSettings,
    job: &JobDelivery,
    made: Result<Inventory, Setback>,
) -> Disposition {
    let owner = job.owner.clone();
    let (ending, inventory) = match made {
        Ok(inventory) => {
            let kept = !settings.result_lifetime.is_zero();
            let result = kept.then(|| Box::new(inventory.clone()));
            (Ending::Complete { owner, result }, Some(inventory))
        }
        Err(Setback::Overtaken) => return Disposition::Done,
        Err(Setback::Passing(failure)) if job.retryable => {
            tracing::warn!(session = %job.session, ?failure, "this try failed; another follows");
            metrics::record(&table::JOBS_RETRIED, 1.0);
            return lease::release(ports, job).await;
        }
        Err(Setback::Passing(failure) | Setback::Final(failure)) => {
            let owner = Some(owner);
            (Ending::Failed { owner, failure }, None)
        }
    };
    let keep = settings.result_lifetime.max(MIN_KEEP);
    match destroy::end(ports, settings.deletion, job.session, ending, keep).await {
        Ok(ended) => {
            tell(ports, &ended.session, inventory).await;
            if ended.session.state == SessionState::Complete
                && let Some(sent_at) = job.sent_at
            {
                let time = ports.clock().now().since(sent_at);
                metrics::record_time(&table::INVENTORY_TIME, time);
            }
            Disposition::Done
        }
        Err(ChangeError::NotFound | ChangeError::Refused(_)) => Disposition::Done,
        Err(ChangeError::Unavailable(_) | ChangeError::Corrupt(_)) => Disposition::RetryNow,
    }
}

/// An earlier delivery ended the session, but may have crashed before all was destroyed and told.
pub(super) async fn resume(
    ports: &(impl HasSessions + HasParts + HasReceipts + HasNotifier + HasClock),
    deletion: PartDeletion,
    job: &JobDelivery,
) -> Disposition {
    match ports.sessions().load(job.session).await {
        Ok(Some(ended)) if ended.receipt.is_none() => {
            if let Err(error) = destroy(ports, deletion, &ended).await {
                tracing::error!(session = %ended.id, %error, "the destruction is not certified yet");
            }
            tell(ports, &ended, ended.result.clone()).await;
            Disposition::Done
        }
        Ok(_) => Disposition::Done,
        Err(_) => Disposition::RetryNow,
    }
}

async fn tell(
    ports: &(impl HasSessions + HasNotifier + HasClock),
    ended: &Session,
    inventory: Option<Inventory>,
) {
    let event = match (ended.state, inventory, ended.failure) {
        (SessionState::Complete, Some(inventory), _) => {
            Event::AnalysisComplete(Box::new(inventory))
        }
        (SessionState::Failed, _, Some(failure)) => {
            Event::Error(Box::new(Problem::of_failure(failure, ended.locale)))
        }
        _ => return,
    };
    announce(ports, ended, event).await;
}

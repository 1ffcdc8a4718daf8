//! Who works on a session: one invocation at a time, until it is ended by force.

use tokio::time::{Instant, timeout_at};

use super::{Disposition, JobDelivery};
use crate::ports::{ChangeError, Clock as _, HasClock, HasSessions, SessionStore as _};
use dodolens_domain::session::{Change, Lease, Refused, Session};

/// Whose the session is.
#[derive(Debug)]
pub(super) enum Taken {
    /// Ours.
    Ours(Box<Session>),
    /// Nobody's any more: an earlier delivery has ended it.
    Ended,
    /// Another worker's, or that can't be known, or there is nothing to do.
    NotOurs(Disposition),
}

/// Takes the session.
pub(super) async fn take(
    ports: &(impl HasSessions + HasClock),
    job: &JobDelivery,
    until: Instant,
) -> Taken {
    let change = Change::Lease(Lease {
        owner: job.owner.clone(),
        until: job.deadline,
    });
    let now = ports.clock().now();
    let leasing = ports.sessions().change(job.session, &change, now);
    Taken::NotOurs(match timeout_at(until, leasing).await {
        Ok(Ok(session)) => return Taken::Ours(Box::new(session)),
        Ok(Err(ChangeError::Refused(Refused::State(state)))) if state.is_final() => {
            return Taken::Ended;
        }
        Ok(Err(ChangeError::Refused(Refused::Leased))) => Disposition::RetryLater,
        Ok(Err(ChangeError::NotFound | ChangeError::Refused(_))) => Disposition::Done,
        // What won't pass goes to the dead letters, and is told there.
        Ok(Err(ChangeError::Unavailable(_) | ChangeError::Corrupt(_))) | Err(_) => {
            Disposition::RetryNow
        }
    })
}

/// Gives the session back, so that the next delivery need not wait.
pub(super) async fn release(
    ports: &(impl HasSessions + HasClock),
    job: &JobDelivery,
) -> Disposition {
    let change = Change::Release {
        owner: job.owner.clone(),
    };
    let now = ports.clock().now();
    match ports.sessions().change(job.session, &change, now).await {
        Ok(_) | Err(ChangeError::Unavailable(_) | ChangeError::Corrupt(_)) => Disposition::RetryNow,
        Err(ChangeError::NotFound | ChangeError::Refused(_)) => Disposition::Done,
    }
}

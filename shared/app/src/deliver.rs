//! A result on its way to the mover's own systems: ordered once the session is complete, handed over only when there is a
//! receipt that its media are destroyed.

use std::time::Duration;

use crate::{
    audit::{AuditEvent, audit},
    ports::{
        Clock as _, CompletedResult, Corrupt, DeliveryQueue as _, HasClock, HasDeliveries,
        HasSessions, ResultSink, SessionStore as _, SinkError, StoreError, Unavailable,
    },
};
use dodolens_domain::{
    ids::SessionId,
    session::{Session, SessionState},
    sink::SinkName,
};
use dodolens_wire::delivery::MAX_ATTEMPTS;

/// Upper bound of the wait after the first attempt; doubles with each attempt.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// Longest wait between two attempts, also by a sink's word.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// The sink has the result.
    Accepted,
    /// The client had the session erased; nobody was given anything.
    Erased,
}

/// Why a result is not with its sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The session's record is gone, or holds no result.
    #[error("the result is not kept any more")]
    Gone,
    /// There is no receipt yet: the sweep is about to see to it.
    #[error("there is no receipt of destruction yet")]
    MediaPresent,
    /// This deployment has no such sink, or not any more.
    #[error("the sink is not configured")]
    NotConfigured,
    /// Something that we need does not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The session's record is not as it was written.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    /// The sink did not take it.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

/// Orders the result of a complete session for each sink. Does nothing for any other session, or where results go to nobody.
/// Ordering again is safe.
///
/// # Errors
/// See [`StoreError`]; some of the orders may be sent.
pub(crate) async fn order(
    ports: &(impl HasSessions + HasDeliveries),
    sinks: &[SinkName],
    id: SessionId,
) -> Result<(), StoreError> {
    let Some(queue) = ports.deliveries() else {
        return Ok(());
    };
    let session = ports.sessions().load(id).await?;
    let complete = session
        .is_some_and(|session| session.state == SessionState::Complete && session.result.is_some());
    if complete {
        for sink in sinks {
            queue.send(id, *sink).await?;
        }
    }
    Ok(())
}

/// Hands the result of a session to a sink.
///
/// # Errors
/// See [`Undelivered`].
pub async fn deliver<S: ResultSink>(
    ports: &(impl HasSessions + HasClock),
    sink: &S,
    id: SessionId,
) -> Result<Delivered, Undelivered> {
    let session = ports.sessions().load(id).await?.ok_or(Undelivered::Gone)?;
    if session.state == SessionState::Erased {
        return Ok(Delivered::Erased);
    }
    let result = completed(&session)?;
    if session.expires_at <= ports.clock().now() {
        return Err(Undelivered::Gone);
    }
    sink.accept(&result).await?;
    audit(
        session.token_hash.audit_id(),
        &AuditEvent::ResultDelivered { sink: S::NAME },
    );
    Ok(Delivered::Accepted)
}

fn completed(session: &Session) -> Result<CompletedResult<'_>, Undelivered> {
    let inventory = session.result.as_ref().ok_or(Undelivered::Gone)?;
    let (completed_at, _) = session.key_destroyed.ok_or(Undelivered::MediaPresent)?;
    if session.receipt.is_none() {
        return Err(Undelivered::MediaPresent);
    }
    Ok(CompletedResult {
        session: session.id,
        completed_at,
        inventory,
    })
}

impl From<StoreError> for Undelivered {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(unavailable) => Self::Unavailable(unavailable),
            StoreError::Corrupt(corrupt) => Self::Corrupt(corrupt),
        }
    }
}

impl Undelivered {
    /// How long to wait after the attempt of this number, counted from 1, before the next; `None` when there is none.
    /// `chance`, 0 to 1, spreads the attempts of orders that failed together.
    #[must_use]
    pub fn wait(&self, attempt: u32, chance: f64) -> Option<Duration> {
        let asked_for = match self {
            Self::Gone
            | Self::NotConfigured
            | Self::Corrupt(_)
            | Self::Sink(SinkError::Rejected { .. } | SinkError::Credential) => return None,
            Self::MediaPresent
            | Self::Unavailable(_)
            | Self::Sink(
                SinkError::Unreachable
                | SinkError::Failing {
                    retry_after: None, ..
                },
            ) => Duration::ZERO,
            Self::Sink(
                SinkError::Busy { retry_after }
                | SinkError::Failing {
                    retry_after: Some(retry_after),
                    ..
                },
            ) => *retry_after,
        };
        if attempt >= MAX_ATTEMPTS {
            return None;
        }
        let doubled = FIRST_WAIT.saturating_mul(1 << attempt.saturating_sub(1).min(16));
        let own = doubled
            .min(LONGEST_WAIT)
            .mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0);
        Some(asked_for.saturating_add(own).min(LONGEST_WAIT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOWN: Undelivered = Undelivered::Sink(SinkError::Unreachable);

    #[test]
    fn attempts_grow_apart_and_end() {
        let waits: Vec<_> = (1..MAX_ATTEMPTS)
            .map(|attempt| DOWN.wait(attempt, 1.0).unwrap())
            .collect();
        assert_eq!(waits[0], FIRST_WAIT);
        assert!(waits.is_sorted());
        assert_eq!(waits.last(), Some(&LONGEST_WAIT));
        let total: Duration = waits.iter().sum();
        assert!(
            total > Duration::from_secs(4 * 3600),
            "survives an outage of some hours: {total:?}"
        );
        assert_eq!(DOWN.wait(MAX_ATTEMPTS, 1.0), None);
        assert_eq!(DOWN.wait(3, 0.0).unwrap() * 2, DOWN.wait(3, 1.0).unwrap());
    }

    #[test]
    fn a_sink_s_word_is_kept_within_bounds() {
        let busy = |seconds| {
            Undelivered::Sink(SinkError::Busy {
                retry_after: Duration::from_secs(seconds),
            })
        };
        assert!(busy(30).wait(1, 0.0).unwrap() >= Duration::from_secs(30));
        assert_eq!(busy(u64::MAX).wait(1, 0.5), Some(LONGEST_WAIT));
    }

    #[test]
    fn what_waiting_does_not_mend_is_not_tried_again() {
        for error in [
            Undelivered::Gone,
            Undelivered::NotConfigured,
            SinkError::Rejected { status: 422 }.into(),
            SinkError::Credential.into(),
        ] {
            assert_eq!(error.wait(1, 1.0), None, "{error}");
        }
        for error in [Undelivered::MediaPresent, Unavailable("it").into()] {
            assert!(error.wait(1, 1.0).is_some(), "{error}");
        }
    }
}

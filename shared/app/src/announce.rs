//! Telling the clients of a session what happened.

use std::time::Duration;

use futures::future::join_all;

use crate::{
    metrics::{self, table},
    ports::{
        Clock as _, HasClock, HasNotifier, HasSessions, Notifier as _, PushOutcome,
        SessionStore as _,
    },
};
use dodolens_domain::{
    ids::ConnectionId,
    session::{Change, Session},
    time::Timestamp,
};
use dodolens_wire::ws::{Event, ServerMessage};

/// A connection that is younger may still be in its `$connect`, whose integration times out after 29 s; until it has
/// returned, API Gateway answers 410 as for a dead one.
const MAY_BE_CONNECTING: Duration = Duration::from_secs(30);

/// A push that takes longer is given up: the snapshot has it all.
const PUSH_TIMEOUT: Duration = Duration::from_secs(3);

/// A dead connection that can't be forgotten within this is forgotten another time.
const FORGET_TIMEOUT: Duration = Duration::from_secs(3);

/// Tells every connection of the session. Clients that can't be reached are a normal outcome: they poll, or come back and
/// get the snapshot. A dead connection is forgotten. All of it is bounded, so that nobody's connection holds up the work.
pub async fn announce(
    ports: &(impl HasNotifier + HasSessions + HasClock),
    session: &Session,
    event: Event,
) {
    let audience = session.audience();
    if audience.connections.is_empty() {
        return;
    }
    let now = ports.clock().now();
    let Ok(message) = serde_json::to_string(&ServerMessage::of(&audience, event, now)) else {
        return;
    };
    join_all(audience.connections.iter().map(|(connection, since)| {
        let message = &message;
        async move {
            if push(ports, connection, message).await == Some(PushOutcome::Gone)
                && is_dead(*since, now)
            {
                let change = Change::Disconnect {
                    connection: connection.clone(),
                };
                let forgetting = ports.sessions().change(audience.session, &change, now);
                match tokio::time::timeout(FORGET_TIMEOUT, forgetting).await {
                    Ok(Ok(_)) => {}
                    Ok(Err(error)) => {
                        tracing::debug!(%error, "a dead connection could not be forgotten");
                    }
                    Err(_) => tracing::debug!("forgetting a dead connection timed out"),
                }
            }
        }
    }))
    .await;
}

/// Sends one message to one connection; `None` when it could not be sent.
pub(super) async fn push(
    ports: &impl HasNotifier,
    connection: &ConnectionId,
    message: &str,
) -> Option<PushOutcome> {
    let pushing = tokio::time::timeout(PUSH_TIMEOUT, ports.notifier().push(connection, message));
    let pushed = metrics::timed(&table::PUSH_LATENCY, pushing).await;
    let failed = !matches!(pushed, Ok(Ok(_)));
    metrics::record(&table::PUSH_FAILURES, f64::from(u8::from(failed)));
    match pushed {
        Ok(Ok(outcome)) => Some(outcome),
        Ok(Err(error)) => {
            tracing::warn!(%error, "an event could not be pushed");
            None
        }
        Err(_) => {
            tracing::warn!("a push timed out");
            None
        }
    }
}

fn is_dead(since: Timestamp, now: Timestamp) -> bool {
    now.since(since) > MAY_BE_CONNECTING
}

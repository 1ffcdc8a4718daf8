//! WebSocket connections: who listens to which session.

use super::{
    access::{Credential, open_session},
    announce::push,
};
use crate::{
    error::Error,
    ports::{ChangeError, Clock, ConnectionStore, Notifier, SessionStore, Unavailable},
};
use dodolens_domain::{
    ids::{ConnectionId, SessionId},
    session::Change,
};
use dodolens_wire::{
    http::Snapshot,
    ws::{Event, ServerMessage},
};

/// Registers a connection for the session that its credential opens.
///
/// # Errors
/// `session_not_found`, `session_erased`, `session_expired`, `too_many_connections`, `unavailable`.
pub async fn connect(
    sessions: &(impl SessionStore + ConnectionStore),
    clock: &impl Clock,
    credential: &Credential,
    connection: &ConnectionId,
) -> Result<(), Error> {
    let session = open_session(sessions, credential).await?;
    let change = Change::Connect {
        connection: connection.clone(),
    };
    let session = sessions.change(session.id, &change, clock.now()).await?;
    sessions
        .bind(connection, session.id, session.expires_at)
        .await?;
    Ok(())
}

/// Forgets a connection that has closed.
///
/// # Errors
/// `unavailable`.
pub async fn disconnect(
    sessions: &(impl SessionStore + ConnectionStore),
    clock: &impl Clock,
    connection: &ConnectionId,
) -> Result<(), Error> {
    let Some(session) = sessions.unbind(connection).await? else {
        return Ok(());
    };
    match sessions
        .change(
            session,
            &Change::Disconnect {
                connection: connection.clone(),
            },
            clock.now(),
        )
        .await
    {
        Ok(_) | Err(ChangeError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Answers one connection with the session as it stands.
///
/// # Errors
/// `session_not_found` unless the connection was opened with the session's token; `unavailable`.
pub async fn join(
    sessions: &impl SessionStore,
    notifier: &impl Notifier,
    clock: &impl Clock,
    connection: &ConnectionId,
    session: SessionId,
) -> Result<(), Error> {
    let session = sessions
        .load(session)
        .await?
        .filter(|session| session.connections.contains_key(connection))
        .ok_or(Error::SessionNotFound)?;
    let now = clock.now();
    let event = Event::SessionJoined(Box::new(Snapshot::of(&session, now)));
    answer(
        notifier,
        connection,
        &ServerMessage::of(&session.audience(), event, now),
    )
    .await;
    Ok(())
}

/// Sends an answer that concerns no session: a pong, or that a message was not understood.
pub async fn reply(
    notifier: &impl Notifier,
    clock: &impl Clock,
    connection: &ConnectionId,
    event: Event,
) {
    let message = ServerMessage {
        event,
        session_id: None,
        seq: 0,
        timestamp: clock.now(),
    };
    answer(notifier, connection, &message).await;
}

async fn answer(notifier: &impl Notifier, connection: &ConnectionId, message: &ServerMessage) {
    match serde_json::to_string(message) {
        Ok(text) => {
            push(notifier, connection, &text).await;
        }
        Err(_) => {
            tracing::error!(error = %Unavailable("the message's form"), "a message could not be written")
        }
    }
}

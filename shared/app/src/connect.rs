//! WebSocket connections: who listens to which session.

use super::{
    access::{Credential, open_session},
    announce::push,
};
use crate::{
    error::Error,
    ports::{
        ChangeError, Clock as _, ConnectionStore as _, HasClock, HasConnections, HasNotifier,
        HasSessions, SessionStore as _, Unavailable,
    },
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
    ports: &(impl HasSessions + HasConnections + HasClock),
    credential: &Credential,
    connection: &ConnectionId,
) -> Result<(), Error> {
    let session = open_session(ports, credential).await?;
    let change = Change::Connect {
        connection: connection.clone(),
    };
    let now = ports.clock().now();
    let session = ports.sessions().change(session.id, &change, now).await?;
    ports
        .connections()
        .bind(connection, session.id, session.expires_at)
        .await?;
    Ok(())
}

/// Forgets a connection that has closed.
///
/// # Errors
/// `unavailable`.
pub async fn disconnect(
    ports: &(impl HasSessions + HasConnections + HasClock),
    connection: &ConnectionId,
) -> Result<(), Error> {
    let Some(session) = ports.connections().unbind(connection).await? else {
        return Ok(());
    };
    let change = Change::Disconnect {
        connection: connection.clone(),
    };
    let now = ports.clock().now();
    match ports.sessions().change(session, &change, now).await {
        Ok(_) | Err(ChangeError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Answers one connection with the session as it stands.
///
/// # Errors
/// `session_not_found` unless the connection was opened with the session's token; `unavailable`.
pub async fn join(
    ports: &(impl HasSessions + HasNotifier + HasClock),
    connection: &ConnectionId,
    session: SessionId,
) -> Result<(), Error> {
    let session = ports
        .sessions()
        .load(session)
        .await?
        .filter(|session| session.connections.contains_key(connection))
        .ok_or(Error::SessionNotFound)?;
    let now = ports.clock().now();
    let event = Event::SessionJoined(Box::new(Snapshot::of(&session, now)));
    answer(
        ports,
        connection,
        &ServerMessage::of(&session.audience(), event, now),
    )
    .await;
    Ok(())
}

/// Sends an answer that concerns no session: a pong, or that a message was not understood.
pub async fn reply(ports: &(impl HasNotifier + HasClock), connection: &ConnectionId, event: Event) {
    let message = ServerMessage {
        event,
        session_id: None,
        seq: 0,
        timestamp: ports.clock().now(),
    };
    answer(ports, connection, &message).await;
}

async fn answer(ports: &impl HasNotifier, connection: &ConnectionId, message: &ServerMessage) {
    match serde_json::to_string(message) {
        Ok(text) => {
            push(ports, connection, &text).await;
        }
        Err(_) => {
            tracing::error!(error = %Unavailable("the message's form"), "a message could not be written")
        }
    }
}

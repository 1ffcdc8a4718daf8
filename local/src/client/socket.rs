use dodolens::{
    wire::http::SessionCreated,
    wire::ws::{CREDENTIAL_PREFIX, ClientMessage, PROTOCOL, ServerMessage},
};
use futures::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Message,
        client::IntoClientRequest as _,
        http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
    },
};

use super::{Client, ClientError};

/// A WebSocket connection to one session's events.
pub struct EventSocket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session_id: String,
}

impl Client {
    /// Opens a connection with the session's credential as a sub-protocol. No event is promised before
    /// [`EventSocket::join`] is answered.
    ///
    /// # Errors
    /// [`ClientError::Socket`]; [`ClientError::Malformed`] when the URL or the credential can't be sent, or the server
    /// speaks another sub-protocol.
    pub async fn connect(&self, session: &SessionCreated) -> Result<EventSocket, ClientError> {
        let malformed = ClientError::Malformed("WebSocket URL or credential");
        let Ok(mut request) = session.websocket_url.as_str().into_client_request() else {
            return Err(malformed);
        };
        let protocols = format!(
            "{PROTOCOL}, {CREDENTIAL_PREFIX}{}.{}",
            session.session_id, session.token
        );
        let Ok(mut protocols) = HeaderValue::try_from(protocols) else {
            return Err(malformed);
        };
        protocols.set_sensitive(true);
        request
            .headers_mut()
            .insert(SEC_WEBSOCKET_PROTOCOL, protocols);
        let (stream, answer) = Box::pin(connect_async(request)).await?;
        let echoed = answer.headers().get(SEC_WEBSOCKET_PROTOCOL);
        if echoed.is_none_or(|protocol| protocol != PROTOCOL) {
            return Err(ClientError::Malformed("WebSocket sub-protocol"));
        }
        Ok(EventSocket {
            stream,
            session_id: session.session_id.clone(),
        })
    }
}

impl EventSocket {
    /// Asks for the snapshot; events follow its answer without a gap.
    ///
    /// # Errors
    /// [`ClientError::Socket`]
    pub async fn join(&mut self) -> Result<(), ClientError> {
        let session_id = self.session_id.clone();
        self.send(&ClientMessage::JoinSession { session_id }).await
    }

    /// Asks for a pong, which keeps the connection open.
    ///
    /// # Errors
    /// [`ClientError::Socket`]
    pub async fn ping(&mut self) -> Result<(), ClientError> {
        self.send(&ClientMessage::Ping {}).await
    }

    /// The next event; `None` when the server has closed the connection. Cancel safe.
    ///
    /// # Errors
    /// [`ClientError::Socket`], after which there is nothing more; [`ClientError::Malformed`] for a message of a kind
    /// that we don't know, after which others may follow.
    pub async fn next(&mut self) -> Result<Option<ServerMessage>, ClientError> {
        loop {
            match self.stream.next().await.transpose()? {
                Some(Message::Text(text)) => {
                    return serde_json::from_str(&text)
                        .map(Some)
                        .map_err(|_| ClientError::Malformed("event"));
                }
                Some(Message::Close(_)) | None => return Ok(None),
                Some(_) => {}
            }
        }
    }

    async fn send(&mut self, message: &ClientMessage) -> Result<(), ClientError> {
        let text =
            serde_json::to_string(message).map_err(|_| ClientError::Malformed("session id"))?;
        Ok(self.stream.send(Message::text(text)).await?)
    }
}

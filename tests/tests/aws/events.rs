//! What a client is told by WebSocket.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use dodolens::{
    crypto::random,
    wire::{
        http::SessionCreated,
        ws::{CREDENTIAL_PREFIX, ClientMessage, Event, PROTOCOL, ServerMessage},
    },
};
use futures::{SinkExt as _, StreamExt as _};
use reqwest::{StatusCode, header};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

/// How long an event may take: longer than the decoding and looking at a video.
const WITHIN: Duration = Duration::from_secs(120);

/// A connection to a session's events. It shakes hands by itself: MiniStack drops the sub-protocol that `$connect`
/// answers with (`apigateway.py`, `websocket.accept`), and no WebSocket client goes on without it.
pub struct Events(WebSocketStream<reqwest::Upgraded>);

impl Events {
    /// Connects with the session's credential and joins it.
    pub async fn join(session: &SessionCreated) -> Self {
        let url = session.websocket_url.replacen("ws", "http", 1);
        let credential = format!(
            "{CREDENTIAL_PREFIX}{}.{}",
            session.session_id, session.token
        );
        let key = STANDARD.encode(random::<16>().unwrap());
        let request = reqwest::Client::new()
            .get(url)
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, key)
            .header(
                header::SEC_WEBSOCKET_PROTOCOL,
                format!("{PROTOCOL}, {credential}"),
            );
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
        let stream = answer.upgrade().await.unwrap();
        let mut events = Self(WebSocketStream::from_raw_socket(stream, Role::Client, None).await);
        let session_id = session.session_id.clone();
        let join = serde_json::to_string(&ClientMessage::JoinSession { session_id }).unwrap();
        events.0.send(Message::text(join)).await.unwrap();
        let joined = events.next().await;
        assert_eq!(name(&joined), "session_joined");
        events
    }

    /// The next event.
    pub async fn next(&mut self) -> Event {
        let next = async {
            loop {
                if let Message::Text(text) = self.0.next().await.unwrap().unwrap() {
                    return serde_json::from_str::<ServerMessage>(&text).unwrap().event;
                }
            }
        };
        tokio::time::timeout(WITHIN, next).await.unwrap()
    }

    /// Types of the events up to the first of type `last`.
    pub async fn until(&mut self, last: &str) -> Vec<String> {
        let mut heard = Vec::new();
        while heard.last().is_none_or(|heard| heard != last) {
            heard.push(name(&self.next().await));
        }
        heard
    }
}

/// An event's type.
pub fn name(event: &Event) -> String {
    let event = serde_json::to_value(event).unwrap();
    event["type"].as_str().unwrap().to_owned()
}

//! Messages of the WebSocket API.

use serde::{Deserialize, Serialize};

use super::{http::Snapshot, problem::Problem};
use dodolens_domain::{
    fusion::Found,
    inventory::Inventory,
    receipt::ErasureReceipt,
    session::{Audience, Progress},
    time::Timestamp,
};

/// The sub-protocol that we speak, echoed by `$connect`.
pub const PROTOCOL: &str = "dodolens.v1";
/// Before `<session id>.<token>` in the sub-protocol that carries the token.
pub const CREDENTIAL_PREFIX: &str = "session.";

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ClientMessage {
    /// Asks for the snapshot, after which no event is missed.
    #[serde(rename_all = "camelCase")]
    JoinSession {
        /// The session that the connection was opened for.
        session_id: String,
    },
    /// Keeps the connection open.
    Ping {},
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Event {
    /// The session as it stands.
    SessionJoined(Box<Snapshot>),
    /// A chunk is stored.
    #[serde(rename_all = "camelCase")]
    ChunkReceived {
        /// Its index.
        index: u32,
        /// How many are stored.
        received: u32,
        /// How many there are.
        total_chunks: u32,
    },
    /// A worker has begun.
    ProcessingStarted {},
    /// Pictures and sound are out of the video.
    #[serde(rename_all = "camelCase")]
    FramesExtracted {
        /// How many pictures.
        frames: usize,
        /// Whether there is sound.
        sound: bool,
        /// Length of the video, seconds.
        duration_seconds: f64,
    },
    /// The models are at work.
    AiAnalysisProgress(AnalysisProgress),
    /// The inventory.
    AnalysisComplete(Box<Inventory>),
    /// There will be no inventory, or the last message was not understood.
    Error(Box<Problem>),
    /// Everything is gone, at the client's request.
    SessionErased(ErasureReceipt),
    /// To a ping.
    Pong {},
}

/// How far the analysis is, and what it has found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnalysisProgress {
    /// `stage` and `fraction`.
    #[serde(flatten)]
    pub progress: Progress,
    /// `objects` and `more`.
    #[serde(flatten)]
    pub found: Found,
}

/// An event on its way to a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerMessage {
    /// What happened: `type` and `data`.
    #[serde(flatten)]
    pub event: Event,
    /// To which session; null where no session is known.
    pub session_id: Option<String>,
    /// Number of the event in its session; an answer to one client alone bears the number of the last event.
    pub seq: u64,
    /// When.
    pub timestamp: Timestamp,
}

impl ServerMessage {
    /// An event of the change that `audience` is told of.
    #[must_use]
    pub fn of(audience: &Audience, event: Event, now: Timestamp) -> Self {
        Self {
            event,
            session_id: Some(audience.session.to_string()),
            seq: audience.seq,
            timestamp: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_message_is_known_by_its_action() {
        let join: ClientMessage =
            serde_json::from_str(r#"{"action":"join_session","sessionId":"s"}"#).unwrap();
        assert_eq!(
            join,
            ClientMessage::JoinSession {
                session_id: "s".into()
            }
        );
        let ping: ClientMessage = serde_json::from_str(r#"{"action":"ping"}"#).unwrap();
        assert_eq!(ping, ClientMessage::Ping {});
        assert!(serde_json::from_str::<ClientMessage>(r#"{"action":"dance"}"#).is_err());
    }

    #[test]
    fn a_server_message_has_the_agreed_members() {
        let message = ServerMessage {
            event: Event::ChunkReceived {
                index: 3,
                received: 4,
                total_chunks: 9,
            },
            session_id: Some("s".into()),
            seq: 4,
            timestamp: Timestamp::from_millis(0),
        };
        let json = serde_json::to_value(&message).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "type": "chunk_received", "sessionId": "s", "seq": 4, "timestamp": "1970-01-01T00:00:00.000Z",
                "data": {"index": 3, "received": 4, "totalChunks": 9},
            })
        );
        assert_eq!(
            serde_json::from_value::<ServerMessage>(json).unwrap(),
            message
        );
    }
}

use axum::{
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use dodolens::wire::ws::{Event, ServerMessage};

use super::server::{ID, Server, TOKEN};
use crate::fixture;

pub async fn socket(
    State(server): State<Server>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL).unwrap();
    if offered != &format!("dodolens.v1, session.{ID}.{TOKEN}") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    upgrade
        .protocols(["dodolens.v1"])
        .on_upgrade(move |socket| events(server, socket))
}

async fn events(server: Server, mut socket: WebSocket) {
    let Some(Ok(Message::Text(join))) = socket.recv().await else {
        return;
    };
    assert_eq!(
        join,
        format!(r#"{{"action":"join_session","sessionId":"{ID}"}}"#)
    );
    let mut changes = server.changes.subscribe();
    push(
        &mut socket,
        Event::SessionJoined(Box::new(server.snapshot())),
    )
    .await;
    let joins = {
        let mut seen = server.seen.lock().unwrap();
        seen.joins += 1;
        seen.joins
    };
    if joins <= server.seen.lock().unwrap().script.drops {
        return;
    }
    server.changed();
    push(&mut socket, Event::ProcessingStarted {}).await;
    loop {
        if let Some(ending) = server.ending() {
            push(&mut socket, ending).await;
        }
        tokio::select! {
            _ = changes.changed() => {}
            message = socket.recv() => match message {
                Some(Ok(_)) => push(&mut socket, Event::Pong {}).await,
                _ => return,
            },
        }
    }
}

async fn push(socket: &mut WebSocket, event: Event) {
    let message = ServerMessage {
        event,
        session_id: Some(ID.to_owned()),
        seq: 0,
        timestamp: fixture::NOW,
    };
    let text = serde_json::to_string(&message).unwrap();
    // A client that has its answer leaves without a word.
    let _ = socket.send(Message::text(text)).await;
}

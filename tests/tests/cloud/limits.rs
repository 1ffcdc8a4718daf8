//! The WebSocket gateway's limits.

use std::time::Duration;

use futures::SinkExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use crate::{
    support::Probe,
    websocket::{close_code, open},
};

#[tokio::test]
async fn too_large_a_frame_closes_with_1009() {
    let probe = Probe::start(|_, _| {}).await;
    let (mut socket, _) = open(&probe).await;
    socket
        .send(Message::text("x".repeat(32 * 1024)))
        .await
        .unwrap();
    probe.wait_for("Socket", 2).await;
    socket
        .send(Message::text("x".repeat(32 * 1024 + 1)))
        .await
        .unwrap();
    assert_eq!(close_code(&mut socket).await, CloseCode::Size);
    drop(socket);
    let events = probe.wait_for("Socket", 3).await;
    assert_eq!(events[2]["requestContext"]["disconnectStatusCode"], 1009);
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let probe =
        Probe::start(|_, options| options.limits.websocket_idle = Duration::from_secs(10)).await;
    let (mut socket, _) = open(&probe).await;
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        socket
            .send(Message::text(json!({}).to_string()))
            .await
            .unwrap();
    }
    probe.wait_for("Socket", 7).await;
    assert_eq!(close_code(&mut socket).await, CloseCode::Away);
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn a_life_has_an_end() {
    let probe =
        Probe::start(|_, options| options.limits.websocket_life = Duration::from_millis(300)).await;
    let (mut socket, _) = open(&probe).await;
    assert_eq!(close_code(&mut socket).await, CloseCode::Away);
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn too_large_a_post_and_a_plain_request_are_refused() {
    let probe = Probe::start(|_, _| {}).await;
    let (_socket, id) = open(&probe).await;
    let client = reqwest::Client::new();
    let base = probe.cloud.urls().connections("prod");
    let url = format!("{base}/@connections/{}", id.replace('=', "%3D"));
    for (bytes, status) in [(128 * 1024, 200), (128 * 1024 + 1, 413)] {
        let response = client
            .post(&url)
            .body("x".repeat(bytes))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status, "{bytes}");
    }
    assert_eq!(client.get(&base).send().await.unwrap().status(), 426);
    let elsewhere = probe.cloud.urls().connections("dev");
    assert_eq!(client.get(elsewhere).send().await.unwrap().status(), 403);
    probe.cloud.shutdown().await;
}

//! A video's way, and its erasure on demand.

use dodolens::{
    domain::{receipt::ErasureReason, session::SessionState},
    wire::problem::ProblemCode,
};
use dodolens_local::{
    client::{Options, VideoFile},
    video::VideoSpec,
};
use dodolens_tests::{
    inventory::counted,
    stack::{showing, video},
};
use serde_json::Value;

use crate::{
    deployment::deployment,
    events::{Events, name},
};

#[tokio::test]
async fn a_video_becomes_an_inventory_and_nothing_is_left() {
    let deployed = deployment().await;
    let _processing = deployed.processing.read().await;
    let client = deployed.client();
    let spec = VideoSpec {
        say: Some("The piano stays.".into()),
        bitrate: Some(1_500_000),
        ..showing(&["sofa_3_seat@living_room", "piano_upright@living_room"])
    };
    let file = video(&spec, ".mp4").await;
    let video = VideoFile::open(&file).unwrap();
    let options = Options {
        chunk_bytes: Some(256 * 1024),
        ..Options::default()
    };
    let mut observer = |_| {};
    let session = client.open(&video, &options, &mut observer).await.unwrap();
    let mut events = Events::join(&session).await;
    let following = client.follow(&session, &video, &options, &mut observer);
    let (outcome, heard) = tokio::join!(following, events.until("analysis_complete"));
    let outcome = outcome.unwrap();

    let snapshot = outcome.last.snapshot;
    assert_eq!(snapshot.state, SessionState::Complete);
    let result = snapshot.result.unwrap();
    assert_eq!(counted(&result), [("sofa_3_seat", 1)]);
    assert_eq!(result.staying.len(), 1);

    let chunks = video.len().div_ceil(256 * 1024);
    assert!(chunks > 2, "{chunks}");
    assert_eq!(
        heard
            .iter()
            .filter(|name| *name == "chunk_received")
            .count() as u64,
        chunks
    );
    for name in [
        "processing_started",
        "frames_extracted",
        "analysis_complete",
    ] {
        assert_eq!(
            heard.iter().filter(|heard| *heard == name).count(),
            1,
            "{name} in {heard:?}"
        );
    }

    let body: Value = serde_json::from_str(&outcome.last.body).unwrap();
    let keys = client.receipt_keys().await.unwrap();
    let statement = keys.verify(body["receipt"].as_object().unwrap()).unwrap();
    assert_eq!(statement.reason, ErasureReason::Completed);
    assert_eq!(u64::from(statement.chunks), chunks);
    assert_eq!(deployed.parts(&statement.session_id).await, 0);
}

#[tokio::test]
async fn a_session_is_erased_on_demand() {
    let deployed = deployment().await;
    let client = deployed.client();
    let session = deployed.open(600_000).await;
    let mut events = Events::join(&session).await;
    client
        .put_chunk(&session, 0, vec![7; 256 * 1024])
        .await
        .unwrap();
    assert_eq!(deployed.parts(&session.session_id).await, 1);

    let receipt = client.erase(&session).await.unwrap();
    assert_eq!(receipt.statement.reason, ErasureReason::Requested);
    assert_eq!(deployed.parts(&session.session_id).await, 0);
    assert!(!deployed.record(&session).await.contains_key("wrapped_key"));
    let told = [events.next().await, events.next().await];
    assert_eq!(
        told.each_ref().map(name),
        ["chunk_received", "session_erased"]
    );
    let late = client
        .put_chunk(&session, 1, vec![7; 256 * 1024])
        .await
        .unwrap_err();
    assert_eq!(late.code(), Some(ProblemCode::SessionErased));
    assert_eq!(client.erase(&session).await.unwrap(), receipt);
}

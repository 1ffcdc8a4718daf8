use bytes::Bytes;
use dodolens::{app::metrics::table::MEDIA_OVERDUE, domain::ids::SessionToken};
use dodolens_local::{peer::PeerOptions, video::VideoSpec};
use dodolens_tests::stack::{AI_KEY, Setup, TestStack, showing, video};
use serde_json::Value;

/// The JSON lines of a function, or of all.
pub(super) fn lines(stack: &TestStack, function: Option<&str>) -> Vec<Value> {
    let logs = stack.logs.lock().unwrap();
    logs.iter()
        .filter(|line| function.is_none_or(|wanted| line.function == wanted))
        .filter_map(|line| serde_json::from_str(&line.text).ok())
        .collect()
}

/// Names of the audited events of the session with this token, in order, and their lines.
pub(super) fn trail(stack: &TestStack, token: &str) -> (Vec<String>, Vec<Value>) {
    let token: SessionToken = token.parse().unwrap();
    let name = token.hash().audit_id().to_string();
    let lines: Vec<_> = lines(stack, None)
        .into_iter()
        .filter(|line| line["audit"] == true && line["audit_id"] == name)
        .collect();
    let names = lines
        .iter()
        .map(|line| line["event"].as_str().unwrap().to_owned());
    (names.collect(), lines)
}

const END: [&str; 4] = [
    "key_destroyed",
    "parts_deleted",
    "parts_verified_absent",
    "receipt_issued",
];

#[tokio::test]
async fn every_session_leaves_a_trail_that_does_not_name_it() {
    let stack = TestStack::start(Setup {
        // The audit log does not depend on it.
        parameters: vec![("LogLevel", "error".into())],
        peer: PeerOptions::new(AI_KEY),
        ..Setup::default()
    })
    .await;
    let spec = VideoSpec {
        seconds: 2.0,
        ..showing(&["armchair@living_room"])
    };
    let bytes = Bytes::from(std::fs::read(video(&spec, ".mp4").await).unwrap());
    let completed = stack.open(bytes.len() as u64).await;
    stack.upload(&completed, &bytes).await;
    stack.client.finalize(&completed).await.unwrap();
    let receipt = loop {
        let snapshot = stack.client.snapshot(&completed).await.unwrap().snapshot;
        if let Some(receipt) = snapshot.receipt {
            break receipt;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let erased = stack.open(600_000).await;
    stack.client.erase(&erased).await.unwrap();

    let (names, lines) = trail(&stack, &completed.token);
    assert_eq!(names[..3], ["session_opened", "key_issued", "media_read"]);
    assert_eq!(names[3..], END);
    let issued = lines.last().unwrap();
    assert_eq!(issued["signature"], receipt.signature);
    assert_eq!(issued["audit_id"], receipt.statement.audit_id);
    for line in &lines {
        let text = line.to_string();
        assert!(!text.contains(&completed.session_id), "{text}");
        assert!(
            !text.contains(&completed.token),
            "an audit line holds the token"
        );
    }

    let (names, _) = trail(&stack, &erased.token);
    assert_eq!(
        names[..3],
        ["session_opened", "key_issued", "erasure_requested"]
    );
    assert_eq!(names[3..], END);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn parts_that_no_sweep_can_verify_are_counted() {
    let stack = TestStack::start(Setup {
        parameters: vec![
            ("MediaTtlSeconds", "1".into()),
            ("SessionTtlSeconds", "1".into()),
        ],
        ..Setup::default()
    })
    .await;
    let overdue = || {
        let lines = lines(&stack, Some("SweepFunction"));
        let values = lines
            .iter()
            .filter_map(|line| line[MEDIA_OVERDUE.name].as_u64());
        values.collect::<Vec<_>>()
    };
    stack
        .running
        .cloud
        .run_schedule("SweepFunction")
        .await
        .unwrap();
    assert_eq!(overdue(), [0]);

    let session = stack.open(600_000).await;
    let expired = async {
        while stack
            .client
            .put_chunk(&session, 0, vec![7; 256 * 1024])
            .await
            .is_ok()
        {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(120), expired)
        .await
        .unwrap();
    stack.lose_table("Chunks").await;
    let swept = stack.running.cloud.run_schedule("SweepFunction").await;
    assert!(
        swept.is_err(),
        "a sweep that failed is among the function's errors"
    );
    assert_eq!(overdue(), [0, 3]);
    stack.running.shutdown().await;
}

//! `DELETE_PARTS=shred`: the key is destroyed, the parts are left to the table's TTL, and nobody says anything else.

use std::time::Duration;

use dodolens::{
    app::ports::{Clock as _, PartKey, PartStore as _, SessionStore as _},
    aws::SystemClock,
    domain::{plan::PartIndex, session::Change, time::Timestamp},
    wire::http::SessionCreated,
};
use dodolens_tests::stack::{Setup, TestStack};

use crate::audit::{lines, trail};

/// Bytes of a chunk, which is one part.
const CHUNK: usize = 256 * 1024;
/// `MediaTtlSeconds`, and the time that an upload may still be under way after the end.
const MEDIA: Duration = Duration::from_secs(300);
const STRAGGLERS: Duration = Duration::from_secs(60);

async fn shredding(parameters: &[(&'static str, &str)]) -> TestStack {
    let mut all = vec![("DeleteParts", "shred".to_owned())];
    all.extend(
        parameters
            .iter()
            .map(|(name, value)| (*name, (*value).into())),
    );
    TestStack::start(Setup {
        parameters: all,
        ..Setup::default()
    })
    .await
}

async fn put(stack: &TestStack, session: &SessionCreated, index: u32) {
    let chunk = vec![7; CHUNK];
    let put = stack.client.put_chunk(session, index, chunk).await;
    put.unwrap();
}

#[tokio::test]
async fn the_receipt_says_that_the_parts_are_left_to_expire() {
    let stack = shredding(&[]).await;
    let session = stack.open(2 * CHUNK as u64).await;
    for index in 0..2 {
        put(&stack, &session, index).await;
    }
    let receipt = stack.client.erase(&session).await.unwrap();
    assert_eq!(stack.parts().await, 2, "nothing is deleted");
    let id = session.session_id.parse().unwrap();
    let record = stack.sessions().load(id).await.unwrap().unwrap();
    assert!(record.key.is_none(), "the key is destroyed");

    let statement = &receipt.statement;
    assert_eq!(statement.fate.verified_absent_at(), None);
    let expired = statement.fate.left_to_expire_at().unwrap();
    assert_eq!(
        expired,
        statement.key_destroyed_at + STRAGGLERS + MEDIA,
        "no part lives longer"
    );
    for chunk in 0..2 {
        let at = PartIndex { chunk, part: 0 };
        let key = PartKey { session: id, at };
        let found = stack.chunks().get(key, expired).await;
        assert_eq!(found, Ok(None), "a part outlives what the receipt says");
    }
    let serde_json::Value::Object(told) = serde_json::to_value(&receipt).unwrap() else {
        panic!("a receipt is an object");
    };
    assert!(!told.contains_key("partsVerifiedAbsentAt"));
    let keys = stack.client.receipt_keys().await.unwrap();
    assert_eq!(keys.verify(&told).unwrap(), *statement);
    assert_eq!(stack.client.erase(&session).await.unwrap(), receipt);

    let swept = stack.running.cloud.run_schedule("SweepFunction").await;
    swept.unwrap();
    let (names, lines) = trail(&stack, &session.token);
    let end = ["key_destroyed", "parts_left_to_expire", "receipt_issued"];
    let first = names.iter().position(|name| name == "key_destroyed");
    assert_eq!(names[first.unwrap()..][..3], end);
    assert!(
        !names
            .iter()
            .any(|name| name.starts_with("parts_verified") || name == "parts_deleted")
    );
    let issued = lines.iter().find(|line| line["event"] == "receipt_issued");
    let issued = issued.unwrap();
    assert!(issued.get("parts_verified_absent_at").is_none(), "{issued}");
    assert_eq!(issued["parts_left_to_expire_at"], expired.to_string());
    stack.running.shutdown().await;
}

#[tokio::test]
async fn parts_that_expire_under_a_live_key_are_deleted_all_the_same() {
    let stack = shredding(&[("MediaTtlSeconds", "1")]).await;
    let session = stack.open(2 * CHUNK as u64).await;
    put(&stack, &session, 0).await;
    let stored = stack.items("Chunks").await;
    let expires_at: i64 = stored[0]["expires_at"].as_n().unwrap().parse().unwrap();
    let id = session.session_id.parse().unwrap();
    // The sweep looks at an open session again after 30 s.
    let due = Change::SweepAt(Timestamp::from_millis(0));
    stack
        .sessions()
        .change(id, &due, Timestamp::from_millis(0))
        .await
        .unwrap();
    while SystemClock.now().as_millis() <= expires_at {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stack
        .running
        .cloud
        .run_schedule("SweepFunction")
        .await
        .unwrap();
    assert_eq!(stack.parts().await, 0);
    let snapshot = stack.client.snapshot(&session).await.unwrap().snapshot;
    assert_eq!(snapshot.state.as_str(), "open");
    assert!(
        lines(&stack, Some("SweepFunction"))
            .iter()
            .any(|line| line["message"] == "swept")
    );
    stack.running.shutdown().await;
}

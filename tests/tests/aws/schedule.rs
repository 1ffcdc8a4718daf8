//! The sweep, by its schedule.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dodolens::{
    app::ports::Clock as _,
    aws::SystemClock,
    domain::{receipt::ErasureReason, session::SessionState},
};

use crate::{
    deployment::deployment,
    events::{Events, name},
};

/// The schedule's period, once more, and what a sweep may take.
const WITHIN: Duration = Duration::from_secs(180);

#[tokio::test]
async fn the_schedule_destroys_a_session_past_its_time() {
    let deployed = deployment().await;
    let session = deployed.open(600_000).await;
    let mut events = Events::join(&session).await;
    let chunk = vec![7; 256 * 1024];
    deployed
        .client()
        .put_chunk(&session, 0, chunk)
        .await
        .unwrap();
    assert_eq!(name(&events.next().await), "chunk_received");

    // The session's time is over, as far as its record goes.
    let over = SystemClock.now().as_millis();
    let over = || AttributeValue::N(over.to_string());
    let update = deployed
        .dynamodb()
        .update_item()
        .table_name(deployed.id("Sessions"));
    let id = AttributeValue::S(session.session_id.clone());
    let update = update
        .key("session_id", id)
        .update_expression("SET expires_at = :over, sweep_at = :over");
    update
        .expression_attribute_values(":over", over())
        .send()
        .await
        .unwrap();

    let certified = async {
        loop {
            let record = deployed.record(&session).await;
            if record.contains_key("receipt") {
                return record;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let record = tokio::time::timeout(WITHIN, certified).await.unwrap();
    assert!(!record.contains_key("wrapped_key"));
    assert_eq!(deployed.parts(&session.session_id).await, 0);
    let snapshot = deployed.client().snapshot(&session).await.unwrap().snapshot;
    assert_eq!(snapshot.state, SessionState::Expired);
    assert_eq!(
        snapshot.receipt.unwrap().statement.reason,
        ErasureReason::Expired
    );
    assert_eq!(name(&events.next().await), "error");
}

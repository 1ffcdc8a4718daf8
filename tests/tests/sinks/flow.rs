//! Whole ways of a video to both sinks, over the real functions and queues.

use dodolens::domain::{inventory::Inventory, session::SessionState};
use dodolens_local::{client::Outcome, video::VideoSpec};
use dodolens_tests::stack::{showing, video};
use jiff::Timestamp;
use serde_json::json;

use crate::{answers::Answer, support::Sinks};

/// Sends a short video and waits for the end of its session.
async fn analyze(sinks: &Sinks) -> Outcome {
    let spec = VideoSpec {
        seconds: 2.0,
        ..showing(&["armchair@living_room"])
    };
    let outcome = sinks.stack.analyze(&video(&spec, ".mp4").await).await;
    assert_eq!(outcome.last.snapshot.state, SessionState::Complete);
    outcome
}

#[tokio::test]
async fn a_result_reaches_both_sinks_after_its_media_are_destroyed() {
    let sinks = Sinks::start().await;
    let outcome = analyze(&sinks).await;
    let inventory = outcome.inventory.unwrap();
    let receipt = outcome.last.snapshot.receipt.unwrap().statement;

    let row = sinks.row().await;
    assert_eq!(row["Session"], receipt.session_id);
    assert_eq!(row["Volume m3"], inventory.total_volume);
    let stored: Inventory = serde_json::from_str(row["Inventory"].as_str().unwrap()).unwrap();
    assert_eq!(stored, inventory);

    let [message] = sinks.receiver.accepted(1).await.try_into().unwrap();
    assert_eq!(message.body["data"]["inventory"], json!(inventory));
    assert_eq!(message.body["timestamp"], json!(receipt.key_destroyed_at));
    let absent = receipt.fate.verified_absent_at().unwrap();
    assert!(absent.as_millis() <= message.at.as_millisecond());
    assert_eq!(sinks.stack.parts().await, 0);
    sinks
        .until_logged("DeliverFunction", "a result was delivered")
        .await;
    sinks.end().await;
}

#[tokio::test]
async fn a_sink_that_hangs_holds_back_neither_the_client_nor_the_other_sink() {
    let sinks = Sinks::start().await;
    sinks.receiver.then([Answer::silence()]);
    let outcome = analyze(&sinks).await;
    let told = Timestamp::now();
    assert!(outcome.inventory.is_some());
    let hanging = sinks.receiver.until(|messages| !messages.is_empty()).await;
    // A request is waited for 15 s: whoever waited for this one would not have been told yet.
    let waited = told.duration_since(hanging[0].at).as_secs();
    assert!(waited < 10, "{waited}");
    sinks.row().await;
    assert_eq!(
        sinks.logged(
            "DeliverFunction",
            "a delivery failed; another attempt follows"
        ),
        0
    );

    // It is tried again when the first attempt has timed out; the other sink is not.
    let messages = sinks.receiver.accepted(1).await;
    assert_eq!(messages.len(), 2);
    assert_eq!(sinks.airtable.bodies().len(), 1);
    sinks.end().await;
}

#[tokio::test]
async fn failures_of_a_sink_are_got_over_with_growing_waits() {
    let sinks = Sinks::start().await;
    sinks
        .receiver
        .then([Answer::status(500), Answer::status(429).retry_after(8)]);
    sinks.airtable.then([Answer::status(503)]);
    analyze(&sinks).await;
    let messages = sinks.receiver.accepted(1).await;
    let statuses: Vec<_> = messages.iter().map(|m| m.answered).collect();
    assert_eq!(statuses, [Some(500), Some(429), Some(200)]);
    let waited: Vec<_> = messages
        .windows(2)
        .map(|pair| pair[1].at.duration_since(pair[0].at).as_secs())
        .collect();
    assert!(waited[0] >= 2 && waited[1] >= 8, "{waited:?}");
    assert!(
        messages
            .iter()
            .all(|m| m.header("webhook-id") == messages[0].header("webhook-id"))
    );
    assert_ne!(
        messages[0].header("webhook-timestamp"),
        messages[2].header("webhook-timestamp"),
        "each attempt is signed anew"
    );
    sinks.row().await;
    assert_eq!(sinks.airtable.rows().len(), 1);
    sinks.end().await;
}

#[tokio::test]
async fn what_is_given_up_waits_for_somebody_and_can_be_sent_again() {
    let sinks = Sinks::start().await;
    sinks.receiver.then([Answer::status(410)]);
    let outcome = analyze(&sinks).await;
    let session = outcome.last.snapshot.receipt.unwrap().statement.session_id;
    let letter = sinks.dead_letter(20).await.unwrap();
    assert_eq!(letter, json!({"sessionId": session, "sink": "webhook"}));
    assert_eq!(
        sinks.logged("DeliverFunction", "a result could not be delivered"),
        1
    );

    // What a redrive does.
    sinks.send("Deliveries", &letter).await;
    let messages = sinks.receiver.accepted(1).await;
    assert_eq!(messages.len(), 2);
    sinks.end().await;
}

#[tokio::test]
async fn orders_that_can_t_be_sent_cost_the_client_nothing_and_are_not_forgotten() {
    let sinks = Sinks::start().await;
    let delete = sinks.sqs().delete_queue();
    let delete = delete.queue_url(sinks.queue("Deliveries"));
    delete.send().await.unwrap();
    let outcome = analyze(&sinks).await;
    assert!(outcome.inventory.is_some());
    // The job comes again, is given up, and stays a dead letter until its orders can be sent.
    sinks
        .until_logged("SweepFunction", "a dead letter could not be dealt with")
        .await;
    assert_eq!(sinks.logged("ProcessFunction", "job taken"), 2);
    sinks.end().await;
}

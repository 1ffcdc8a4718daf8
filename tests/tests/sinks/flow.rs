//! Whole ways of a video to both sinks, over the real functions and queues.

use dodolens::{
    domain::{inventory::Inventory, session::SessionState},
    wire::problem::ProblemCode,
};
use dodolens_local::{
    client::Outcome,
    peer::{Failures, Faults, PeerOptions},
    video::VideoSpec,
};
use dodolens_tests::stack::{AI_KEY, showing, video};
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
async fn a_session_without_an_inventory_is_delivered_to_nobody() {
    let failing = Faults {
        fail: Some(Failures {
            status: 500,
            requests: None,
        }),
        ..Faults::default()
    };
    let peer = PeerOptions {
        vision: failing,
        ..PeerOptions::new(AI_KEY)
    };
    let sinks = Sinks::beside(peer, &[], &[], None).await;
    let spec = VideoSpec {
        seconds: 2.0,
        ..showing(&["bed_double@bedroom"])
    };
    let outcome = sinks.stack.analyze(&video(&spec, ".mp4").await).await;
    let problem = outcome.last.snapshot.problem.map(|problem| problem.code);
    assert_eq!(problem, Some(ProblemCode::AnalysisUnavailable));
    assert!(outcome.inventory.is_none());
    // A delivery would have been ordered before the job is done with.
    sinks
        .until_logged_times(2, "ProcessFunction", "job taken")
        .await;
    assert_eq!(sinks.waiting("Deliveries").await, 0);
    assert!(sinks.receiver.messages().is_empty() && sinks.airtable.bodies().is_empty());
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
    assert!(waited < 15, "{waited}");
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
    sinks
        .until_logged("DeliverFunction", "a result could not be delivered")
        .await;
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

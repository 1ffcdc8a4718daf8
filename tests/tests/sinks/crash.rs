//! Functions that are ended by SIGKILL between a session's end and its result's delivery.

use std::time::Duration;

use dodolens_local::stack::Stack;
use dodolens_tests::gate::{Gate, Side, Step};
use futures::future::join_all;
use serde_json::json;

use crate::{answers::Answer, support::Sinks};

const PROCESS: &str = "ProcessFunction";
const DELIVER: &str = "DeliverFunction";

/// Messages of a worker that is gone come again soon.
fn hasten(stack: &mut Stack) {
    for function in [PROCESS, DELIVER] {
        if let Some(function) = stack.functions.get_mut(function) {
            function.timeout = Duration::from_secs(30);
        }
    }
    for queue in &mut stack.queues {
        queue.visibility = Duration::from_secs(35);
    }
}

/// Each sink has the result once, and no order is left or given up.
async fn all_is_well(sinks: &Sinks, what: &str) {
    sinks.row().await;
    sinks.receiver.accepted(1).await;
    let idle = async {
        while sinks.waiting("Jobs").await + sinks.waiting("Deliveries").await > 0 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(180), idle).await;
    assert!(waited.is_ok(), "{what}: messages are left");
    assert_eq!(sinks.airtable.rows().len(), 1, "{what}");
    let messages = sinks.receiver.messages();
    let mut ids: Vec<_> = messages.iter().map(|m| m.header("webhook-id")).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{what}");
    assert_eq!(sinks.dead_letter(0).await, None, "{what}");
}

async fn killed_at(function: &str, operation: &str, number: u32, side: Side) {
    let step = Step {
        function: function.to_owned(),
        operation: operation.to_owned(),
        number,
    };
    let what = format!("{side:?} {step}");
    let gate = Gate::start(Some((step, side))).await;
    let variables = gate.environment();
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let sinks = Sinks::with(&[], &variables, Some(hasten)).await;
    gate.lead_to(&sinks.stack.running);
    let session = sinks.completed(true).await.id.to_string();
    sinks.send("Jobs", &json!({"sessionId": session})).await;
    let killed = gate.kill_once(&sinks.stack.running.cloud);
    let killed = tokio::time::timeout(Duration::from_secs(180), killed).await;
    assert!(killed.is_ok(), "{what}: it never came");
    all_is_well(&sinks, &what).await;
    sinks.end().await;
}

#[tokio::test]
async fn a_function_that_is_killed_loses_no_result_and_doubles_none() {
    let cells = [
        // What `order` reads, after what `process` has read itself.
        (PROCESS, "GetItem Sessions", 2, Side::Before),
        (PROCESS, "SendMessage Deliveries", 1, Side::Before),
        (PROCESS, "SendMessage Deliveries", 1, Side::After),
        (PROCESS, "SendMessage Deliveries", 2, Side::Before),
        (PROCESS, "SendMessage Deliveries", 2, Side::After),
        (DELIVER, "GetSecretValue AirtableAccess", 1, Side::Before),
        (DELIVER, "GetSecretValue WebhookSigning", 1, Side::After),
        (DELIVER, "GetItem Sessions", 1, Side::Before),
    ];
    join_all(
        cells.map(|(function, operation, number, side)| {
            killed_at(function, operation, number, side)
        }),
    )
    .await;
}

#[tokio::test]
async fn a_result_that_a_sink_took_from_a_function_that_was_killed_is_not_doubled() {
    let sinks = Sinks::with(&[], &[], Some(hasten)).await;
    // It has the message, and answers too late.
    sinks.receiver.then([Answer {
        delay: Duration::from_secs(3),
        ..Answer::status(200)
    }]);
    let session = sinks.completed(true).await.id.to_string();
    sinks.send("Jobs", &json!({"sessionId": session})).await;
    sinks.receiver.until(|messages| !messages.is_empty()).await;
    let cloud = &sinks.stack.running.cloud;
    while cloud.kill_instance(DELIVER).await.is_some() {}
    let messages = sinks.receiver.until(|messages| messages.len() == 2).await;
    assert_eq!(messages[0].body, messages[1].body);
    all_is_well(&sinks, "while the sink has it").await;
    sinks.end().await;
}

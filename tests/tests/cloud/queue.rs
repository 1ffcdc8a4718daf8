//! The queue's pollers: batches, what stays, what ends in the dead-letter queue.

use std::time::Duration;

use aws_sdk_sqs::Client;
use dodolens_local::cloud::Cloud;
use serde_json::{Value, json};

use crate::support::{Probe, VISIBILITY, sdk};

async fn send(cloud: &Cloud, bodies: &[Value]) {
    let client = Client::new(&sdk(cloud.urls().sqs()));
    for body in bodies {
        let send = client.send_message().queue_url(cloud.urls().queue("work"));
        send.message_body(body.to_string()).send().await.unwrap();
    }
}

/// Bodies of the dead letters, when so many are there.
async fn dead(cloud: &Cloud, count: usize) -> Vec<String> {
    let client = Client::new(&sdk(cloud.urls().sqs()));
    let mut bodies = Vec::new();
    for _ in 0..60 {
        let receive = client
            .receive_message()
            .queue_url(cloud.urls().queue("dead"));
        let received = receive
            .wait_time_seconds(2)
            .max_number_of_messages(10)
            .send()
            .await
            .unwrap();
        for message in received.messages() {
            let delete = client
                .delete_message()
                .queue_url(cloud.urls().queue("dead"));
            delete
                .receipt_handle(message.receipt_handle().unwrap())
                .send()
                .await
                .unwrap();
            bodies.push(message.body().unwrap().to_owned());
        }
        if bodies.len() >= count {
            return bodies;
        }
    }
    panic!("{} dead letters, not {count}", bodies.len());
}

/// How often every body was delivered.
fn deliveries(probe: &Probe, body: &Value) -> usize {
    let body = body.to_string();
    let events = probe.events("Worker");
    let records = events
        .iter()
        .flat_map(|event| event["Records"].as_array().unwrap());
    records.filter(|record| record["body"] == body).count()
}

#[tokio::test]
async fn only_the_named_messages_come_again_and_then_die() {
    let probe = Probe::start(|_, _| {}).await;
    let bodies = [
        json!({ "n": 1 }),
        json!({ "do": "fail", "n": 2 }),
        json!({ "n": 3 }),
    ];
    send(&probe.cloud, &bodies).await;
    assert_eq!(dead(&probe.cloud, 1).await, [bodies[1].to_string()]);
    assert_eq!(
        bodies.each_ref().map(|body| deliveries(&probe, body)),
        [1, 2, 1]
    );

    let events = probe.events("Worker");
    let record = &events[0]["Records"][0];
    assert_eq!(record["eventSource"], "aws:sqs");
    assert_eq!(
        record["eventSourceARN"],
        "arn:aws:sqs:eu-west-3:000000000000:work"
    );
    for field in [
        "ApproximateReceiveCount",
        "SentTimestamp",
        "SenderId",
        "ApproximateFirstReceiveTimestamp",
    ] {
        assert!(record["attributes"][field].is_string(), "{field}");
    }
    assert_eq!(record["md5OfBody"].as_str().unwrap().len(), 32);
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn a_crash_or_a_malformed_response_fails_the_whole_batch() {
    let probe = Probe::start(|stack, _| {
        stack.functions.get_mut("Worker").unwrap().queues[0].batch_size = 1;
    })
    .await;
    let bodies = [
        json!({ "do": "exit", "code": 1 }),
        json!({ "reply": { "batchItemFailures": [{ "itemIdentifier": "" }] } }),
        json!({ "reply": "no batch response" }),
    ];
    send(&probe.cloud, &bodies).await;
    assert_eq!(dead(&probe.cloud, 3).await.len(), 3);
    assert_eq!(
        bodies.each_ref().map(|body| deliveries(&probe, body)),
        [2, 2, 2]
    );
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn without_partial_response_the_response_is_not_read() {
    let probe = Probe::start(|stack, _| {
        stack.functions.get_mut("Worker").unwrap().queues[0].partial_batch_response = false;
    })
    .await;
    let body = json!({ "do": "fail" });
    send(&probe.cloud, std::slice::from_ref(&body)).await;
    probe.wait_for("Worker", 1).await;
    // Longer than the visibility timeout: a message that stayed would be back.
    tokio::time::sleep(VISIBILITY * 3 / 2).await;
    assert_eq!(deliveries(&probe, &body), 1);
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn concurrent_batches_are_bounded() {
    let probe = Probe::start(|stack, _| {
        let worker = stack.functions.get_mut("Worker").unwrap();
        worker.queues[0].batch_size = 1;
        for queue in &mut stack.queues {
            queue.visibility = Duration::from_secs(30);
        }
    })
    .await;
    let bodies: Vec<_> = (0..6)
        .map(|n| json!({ "do": "sleep", "ms": 300, "n": n }))
        .collect();
    send(&probe.cloud, &bodies).await;
    probe.wait_for("Worker", 6).await;
    assert_eq!(probe.cloud.instances("Worker").len(), 2);
    probe.cloud.shutdown().await;
}

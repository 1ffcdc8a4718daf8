//! Orders given to the real function, one by one.

use std::time::Duration;

use dodolens::{
    app::ports::{Clock as _, SessionStore as _},
    aws::SystemClock,
    domain::session::{Change, Ending},
    wire::delivery::MAX_ATTEMPTS,
};
use serde_json::json;

use crate::{answers::Answer, receiver::SECRET, support::Sinks};

const FAILED: &str = "a delivery failed; another attempt follows";
const GIVEN_UP: &str = "a result could not be delivered";

#[tokio::test]
async fn nothing_is_delivered_before_the_media_are_verified_absent() {
    let sinks = Sinks::start().await;
    let session = sinks.completed(false).await;
    let (name, session) = (session.token_hash.audit_id().to_string(), session.id);
    for sink in ["airtable", "webhook"] {
        assert!(!sinks.order(session, sink, 1).await, "it should come again");
    }
    assert_eq!(sinks.logged("DeliverFunction", FAILED), 2);
    assert_eq!(sinks.airtable.rows().len(), 0);
    assert_eq!(sinks.receiver.messages().len(), 0);

    sinks.certify(session).await;
    for sink in ["airtable", "webhook"] {
        assert!(sinks.order(session, sink, 2).await);
    }
    assert_eq!(sinks.airtable.rows().len(), 1);
    assert_eq!(sinks.receiver.messages().len(), 1);
    let lines = sinks.lines("DeliverFunction");
    let audited = lines.iter().filter(|line| line["audit"] == true);
    let audited: Vec<_> = audited
        .map(|line| (&line["event"], &line["sink"], &line["audit_id"]))
        .collect();
    let (event, name) = (json!("result_delivered"), json!(name));
    assert_eq!(
        audited,
        [
            (&event, &json!("airtable"), &name),
            (&event, &json!("webhook"), &name)
        ]
    );
    sinks.end().await;
}

#[tokio::test]
async fn orders_that_come_twice_make_one_row_and_one_id() {
    let sinks = Sinks::start().await;
    let session = sinks.completed(true).await.id;
    let done = tokio::join!(
        sinks.order(session, "airtable", 1),
        sinks.order(session, "webhook", 1)
    );
    assert_eq!(done, (true, true));
    let again = tokio::join!(
        sinks.order(session, "airtable", 1),
        sinks.order(session, "webhook", 1)
    );
    assert_eq!(again, (true, true));
    assert_eq!(sinks.airtable.rows().len(), 1);
    let [first, second] = sinks.receiver.messages().try_into().unwrap();
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(first.body, second.body);
    sinks.end().await;
}

#[tokio::test]
async fn what_can_t_be_delivered_is_a_dead_letter() {
    let sinks = Sinks::start().await;
    let session = sinks.completed(true).await.id;
    let letter = |sink: &str| json!({"sessionId": session.to_string(), "sink": sink});

    // The last of many attempts.
    sinks.receiver.then([Answer::status(503); 2]);
    assert!(!sinks.order(session, "webhook", MAX_ATTEMPTS - 1).await);
    assert_eq!(sinks.dead_letter(0).await, None);
    assert!(sinks.order(session, "webhook", MAX_ATTEMPTS).await);
    assert_eq!(sinks.dead_letter(5).await, Some(letter("webhook")));

    // A sink that would take it in no attempt.
    sinks.airtable.then([Answer::status(422)]);
    assert!(sinks.order(session, "airtable", 1).await);
    assert_eq!(sinks.dead_letter(5).await, Some(letter("airtable")));

    // A session that is not there any more.
    sinks.stack.sessions().forget(session).await.unwrap();
    assert!(sinks.order(session, "webhook", 1).await);
    assert_eq!(sinks.dead_letter(5).await, Some(letter("webhook")));
    assert_eq!(sinks.logged("DeliverFunction", GIVEN_UP), 3);

    // What is no order is told and dropped.
    for body in ["", "{}", r#"{"sessionId":"x","sink":"webhook"}"#] {
        assert!(sinks.invoke(body, 1).await, "{body}");
    }
    let fax = json!({"sessionId": session.to_string(), "sink": "fax"});
    assert!(sinks.invoke(&fax.to_string(), 1).await);
    let told = "a message of the queue is no order to deliver";
    assert_eq!(sinks.logged("DeliverFunction", told), 4);
    assert_eq!(sinks.dead_letter(0).await, None);
    sinks.end().await;
}

#[tokio::test]
async fn an_erased_or_expired_result_goes_nowhere() {
    let sinks = Sinks::start().await;
    let erased = sinks.completed(true).await.id;
    let expired = sinks.completed(true).await.id;
    let sessions = sinks.stack.sessions();
    let end = Change::End {
        ending: Ending::Erased,
        keep: Duration::from_secs(600),
    };
    let now = SystemClock.now();
    sessions.change(erased, &end, now).await.unwrap();
    assert!(sinks.order(erased, "webhook", 1).await);
    assert_eq!(sinks.dead_letter(0).await, None, "the client wanted it so");

    let table = sinks.stack.dynamodb().update_item();
    let past = aws_sdk_dynamodb::types::AttributeValue::N("0".into());
    let id = aws_sdk_dynamodb::types::AttributeValue::S(expired.to_string());
    let update = table
        .table_name("dodolens-Sessions")
        .key("session_id", id)
        .update_expression("SET expires_at = :past")
        .expression_attribute_values(":past", past);
    update.send().await.unwrap();
    assert!(sinks.order(expired, "webhook", 1).await);
    let letter = json!({"sessionId": expired.to_string(), "sink": "webhook"});
    assert_eq!(sinks.dead_letter(5).await, Some(letter));
    assert_eq!(sinks.receiver.messages().len(), 0);
    sinks.end().await;
}

#[tokio::test]
async fn a_credential_counts_as_soon_as_it_is_written() {
    let sinks = Sinks::with(&[("WebhookSecret", "unset")], &[], None).await;
    let session = sinks.completed(true).await.id;
    assert!(sinks.order(session, "webhook", 1).await);
    let letter = json!({"sessionId": session.to_string(), "sink": "webhook"});
    assert_eq!(sinks.dead_letter(5).await, Some(letter));

    let secrets = sinks.stack.secrets();
    let write = secrets
        .put_secret_value()
        .secret_id(sinks.stack.secret("WebhookSigning"))
        .secret_string(SECRET);
    write.send().await.unwrap();
    assert!(sinks.order(session, "webhook", 1).await);
    assert_eq!(sinks.receiver.messages().len(), 1);
    assert_eq!(
        sinks.stack.running.cloud.instances("DeliverFunction").len(),
        1
    );
    sinks.end().await;
}

#[tokio::test]
async fn a_worker_that_crashed_before_it_ordered_is_made_up_for() {
    let sinks = Sinks::start().await;
    let session = sinks.completed(true).await.id;
    let letter = json!({"Records": [{
        "messageId": "m", "receiptHandle": "h", "body": json!({"sessionId": session.to_string()}).to_string(),
        "attributes": {"ApproximateReceiveCount": "2"}, "messageAttributes": {},
        "eventSource": "aws:sqs", "awsRegion": "eu-west-3",
    }]});
    // The job comes again, or is given up: after either, both sinks have the result.
    for (n, function) in ["ProcessFunction", "SweepFunction"].into_iter().enumerate() {
        let cloud = &sinks.stack.running.cloud;
        let answer = cloud.invoke(function, &letter).await.unwrap();
        assert_eq!(answer, r#"{"batchItemFailures":[]}"#);
        sinks.receiver.accepted(n + 1).await;
    }
    let rows = async {
        while sinks.airtable.bodies().len() < 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), rows)
        .await
        .unwrap();
    assert_eq!(sinks.airtable.rows().len(), 1);
    sinks.end().await;
}

#[tokio::test]
async fn a_sink_without_results_keeps_process_from_starting() {
    let sinks = Sinks::with(&[], &[("RESULT_TTL_SECONDS", "0")], None).await;
    let cloud = &sinks.stack.running.cloud;
    let no_job = json!({"Records": []});
    let refused = cloud.invoke("ProcessFunction", &no_job).await;
    assert!(refused.is_err());
    sinks.end().await;
}

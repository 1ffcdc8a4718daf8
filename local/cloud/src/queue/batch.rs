//! A batch of messages as Lambda's event, and what its response leaves in the queue.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>

use aws_sdk_sqs::types::{Message, MessageAttributeValue};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::names::{REGION, queue_arn};

/// The event of a batch.
pub(super) fn event(queue: &str, messages: &[Message]) -> Value {
    let arn = queue_arn(queue);
    let records: Vec<_> = messages
        .iter()
        .map(|message| record(&arn, message))
        .collect();
    json!({ "Records": records })
}

fn record(arn: &str, message: &Message) -> Value {
    let system: Map<_, _> = message
        .attributes()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_str().into()))
        .collect();
    let own: Map<_, _> = message
        .message_attributes()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), attribute(value)))
        .collect();
    json!({
        "messageId": message.message_id(),
        "receiptHandle": message.receipt_handle(),
        "body": message.body(),
        "attributes": system,
        "messageAttributes": own,
        "md5OfBody": message.md5_of_body(),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    })
}

fn attribute(value: &MessageAttributeValue) -> Value {
    json!({
        "stringValue": value.string_value(),
        "binaryValue": value.binary_value().map(|bytes| STANDARD.encode(bytes)),
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value.data_type(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PartialResponse {
    #[serde(default)]
    batch_item_failures: Option<Vec<Failure>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

/// The messages that are done with, by a partial-batch response: all but those it names; none when
/// it is malformed or names a message that is not in the batch.
pub(super) fn done<'a>(messages: &'a [Message], response: &[u8]) -> Vec<&'a Message> {
    let parsed: Result<Option<PartialResponse>, _> = if response.is_empty() {
        Ok(None)
    } else {
        serde_json::from_slice(response)
    };
    let Ok(parsed) = parsed else {
        return Vec::new();
    };
    let failures = parsed
        .and_then(|response| response.batch_item_failures)
        .unwrap_or_default();
    let failed = |id: &str| failures.iter().any(|failure| failure.item_identifier == id);
    let known = |failure: &Failure| {
        let id = failure.item_identifier.as_str();
        messages
            .iter()
            .any(|message| message.message_id() == Some(id))
    };
    if !failures.iter().all(known) {
        return Vec::new();
    }
    messages
        .iter()
        .filter(|message| !message.message_id().is_some_and(failed))
        .collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_sqs::types::MessageSystemAttributeName;

    use super::*;

    fn messages() -> Vec<Message> {
        ["a", "b", "c"]
            .map(|id| {
                Message::builder()
                    .message_id(id)
                    .receipt_handle(format!("handle-{id}"))
                    .body("{}")
                    .md5_of_body("digest")
                    .attributes(MessageSystemAttributeName::ApproximateReceiveCount, "1")
                    .message_attributes(
                        "kind",
                        MessageAttributeValue::builder()
                            .data_type("String")
                            .string_value("job")
                            .build()
                            .unwrap(),
                    )
                    .build()
            })
            .to_vec()
    }

    #[test]
    fn an_event_has_every_field_of_aws() {
        let event = event("work", &messages());
        let expected = json!({
            "messageId": "a", "receiptHandle": "handle-a", "body": "{}",
            "attributes": { "ApproximateReceiveCount": "1" },
            "messageAttributes": { "kind": {
                "stringValue": "job", "binaryValue": null, "stringListValues": [], "binaryListValues": [],
                "dataType": "String",
            } },
            "md5OfBody": "digest", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-3:000000000000:work", "awsRegion": "eu-west-3",
        });
        assert_eq!(event["Records"][0], expected);
        assert_eq!(event["Records"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn a_partial_response_leaves_what_it_names() {
        for (response, expected) in [
            ("", "abc"),
            ("null", "abc"),
            ("{}", "abc"),
            (r#"{"batchItemFailures":null}"#, "abc"),
            (r#"{"batchItemFailures":[]}"#, "abc"),
            (r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#, "ac"),
            (
                r#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"a"}]}"#,
                "c",
            ),
            (r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, ""),
            (r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, ""),
            (r#"{"batchItemFailures":[{"id":"a"}]}"#, ""),
            (r#"{"batchItemFailures":[{"itemIdentifier":"z"}]}"#, ""),
            (r#""done""#, ""),
            ("{", ""),
        ] {
            let messages = messages();
            let done = done(&messages, response.as_bytes());
            let ids: String = done
                .iter()
                .filter_map(|message| message.message_id())
                .collect();
            assert_eq!(ids, expected, "{response}");
        }
    }
}

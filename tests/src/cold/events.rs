//! The events of a client's way, in the forms of API Gateway and SQS.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use dodolens::wire::http::{CreateSession, SessionCreated};
use dodolens_local::client::EventSocket;
use serde_json::{Value, json};

use crate::stack::TestStack;

/// Bytes of a chunk of the default length.
const CHUNK: usize = 1 << 20;

/// Makes events that are good, each for a session of its own.
pub(super) struct Events<'a> {
    pub(super) stack: &'a TestStack,
    pub(super) video: &'a Bytes,
}

/// An event and the client that listens meanwhile.
pub(super) struct Event {
    pub(super) event: Value,
    _client: Option<EventSocket>,
}

impl Events<'_> {
    /// What a function is sent on the way of a video.
    ///
    /// # Panics
    /// When there is no such event, or its session can't be made.
    #[allow(clippy::expect_used, clippy::panic)]
    pub(super) async fn of(&self, function: &str) -> Event {
        let video = self.video.len() as u64;
        let (event, client) = match function {
            "SessionFunction" => {
                let body = json!({ "totalBytes": 3 * CHUNK, "contentType": "video/mp4" });
                (
                    http(
                        "POST",
                        "/v1/sessions",
                        None,
                        "application/json",
                        body.to_string().as_bytes(),
                    ),
                    None,
                )
            }
            "ChunkUploadFunction" => {
                let session = self.open(3 * CHUNK as u64).await;
                let client = self.stack.client.connect(&session).await;
                let below = "/chunks/0";
                let event = http("PUT", below, Some(&session), "video/mp4", &[7; CHUNK]);
                (event, Some(client.expect("a connection")))
            }
            "FinalizeFunction" => {
                let session = self.open(video).await;
                self.stack.upload(&session, self.video).await;
                (http("POST", "/finalize", Some(&session), "", b""), None)
            }
            "WebSocketConnectFunction" => {
                let session = self.open(video).await;
                (message(&session.session_id), None)
            }
            "ProcessFunction" => {
                let session = self.open(video).await;
                let client = self.stack.client.connect(&session).await;
                self.stack.upload(&session, self.video).await;
                let queued = self.stack.client.finalize(&session).await;
                queued.expect("the job is queued");
                (
                    job(&session.session_id),
                    Some(client.expect("a connection")),
                )
            }
            other => panic!("no event of {other}"),
        };
        Event {
            event,
            _client: client,
        }
    }

    #[allow(clippy::expect_used)]
    async fn open(&self, total_bytes: u64) -> SessionCreated {
        let request = CreateSession {
            total_bytes,
            content_type: "video/mp4".into(),
            chunk_bytes: None,
            locale: None,
        };
        let created = self.stack.client.create(&request).await;
        created.expect("a session")
    }
}

/// Sees that an answer says that all went well.
///
/// # Panics
/// When it does not.
pub(super) fn assert_good(function: &str, answer: &Value) {
    let good = match function {
        "ProcessFunction" => answer["batchItemFailures"] == json!([]),
        _ => answer["statusCode"]
            .as_u64()
            .is_some_and(|status| (200..300).contains(&status)),
    };
    assert!(good, "{function}: {answer}");
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
fn http(
    method: &str,
    below: &str,
    session: Option<&SessionCreated>,
    content_type: &str,
    body: &[u8],
) -> Value {
    let (path, authorization, variables) = match session {
        None => (below.to_owned(), String::new(), json!({})),
        Some(SessionCreated {
            session_id, token, ..
        }) => (
            format!("/v1/sessions/{session_id}{below}"),
            format!("Bearer {token}"),
            json!({ "id": session_id, "index": below.rsplit('/').next() }),
        ),
    };
    let headers = json!({ "content-type": content_type, "authorization": authorization });
    let key = format!("{method} {path}");
    json!({
        "version": "2.0", "routeKey": key, "rawPath": path, "rawQueryString": "", "headers": headers,
        "requestContext": {
            "accountId": "0", "apiId": "a", "domainName": "d", "domainPrefix": "d", "requestId": "r",
            "routeKey": key, "stage": "$default", "time": "21/Nov/2026:00:00:00 +0000", "timeEpoch": 0,
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test",
            },
        },
        "pathParameters": variables, "body": STANDARD.encode(body), "isBase64Encoded": true,
    })
}

/// A connection that nobody knows asks to join: the session is read, and the answer posted.
fn message(session: &str) -> Value {
    let body = json!({ "action": "join_session", "sessionId": session });
    json!({
        "requestContext": {
            "routeKey": "join_session", "eventType": "MESSAGE", "connectionId": "c", "stage": "v1", "apiId": "a",
            "requestId": "r", "messageId": "m", "connectedAt": 0, "requestTimeEpoch": 0,
        },
        "body": body.to_string(), "isBase64Encoded": false,
    })
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>
fn job(session: &str) -> Value {
    let body = json!({ "sessionId": session });
    json!({"Records": [{
        "messageId": "m", "receiptHandle": "h", "body": body.to_string(),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "eu-west-3",
    }]})
}

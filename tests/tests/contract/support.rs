//! Requests as no well-behaved client would send them, and what every answer must look like.

use std::time::Duration;

use dodolens::wire::http::SessionCreated;
use dodolens::wire::problem::{CONTENT_TYPE, ProblemCode};
use dodolens::wire::ws::{Event, ServerMessage};
use dodolens_local::client::EventSocket;
use dodolens_tests::stack::TestStack;
use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{CACHE_CONTROL, HeaderMap, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde_json::Value;
use tokio::time::timeout;

/// Bytes of a chunk in these tests.
pub const CHUNK: usize = 256 * 1024;
/// No answer or event takes longer, or the test fails instead of hanging.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A whole answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The header's text; empty without it.
    pub fn header(&self, name: impl reqwest::header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that this is this problem, in the form that all of them have.
    pub fn assert_problem(&self, code: ProblemCode, what: &str) -> Value {
        let shown = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, code.status(), "{what}: {shown}");
        assert_eq!(self.header("content-type"), CONTENT_TYPE, "{what}");
        assert_eq!(self.header(CACHE_CONTROL), "no-store", "{what}");
        let problem = self.json();
        assert_eq!(problem["code"], code.as_str(), "{what}");
        assert_eq!(problem["status"], code.status(), "{what}");
        let kind = format!("urn:dodolens:problem:{}", code.as_str());
        assert_eq!(problem["type"], kind, "{what}");
        assert_eq!(problem["title"], code.title().en, "{what}");
        let challenge = if code.status() == 401 { "Bearer" } else { "" };
        assert_eq!(self.header(WWW_AUTHENTICATE), challenge, "{what}");
        let retry = code.retry_after().map(|seconds| seconds.to_string());
        assert_eq!(
            self.header(RETRY_AFTER),
            retry.unwrap_or_default(),
            "{what}"
        );
        problem
    }
}

/// Sends requests to a stack, well-formed or not; each [`Raw`] has connections of its own.
pub struct Raw {
    http: Client,
    endpoint: String,
}

impl Raw {
    pub fn of(stack: &TestStack) -> Self {
        Self {
            http: Client::builder()
                .no_proxy()
                .timeout(PATIENCE)
                .build()
                .unwrap(),
            endpoint: stack
                .running
                .endpoint
                .as_str()
                .trim_end_matches('/')
                .to_owned(),
        }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.endpoint))
    }

    /// A request below `/v1/sessions/<id>` with the session's token.
    pub fn on(&self, session: &SessionCreated, method: Method, below: &str) -> RequestBuilder {
        self.request(
            method,
            &format!("/v1/sessions/{}{below}", session.session_id),
        )
        .bearer_auth(&session.token)
    }
}

pub async fn send(request: RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    Answer {
        status: answer.status(),
        headers: answer.headers().clone(),
        body: answer.bytes().await.unwrap().to_vec(),
    }
}

/// A token in the agreed form that opens nothing.
pub fn other_token() -> String {
    "0123456789abcdef".repeat(4)
}

/// The next event within the test's patience.
pub async fn next(socket: &mut EventSocket) -> ServerMessage {
    timeout(PATIENCE, socket.next())
        .await
        .expect("an event in time")
        .unwrap()
        .expect("an open connection")
}

/// Joins and takes the answer, which need not be the first message when events are on their way.
pub async fn join(socket: &mut EventSocket) -> ServerMessage {
    socket.join().await.unwrap();
    loop {
        let message = next(socket).await;
        if matches!(message.event, Event::SessionJoined(_)) {
            return message;
        }
    }
}

/// Events up to and with the one that ends the session.
pub async fn until_end(socket: &mut EventSocket) -> Vec<ServerMessage> {
    let mut events = Vec::new();
    loop {
        let message = next(socket).await;
        let ends = matches!(
            message.event,
            Event::AnalysisComplete(_) | Event::Error(_) | Event::SessionErased(_)
        );
        events.push(message);
        if ends {
            return events;
        }
    }
}

//! A simulated receiver of webhooks, which checks signatures by the library of the specification's authors.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;

use crate::answers::{Answer, Script};

pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PATH: &str = "/hooks";

/// A message that came.
#[derive(Debug, Clone)]
pub struct Message {
    pub at: Timestamp,
    /// Its connection.
    pub from: SocketAddr,
    pub headers: HeaderMap,
    pub body: Value,
    /// The answer; `None` while there is none.
    pub answered: Option<u16>,
}

impl Message {
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// A running receiver; it ends with its test.
pub struct Receiver {
    pub url: String,
    inbox: Arc<Inbox>,
}

#[derive(Default)]
struct Inbox {
    script: Script,
    messages: Mutex<Vec<Message>>,
    wrong: Mutex<Vec<String>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}{PATH}", listener.local_addr().unwrap());
        let inbox: Arc<Inbox> = Arc::default();
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&inbox))
            .into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inbox }
    }

    pub fn then(&self, answers: impl IntoIterator<Item = Answer>) {
        self.inbox.script.then(answers);
    }

    /// All that came; nothing of it was wrong.
    pub fn messages(&self) -> Vec<Message> {
        assert_eq!(*self.inbox.wrong.lock().unwrap(), [""; 0]);
        self.inbox.messages.lock().unwrap().clone()
    }

    /// Waits until so many messages were answered with success, and gives all.
    pub async fn accepted(&self, count: usize) -> Vec<Message> {
        let accepted = |message: &&Message| message.answered == Some(200);
        self.until(|messages| messages.iter().filter(accepted).count() >= count)
            .await
    }

    /// Waits until the messages are as wanted, and gives them.
    pub async fn until(&self, wanted: impl Fn(&[Message]) -> bool) -> Vec<Message> {
        let wait = async {
            loop {
                let messages = self.messages();
                if wanted(&messages) {
                    return messages;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(180), wait)
            .await
            .unwrap()
    }
}

async fn answer(
    State(inbox): State<Arc<Inbox>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let at = Timestamp::now();
    let message = check(&method, &uri, &headers, &body);
    let body = match message {
        Ok(body) => body,
        Err(wrong) => {
            inbox.wrong.lock().unwrap().push(wrong);
            return StatusCode::BAD_REQUEST.into_response();
        }
    };
    let index = {
        let mut messages = inbox.messages.lock().unwrap();
        messages.push(Message {
            at,
            from,
            headers,
            body,
            answered: None,
        });
        messages.len() - 1
    };
    let answer = inbox.script.next().await.unwrap_or_default();
    inbox.messages.lock().unwrap()[index].answered = Some(answer.0.as_u16());
    answer.into_response()
}

fn check(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Value, String> {
    if method != Method::POST || uri.path() != PATH {
        return Err(format!("{method} {uri}"));
    }
    if headers
        .get("content-type")
        .is_none_or(|kind| kind != "application/json")
    {
        return Err("not JSON by its header".into());
    }
    let webhook = Webhook::new(SECRET).map_err(|error| error.to_string())?;
    webhook
        .verify(body, headers)
        .map_err(|error| error.to_string())?;
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

//! One instance of a function, between its start and its events.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::AbortHandle,
};

/// Longest that a start or an event may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running bootstrap that waits for an event.
pub struct Instance {
    child: Child,
    polls: mpsc::Receiver<oneshot::Sender<Bytes>>,
    answers: mpsc::Receiver<Bytes>,
    poll: Option<oneshot::Sender<Bytes>>,
    server: AbortHandle,
}

#[derive(Clone)]
struct Api {
    polls: mpsc::Sender<oneshot::Sender<Bytes>>,
    answers: mpsc::Sender<Bytes>,
}

impl Instance {
    /// Starts a bootstrap; gives the time until it asks for its first event.
    ///
    /// # Panics
    /// When it does not start.
    #[allow(clippy::expect_used)]
    pub async fn start(
        bootstrap: &Path,
        environment: &BTreeMap<String, String>,
    ) -> (Self, Duration) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port");
        let api = listener.local_addr().expect("an address").to_string();
        let (polls, polled) = mpsc::channel(1);
        let (answers, answered) = mpsc::channel(1);
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{end}", post(done))
            .layer(DefaultBodyLimit::disable())
            .with_state(Api { polls, answers });
        let server = tokio::spawn(axum::serve(listener, router).into_future()).abort_handle();
        let begin = Instant::now();
        let child = Command::new(bootstrap)
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", api)
            .stdout(Stdio::null())
            .spawn()
            .expect("a process");
        let mut instance = Self {
            child,
            polls: polled,
            answers: answered,
            poll: None,
            server,
        };
        instance.wait().await;
        (instance, begin.elapsed())
    }

    /// Gives it an event; its answer and the time that it took.
    ///
    /// # Panics
    /// When there is no answer, or none in JSON.
    #[allow(clippy::expect_used)]
    pub async fn invoke(&mut self, event: &Value) -> (Value, Duration) {
        let poll = self.poll.take().expect("it waits for an event");
        let begin = Instant::now();
        poll.send(event.to_string().into()).expect("it waits");
        let answer = tokio::time::timeout(PATIENCE, self.answers.recv()).await;
        let answer = answer.expect("an answer in time").expect("an answer");
        let took = begin.elapsed();
        self.wait().await;
        (serde_json::from_slice(&answer).expect("JSON"), took)
    }

    #[allow(clippy::expect_used)]
    async fn wait(&mut self) {
        let poll = tokio::time::timeout(PATIENCE, self.polls.recv()).await;
        self.poll = Some(
            poll.expect("it starts in time")
                .expect("it asks for an event"),
        );
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.server.abort();
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

async fn next(State(api): State<Api>) -> Response {
    let (sender, event) = oneshot::channel();
    drop(api.polls.send(sender).await);
    let Ok(event) = event.await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = SystemTime::now() + PATIENCE;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
    let headers = [
        ("lambda-runtime-aws-request-id", "1".to_owned()),
        (
            "lambda-runtime-deadline-ms",
            deadline.as_millis().to_string(),
        ),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-3:000000000000:function:f".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, event).into_response()
}

async fn done(State(api): State<Api>, body: Bytes) -> StatusCode {
    drop(api.answers.send(body).await);
    StatusCode::ACCEPTED
}

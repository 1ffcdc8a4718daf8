//! The Lambda Runtime API of one instance.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use super::RESPONSE_LIMIT;

/// Read whole, so that a runtime gets its 413 and not a broken connection.
const READ_LIMIT: usize = 10 * RESPONSE_LIMIT;

/// What a runtime asks or tells.
pub(super) enum Call {
    /// `GET invocation/next`: the sender is answered when there is an event.
    Next(oneshot::Sender<Invocation>),
    /// `POST invocation/{id}/response` or `…/error`.
    Done {
        request_id: String,
        outcome: Outcome,
        accepted: oneshot::Sender<bool>,
    },
    /// `POST init/error`.
    InitError(Bytes),
}

/// How an invocation ended, in the runtime's words.
pub(super) enum Outcome {
    Response(Bytes),
    Error(Bytes),
    TooLarge,
}

/// What `invocation/next` gives.
pub(super) struct Invocation {
    pub headers: HeaderMap,
    pub event: Bytes,
}

impl Invocation {
    /// `deadline_ms` is Unix time.
    pub fn new(request_id: &str, deadline_ms: u128, arn: &str, event: Bytes) -> Self {
        let mut headers = HeaderMap::new();
        let trace = request_id.replace('-', "");
        let (time, unique) = trace.split_at_checked(8).unwrap_or((&trace, ""));
        for (name, value) in [
            ("lambda-runtime-aws-request-id", request_id.to_owned()),
            ("lambda-runtime-deadline-ms", deadline_ms.to_string()),
            ("lambda-runtime-invoked-function-arn", arn.to_owned()),
            (
                "lambda-runtime-trace-id",
                format!("Root=1-{time}-{unique};Sampled=0"),
            ),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self { headers, event }
    }
}

/// The API, turning every request into a [`Call`].
pub(super) fn router(calls: mpsc::Sender<Call>) -> Router {
    let runtime = Router::new()
        .route("/invocation/next", get(next))
        .route("/invocation/{id}/response", post(response))
        .route("/invocation/{id}/error", post(error))
        .route("/init/error", post(init_error));
    Router::new()
        .nest("/2018-06-01/runtime", runtime)
        .layer(DefaultBodyLimit::max(READ_LIMIT))
        .with_state(calls)
}

async fn next(State(calls): State<mpsc::Sender<Call>>) -> Response {
    let (sender, invocation) = oneshot::channel();
    if calls.send(Call::Next(sender)).await.is_err() {
        return refused(StatusCode::INTERNAL_SERVER_ERROR, "Container.Ended");
    }
    match invocation.await {
        Ok(invocation) => (invocation.headers, invocation.event).into_response(),
        Err(_) => refused(StatusCode::FORBIDDEN, "InvalidStateTransition"),
    }
}

async fn response(
    State(calls): State<mpsc::Sender<Call>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let outcome = if body.len() > RESPONSE_LIMIT {
        Outcome::TooLarge
    } else {
        Outcome::Response(body)
    };
    done(&calls, id, outcome).await
}

async fn error(
    State(calls): State<mpsc::Sender<Call>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    done(&calls, id, Outcome::Error(body)).await
}

async fn done(calls: &mpsc::Sender<Call>, request_id: String, outcome: Outcome) -> Response {
    let too_large = matches!(outcome, Outcome::TooLarge);
    let (accepted, answer) = oneshot::channel();
    let call = Call::Done {
        request_id,
        outcome,
        accepted,
    };
    if calls.send(call).await.is_err() {
        return refused(StatusCode::INTERNAL_SERVER_ERROR, "Container.Ended");
    }
    match answer.await {
        Ok(true) if too_large => refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge"),
        Ok(true) => ok(),
        Ok(false) | Err(_) => refused(StatusCode::BAD_REQUEST, "InvalidRequestID"),
    }
}

async fn init_error(State(calls): State<mpsc::Sender<Call>>, body: Bytes) -> Response {
    match calls.send(Call::InitError(body)).await {
        Ok(()) => ok(),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "Container.Ended"),
    }
}

fn ok() -> Response {
    (StatusCode::ACCEPTED, Json(json!({ "status": "OK" }))).into_response()
}

fn refused(status: StatusCode, error_type: &str) -> Response {
    let body = json!({ "errorMessage": error_type, "errorType": error_type });
    (status, Json(body)).into_response()
}

//! Answers of the HTTP API.

use http::{
    Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde::Serialize;

use crate::error::Error;
use dodolens_wire::problem::{self, Problem};

/// An answer, as API Gateway passes it on.
pub type Answer = Response<String>;

/// `status` with a JSON body.
#[must_use]
pub fn json(status: StatusCode, body: &impl Serialize) -> Answer {
    match serde_json::to_string(body) {
        Ok(body) => answer(status, "application/json", body),
        Err(_) => answer(
            StatusCode::INTERNAL_SERVER_ERROR,
            "application/json",
            String::new(),
        ),
    }
}

/// 204.
#[must_use]
pub fn no_content() -> Answer {
    let mut answer = Response::new(String::new());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer
}

/// The problem that `error` is to a client.
#[must_use]
pub fn problem(error: &Error) -> Answer {
    let problem = error.problem();
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_server_error() {
        tracing::error!(%error, "a request failed");
    } else {
        tracing::info!(code = problem.code.as_str(), "a request was refused");
    }
    of_problem(status, &problem)
}

fn of_problem(status: StatusCode, problem: &Problem) -> Answer {
    let mut answer = json(status, problem);
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        http::HeaderValue::from_static(problem::CONTENT_TYPE),
    );
    if let Some(seconds) = problem.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, http::HeaderValue::from_static("Bearer"));
    }
    answer
}

fn answer(status: StatusCode, content_type: &'static str, body: String) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    answer
}

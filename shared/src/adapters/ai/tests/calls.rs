use std::time::Instant;

use super::*;
use crate::{
    domain::{evidence::Transcript, locale::Locale},
    ports::{CueReader as _, ModelError, Transcriber as _},
};

/// The outcome of one reading of cues against these answers, and how many calls it took.
async fn outcome(
    answers: Vec<ResponseTemplate>,
    deadline: Duration,
) -> (Result<(), ModelError>, usize) {
    let server = server(answers).await;
    let mut config = config(server.uri());
    config.cue_deadline = deadline;
    let result = open_ai(config)
        .read(&Transcript::from("hello".to_owned()), Locale::En)
        .await;
    let calls = server.received_requests().await.unwrap().len();
    (result.map(|_| ()), calls)
}

const LONG: Duration = Duration::from_secs(20);

fn good() -> ResponseTemplate {
    ok(&completed(r#"{"cues":[]}"#))
}

fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}

fn rate_limited(name: &str, value: &str) -> ResponseTemplate {
    status(429).insert_header(name, value)
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    for transient in [status(500), status(503), status(408), status(429)] {
        assert_eq!(outcome(vec![transient, good()], LONG).await, (Ok(()), 2));
    }
    assert_eq!(
        outcome(vec![status(502), status(500), good()], LONG).await,
        (Ok(()), 3)
    );
}

#[tokio::test]
async fn what_cannot_pass_is_not_tried_again() {
    for code in [400, 401, 403, 404, 413, 301] {
        assert_eq!(
            outcome(vec![status(code), good()], LONG).await,
            (Err(ModelError::Rejected { status: code }), 1)
        );
    }
    let quota = status(429).set_body_json(json!({"error": {"code": "insufficient_quota"}}));
    assert_eq!(
        outcome(vec![quota, good()], LONG).await,
        (Err(ModelError::RateLimited { retry_after: None }), 1)
    );
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let started = Instant::now();
    let answers = vec![rate_limited("retry-after", "1"), good()];
    assert_eq!(outcome(answers, LONG).await, (Ok(()), 2));
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_wait_past_the_deadline_is_not_begun() {
    let started = Instant::now();
    let answers = vec![rate_limited("retry-after", "30"), good()];
    let limited = ModelError::RateLimited {
        retry_after: Some(Duration::from_secs(30)),
    };
    assert_eq!(outcome(answers, LONG).await, (Err(limited), 1));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn retry_after_comes_in_three_forms() {
    let now = "2026-11-21T10:00:00Z".parse().unwrap();
    let read = |name: &'static str, value: &str| {
        let headers = http::HeaderMap::from_iter([(
            http::HeaderName::from_static(name),
            value.parse().unwrap(),
        )]);
        super::super::call::retry_after(&headers, now)
    };
    assert_eq!(read("retry-after", "2"), Some(Duration::from_secs(2)));
    assert_eq!(
        read("retry-after-ms", "250"),
        Some(Duration::from_millis(250))
    );
    assert_eq!(
        read("retry-after", "Sat, 21 Nov 2026 10:00:07 GMT"),
        Some(Duration::from_secs(7))
    );
    assert_eq!(
        read("retry-after", "Sat, 21 Nov 2026 09:00:00 GMT"),
        Some(Duration::ZERO)
    );
    for bad in ["soon", "-3", "nan", ""] {
        assert_eq!(read("retry-after", bad), None, "{bad:?}");
    }
}

#[tokio::test]
async fn no_answer_in_time_is_an_error_of_its_own() {
    let slow = good().set_delay(Duration::from_secs(30));
    let started = Instant::now();
    assert_eq!(
        outcome(vec![slow], Duration::from_millis(300)).await,
        (Err(ModelError::TimedOut), 1)
    );
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    // The port is bound, so that nobody else gets it, and never listened on.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let mut config = config(format!("http://{}", socket.local_addr().unwrap()));
    config.transcribe_deadline = Duration::from_secs(1);
    let error = open_ai(config).transcribe(&sound(), Locale::En).await;
    assert_eq!(error.err(), Some(ModelError::Unavailable));
}

#[tokio::test]
async fn an_answer_that_is_none_is_told_apart() {
    let refusal = json!({"status": "completed", "output": [
        {"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}]});
    let truncated = json!({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"},
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "{\"cues\":[]}"}]}]});
    let filtered = json!({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}, "output": []});
    let failed = json!({"status": "failed", "error": {"code": "invalid_prompt", "message": "m"}, "output": []});
    for (body, error) in [
        (refusal, ModelError::Refused),
        (truncated, ModelError::Malformed),
        (filtered, ModelError::Refused),
        (failed, ModelError::Refused),
        (
            json!({"status": "completed", "output": []}),
            ModelError::Malformed,
        ),
        (completed("Here are the cues: none."), ModelError::Malformed),
        (json!([]), ModelError::Malformed),
    ] {
        assert_eq!(
            outcome(vec![ok(&body), good()], LONG).await,
            (Err(error), 1),
            "{body}"
        );
    }
    let prose = status(200).set_body_string("<html>");
    assert_eq!(
        outcome(vec![prose], LONG).await,
        (Err(ModelError::Malformed), 1)
    );
    let endless = status(200).set_body_bytes(vec![b' '; 3 << 20]);
    assert_eq!(
        outcome(vec![endless], LONG).await,
        (Err(ModelError::Malformed), 1)
    );
    let overloaded = json!({"status": "failed", "error": {"code": "server_error", "message": "m"}});
    assert_eq!(
        outcome(vec![ok(&overloaded), good()], LONG).await,
        (Ok(()), 2)
    );
}

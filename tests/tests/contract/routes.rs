use dodolens::wire::problem::ProblemCode::RouteNotFound;
use dodolens_tests::stack::{Setup, TestStack};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Raw, send};

#[tokio::test]
async fn health_answers_and_whatever_else_is_asked_for_is_a_problem() {
    let stack = TestStack::start(Setup::default()).await;
    let raw = Raw::of(&stack);
    let health = send(raw.request(Method::GET, "/v1/health")).await;
    assert_eq!(health.status, StatusCode::OK);
    assert_eq!(
        health.json(),
        json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")})
    );

    let session = stack.open(1).await;
    let id = &session.session_id;
    for (method, path) in [
        (Method::GET, "/".to_owned()),
        (Method::GET, "/v1".into()),
        (Method::GET, "/v2/health".into()),
        (Method::POST, "/v1/health".into()),
        (Method::GET, "/v1/sessions".into()),
        (Method::PUT, "/v1/sessions".into()),
        (Method::POST, format!("/v1/sessions/{id}")),
        (Method::PATCH, format!("/v1/sessions/{id}")),
        (Method::GET, format!("/v1/sessions/{id}/finalize")),
        (Method::POST, format!("/v1/sessions/{id}/chunks/0")),
        (Method::DELETE, format!("/v1/sessions/{id}/chunks/0")),
        (Method::PUT, format!("/v1/sessions/{id}/chunks")),
        (Method::PUT, format!("/v1/sessions/{id}/chunks/0/1")),
        (Method::from_bytes(b"BREW").unwrap(), "/v1/health".into()),
    ] {
        let what = format!("{method} {path}");
        let answer = send(raw.request(method, &path).bearer_auth(&session.token)).await;
        answer.assert_problem(RouteNotFound, &what);
    }
    assert_eq!(
        stack.client.snapshot(&session).await.unwrap().snapshot.seq,
        0
    );
    stack.running.shutdown().await;
}

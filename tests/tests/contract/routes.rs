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
        json!({
            "status": "ok",
            "version": env!("CARGO_PKG_VERSION"),
            "models": [
                {"task": "vision", "provider": "openai", "model": "gpt-6-luna"},
                {"task": "speech", "provider": "openai", "model": "gpt-transcribe"},
                {"task": "cues", "provider": "openai", "model": "gpt-6-luna"},
            ],
            "warnings": [],
        })
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

#[tokio::test]
async fn health_warns_of_models_that_retire_and_of_chains_that_cannot_be_read() {
    let luna = |task| json!({"task": task, "provider": "openai", "model": "gpt-6-luna", "retires": "2026-01-31"});
    let warned = |task| {
        let mut warning = luna(task);
        warning["code"] = json!("model_retired");
        warning
    };
    let retired = r#"{"gpt-6-luna": {"input": 0.1, "output": 0.5, "retires": "2026-01-31"}}"#;
    for (prices, models, warnings) in [
        (
            retired,
            json!([
                luna("vision"),
                {"task": "speech", "provider": "openai", "model": "gpt-transcribe"},
                luna("cues"),
            ]),
            json!([warned("vision"), warned("cues")]),
        ),
        (
            r#"{"gpt-6-luna": 1}"#,
            json!([]),
            json!([{"code": "models_unreadable"}]),
        ),
    ] {
        let stack = TestStack::start(Setup {
            parameters: vec![("AiPrices", prices.to_owned())],
            ..Setup::default()
        })
        .await;
        let health = send(Raw::of(&stack).request(Method::GET, "/v1/health")).await;
        assert_eq!(health.status, StatusCode::OK);
        let health = health.json();
        assert_eq!(health["status"], "ok");
        assert_eq!(health["models"], models);
        assert_eq!(health["warnings"], warnings);
        stack.running.shutdown().await;
    }
}

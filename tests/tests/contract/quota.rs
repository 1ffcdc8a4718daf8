use std::time::Duration;

use dodolens::wire::problem::ProblemCode::{
    InvalidRequest, TooManySessions, Unavailable, UnsupportedVideoType,
};
use dodolens_tests::stack::{Setup, TestStack};
use reqwest::{Method, StatusCode, header::RETRY_AFTER};
use serde_json::{Value, json};

use crate::support::{Answer, Raw, send};

const GOOD: &str = r#"{"totalBytes":1,"contentType":"video/mp4"}"#;

/// No test is as long, and no window ends at a round time of day, so that none ends while a test runs.
const LONG_WINDOW: u32 = 86_399;

async fn limited(sessions: u32, window_seconds: u32) -> TestStack {
    TestStack::start(Setup {
        parameters: vec![
            ("SessionsPerClient", sessions.to_string()),
            ("QuotaWindowSeconds", window_seconds.to_string()),
        ],
        ..Setup::default()
    })
    .await
}

async fn open(raw: &Raw, body: &'static str) -> Answer {
    send(raw.request(Method::POST, "/v1/sessions").body(body)).await
}

/// How long the refused client has to wait, seconds; header and body agree.
fn patience(refused: &Answer) -> u64 {
    let problem = refused.json();
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(problem["code"], TooManySessions.as_str());
    let seconds = problem["retryAfter"].as_u64().unwrap();
    assert_eq!(refused.header(RETRY_AFTER), seconds.to_string());
    seconds
}

#[tokio::test]
async fn a_client_opens_so_many_sessions_in_a_window() {
    let stack = limited(3, LONG_WINDOW).await;
    let raw = Raw::of(&stack);
    // What is refused for itself is not counted.
    for (body, code) in [
        (r#"{"totalBytes":1}"#, InvalidRequest),
        (
            r#"{"totalBytes":1,"contentType":"image/jpeg"}"#,
            UnsupportedVideoType,
        ),
    ] {
        for _ in 0..3 {
            open(&raw, body).await.assert_problem(code, body);
        }
    }
    for _ in 0..3 {
        assert_eq!(open(&raw, GOOD).await.status, StatusCode::CREATED);
    }
    for _ in 0..2 {
        let seconds = patience(&open(&raw, GOOD).await);
        assert!((1..=LONG_WINDOW.into()).contains(&seconds), "{seconds}");
    }
    assert_eq!(stack.items("Sessions").await.len(), 3);
    assert_eq!(stack.logged().matches("key_issued").count(), 3);

    // One client, who is not named.
    let items = stack.items("Quotas").await;
    let [item] = items.as_slice() else {
        panic!("{} items", items.len());
    };
    let pseudonym = item["principal"].as_s().unwrap();
    assert!(pseudonym.len() == 32 && pseudonym.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert!(!stack.logged().contains("127.0.0.1"));
    stack.running.shutdown().await;
}

#[tokio::test]
async fn the_next_window_lets_the_client_in_again() {
    let stack = limited(2, 4).await;
    let raw = Raw::of(&stack);
    let refused = loop {
        let answer = open(&raw, GOOD).await;
        if answer.status != StatusCode::CREATED {
            break answer;
        }
    };
    let seconds = patience(&refused);
    assert!((1..=4).contains(&seconds), "{seconds}");
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    assert_eq!(open(&raw, GOOD).await.status, StatusCode::CREATED);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn without_its_count_no_session_is_opened() {
    let stack = TestStack::start(Setup::default()).await;
    stack.lose_table("Quotas").await;
    open(&Raw::of(&stack), GOOD)
        .await
        .assert_problem(Unavailable, "no table");
    assert_eq!(stack.items("Sessions").await.len(), 0);
    stack.running.shutdown().await;
}

/// An event of the HTTP API, from an address, with the claims of a checked token if there is one.
fn event(address: &str, claims: Option<Value>) -> Value {
    let mut event = json!({
        "version": "2.0", "routeKey": "POST /v1/sessions", "rawPath": "/v1/sessions", "rawQueryString": "",
        "headers": {"content-type": "application/json"}, "body": GOOD, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "0", "apiId": "a", "stage": "$default", "requestId": "r", "timeEpoch": 0,
            "routeKey": "POST /v1/sessions",
            "http": {
                "method": "POST", "path": "/v1/sessions", "protocol": "HTTP/1.1", "sourceIp": address, "userAgent": "u",
            },
        },
    });
    if let Some(claims) = claims {
        event["requestContext"]["authorizer"] = json!({"jwt": {"claims": claims, "scopes": null}});
    }
    event
}

#[tokio::test]
async fn a_client_is_a_subject_of_its_issuer_or_else_an_address() {
    let stack = limited(1, LONG_WINDOW).await;
    let status = async |event: Value| {
        let answer = stack.running.cloud.invoke("SessionFunction", &event).await;
        let answer: Value = serde_json::from_slice(&answer.unwrap()).unwrap();
        answer["statusCode"].as_u64().unwrap()
    };
    let token = |issuer: &str, subject: &str| Some(json!({"iss": issuer, "sub": subject}));
    for (address, claims, expected) in [
        ("192.0.2.1", token("https://a.example", "bob"), 201),
        // Whoever it is, and not where from.
        ("192.0.2.2", token("https://a.example", "bob"), 429),
        ("192.0.2.1", token("https://a.example", "eve"), 201),
        ("192.0.2.1", token("https://b.example", "bob"), 201),
        // Nobody has checked who it is.
        ("192.0.2.1", None, 201),
        ("192.0.2.1", None, 429),
        ("192.0.2.1", Some(json!({"iss": "https://a.example"})), 429),
        ("192.0.2.2", None, 201),
        ("2001:db8:1:2::1", None, 201),
        ("2001:db8:1:2:9::9", None, 429),
        ("2001:db8:1:3::1", None, 201),
        ("::ffff:192.0.2.2", None, 429),
        // An HTTP API always names the address.
        ("", None, 500),
    ] {
        let what = format!("{address} {claims:?}");
        assert_eq!(status(event(address, claims)).await, expected, "{what}");
    }
    stack.running.shutdown().await;
}

use dodolens::wire::problem::ProblemCode::{TooManySessions, Unauthorized};
use dodolens_tests::stack::{Setup, TestStack};
use reqwest::{
    Method, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
        ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD,
        ORIGIN,
    },
};

use crate::support::{Answer, CHUNK, Raw, send};

const APP: &str = "https://app.example";
const EVIL: &str = "https://evil.example";

async fn preflight(raw: &Raw, path: &str, origin: &str) -> Answer {
    let request = raw
        .request(Method::OPTIONS, path)
        .header(ORIGIN, origin)
        .header(ACCESS_CONTROL_REQUEST_METHOD, "PUT")
        .header(
            ACCESS_CONTROL_REQUEST_HEADERS,
            "authorization,content-digest",
        );
    send(request).await
}

fn words(answer: &Answer, name: reqwest::header::HeaderName) -> Vec<String> {
    let words = answer.header(name).split(',');
    words.map(|word| word.trim().to_ascii_lowercase()).collect()
}

#[tokio::test]
async fn pages_of_listed_origins_alone_may_read_answers() {
    let stack = TestStack::start(Setup {
        parameters: vec![
            ("AllowedOrigins", format!("{APP},http://localhost:3000")),
            ("SessionsPerClient", "1".into()),
        ],
        ..Setup::default()
    })
    .await;
    let raw = Raw::of(&stack);
    let session = stack.open(CHUNK as u64).await;
    let path = format!("/v1/sessions/{}/chunks/0", session.session_id);
    for origin in [APP, "http://localhost:3000"] {
        let allowed = preflight(&raw, &path, origin).await;
        assert!(allowed.status.is_success() && allowed.body.is_empty());
        assert_eq!(allowed.header(ACCESS_CONTROL_ALLOW_ORIGIN), origin);
        let methods = words(&allowed, ACCESS_CONTROL_ALLOW_METHODS);
        assert_eq!(methods, ["get", "post", "put", "delete"]);
        let headers = words(&allowed, ACCESS_CONTROL_ALLOW_HEADERS);
        assert_eq!(headers, ["authorization", "content-type", "content-digest"]);
        assert_eq!(allowed.header(ACCESS_CONTROL_MAX_AGE), "3600");
        assert_eq!(allowed.header(ACCESS_CONTROL_ALLOW_CREDENTIALS), "");
    }
    for origin in [
        EVIL,
        "http://app.example",
        "https://app.example:8443",
        "null",
    ] {
        let refused = preflight(&raw, &path, origin).await;
        for name in [ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_ALLOW_METHODS] {
            assert_eq!(refused.header(name), "", "{origin}");
        }
    }

    // Answers, refusals among them, can be read by the same pages, with the header that says when to come back.
    let snapshot = format!("/v1/sessions/{}", session.session_id);
    for (origin, told) in [(APP, APP), (EVIL, "")] {
        let request = raw.on(&session, Method::GET, "").header(ORIGIN, origin);
        let answer = send(request).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), told);
        let request = raw.request(Method::GET, &snapshot).header(ORIGIN, origin);
        let refused = send(request).await;
        refused.assert_problem(Unauthorized, origin);
        assert_eq!(refused.header(ACCESS_CONTROL_ALLOW_ORIGIN), told);
    }
    let body = r#"{"totalBytes":1,"contentType":"video/mp4"}"#;
    let request = raw.request(Method::POST, "/v1/sessions").body(body);
    let busy = send(request.header(ORIGIN, APP)).await;
    assert_eq!(busy.json()["code"], TooManySessions.as_str());
    assert_ne!(busy.header("retry-after"), "");
    assert_eq!(words(&busy, ACCESS_CONTROL_EXPOSE_HEADERS), ["retry-after"]);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn pages_of_any_origin_may_read_answers_unless_told_otherwise() {
    let stack = TestStack::start(Setup::default()).await;
    let raw = Raw::of(&stack);
    let allowed = preflight(&raw, "/v1/sessions", EVIL).await;
    assert_eq!(allowed.header(ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    let health = raw.request(Method::GET, "/v1/health").header(ORIGIN, EVIL);
    let health = send(health).await;
    assert_eq!(health.header(ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    assert_eq!(health.header(ACCESS_CONTROL_ALLOW_CREDENTIALS), "");
    stack.running.shutdown().await;
}

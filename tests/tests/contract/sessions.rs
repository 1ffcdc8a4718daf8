use dodolens::wire::problem::ProblemCode::{
    self, BodyTooLarge, InvalidChunkBytes, InvalidJson, InvalidRequest, SessionNotFound,
    Unauthorized, UnsupportedVideoType, VideoEmpty, VideoTooLarge,
};
use dodolens_tests::stack::{Setup, TestStack};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Answer, CHUNK, Raw, other_token, send};

#[tokio::test]
async fn a_session_is_opened_as_agreed_or_refused_with_its_problem() {
    let stack = TestStack::start(Setup::default()).await;
    let raw = Raw::of(&stack);
    opened_as_agreed(&stack, &raw).await;
    refused(&raw).await;
    snapshots_need_the_credential(&stack, &raw).await;
    assert_eq!(stack.parts().await, 0);
    stack.running.shutdown().await;
}

async fn create(raw: &Raw, body: impl Into<reqwest::Body>) -> Answer {
    send(raw.request(Method::POST, "/v1/sessions").body(body)).await
}

async fn opened_as_agreed(stack: &TestStack, raw: &Raw) {
    let body = json!({"totalBytes": 3 * 1024 * 1024 + 1, "contentType": "video/mp4; codecs=avc1", "locale": "fr-BE"});
    let answer = create(raw, body.to_string()).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let session = answer.json();
    let members: Vec<_> = session.as_object().unwrap().keys().cloned().collect();
    let mut agreed = [
        "sessionId",
        "token",
        "chunkBytes",
        "totalChunks",
        "websocketUrl",
        "mediaExpiresIn",
        "sessionExpiresAt",
        "maxParallel",
    ];
    agreed.sort_unstable();
    assert_eq!(members, agreed);
    let is_hex = |name: &str, digits: usize| {
        let text = session[name].as_str().unwrap();
        text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    assert!(is_hex("sessionId", 32) && is_hex("token", 64));
    assert_eq!(session["chunkBytes"], 1024 * 1024);
    assert_eq!(session["totalChunks"], 4);
    assert_eq!(session["mediaExpiresIn"], 300);
    assert_eq!(
        session["websocketUrl"]
            .as_str()
            .unwrap()
            .trim_end_matches('/'),
        stack.running.websocket.as_str().trim_end_matches('/')
    );

    let again = create(raw, body.to_string()).await.json();
    assert_ne!(again["sessionId"], session["sessionId"]);
    assert_ne!(again["token"], session["token"]);

    for (bytes, chunk_bytes, chunks) in [(1_u64, 262_144, 1), (104_857_600, 4_194_304, 25)] {
        let body =
            json!({"totalBytes": bytes, "contentType": "video/webm", "chunkBytes": chunk_bytes});
        let answer = create(raw, body.to_string()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{bytes}");
        assert_eq!(answer.json()["totalChunks"], chunks);
    }
}

async fn refused(raw: &Raw) {
    let cases: &[(&[u8], ProblemCode)] = &[
        (b"", InvalidJson),
        (b"totalBytes=1", InvalidJson),
        (b"{\"totalBytes\":1,", InvalidJson),
        (
            b"{\"totalBytes\":1,\"contentType\":\"video/\xff\"}",
            InvalidJson,
        ),
        (b"null", InvalidRequest),
        (b"[]", InvalidRequest),
        (br#"{"totalBytes":1}"#, InvalidRequest),
        (br#"{"contentType":"video/mp4"}"#, InvalidRequest),
        (
            br#"{"totalBytes":"1","contentType":"video/mp4"}"#,
            InvalidRequest,
        ),
        (
            br#"{"totalBytes":-1,"contentType":"video/mp4"}"#,
            InvalidRequest,
        ),
        (
            br#"{"totalBytes":1.5,"contentType":"video/mp4"}"#,
            InvalidRequest,
        ),
        (br#"{"totalBytes":1,"contentType":7}"#, InvalidRequest),
        (
            br#"{"totalBytes":1,"contentType":"video/mp4","chunkBytes":4294967296}"#,
            InvalidRequest,
        ),
        (
            br#"{"totalBytes":1,"contentType":"video/mp4","more":1}"#,
            InvalidRequest,
        ),
        (br#"{"totalBytes":0,"contentType":"video/mp4"}"#, VideoEmpty),
        (
            br#"{"totalBytes":104857601,"contentType":"video/mp4"}"#,
            VideoTooLarge,
        ),
        (
            br#"{"totalBytes":18446744073709551615,"contentType":"video/mp4"}"#,
            VideoTooLarge,
        ),
        (
            br#"{"totalBytes":1,"contentType":"video/mp4","chunkBytes":0}"#,
            InvalidChunkBytes,
        ),
        (
            br#"{"totalBytes":1,"contentType":"video/mp4","chunkBytes":262143}"#,
            InvalidChunkBytes,
        ),
        (
            br#"{"totalBytes":1,"contentType":"video/mp4","chunkBytes":4194305}"#,
            InvalidChunkBytes,
        ),
        (
            br#"{"totalBytes":1,"contentType":"image/jpeg"}"#,
            UnsupportedVideoType,
        ),
        (
            br#"{"totalBytes":1,"contentType":""}"#,
            UnsupportedVideoType,
        ),
    ];
    for (body, code) in cases {
        let what = String::from_utf8_lossy(body);
        create(raw, body.to_vec())
            .await
            .assert_problem(*code, &what);
    }
    let oversized = format!(
        r#"{{"totalBytes":1,"contentType":"video/mp4","locale":"{}"}}"#,
        "x".repeat(4096)
    );
    create(raw, oversized)
        .await
        .assert_problem(BodyTooLarge, "4 KiB of locale");
    let deep = "[".repeat(4000);
    create(raw, deep)
        .await
        .assert_problem(InvalidJson, "deep nesting");
}

async fn snapshots_need_the_credential(stack: &TestStack, raw: &Raw) {
    let session = stack.open(CHUNK as u64 * 3).await;
    let path = format!("/v1/sessions/{}", session.session_id);
    let ask = || raw.request(Method::GET, &path);
    let snapshot = send(ask().bearer_auth(&session.token)).await;
    assert_eq!(snapshot.status, StatusCode::OK);
    let body = snapshot.json();
    assert_eq!(body["state"], "open");
    assert_eq!(body["received"], json!([]));
    assert_eq!(body["missing"], json!([[0, 2]]));
    assert!(body["result"].is_null() && body["problem"].is_null() && body["receipt"].is_null());
    assert!(!String::from_utf8_lossy(&snapshot.body).contains(&session.token));

    send(ask()).await.assert_problem(Unauthorized, "no token");
    let upper = session.token.to_uppercase();
    let malformed = ["", "x", &session.token[1..], &upper].map(|token| format!("Bearer {token}"));
    for value in malformed
        .iter()
        .map(String::as_str)
        .chain(["Basic eDp5", "Bearer"])
    {
        let answer = send(ask().header("authorization", value)).await;
        answer.assert_problem(Unauthorized, value);
    }
    let wrong = send(ask().bearer_auth(other_token())).await;
    wrong.assert_problem(SessionNotFound, "wrong token");
    let unknown = raw.request(Method::GET, &format!("/v1/sessions/{}", "0".repeat(32)));
    let unknown = send(unknown.bearer_auth(&session.token)).await;
    assert_eq!(wrong.body, unknown.body);
    for id in [
        "x",
        &session.session_id.to_uppercase(),
        "..%2f..",
        "%00",
        "%ff",
        "💥",
    ] {
        let answer = send(
            raw.request(Method::GET, &format!("/v1/sessions/{id}"))
                .bearer_auth(&session.token),
        )
        .await;
        answer.assert_problem(SessionNotFound, id);
        assert_eq!(answer.body, unknown.body);
    }
    let other = stack.open(1).await;
    send(ask().bearer_auth(&other.token))
        .await
        .assert_problem(SessionNotFound, "another session's token");
}

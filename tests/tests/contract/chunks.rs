use base64::{Engine as _, engine::general_purpose::STANDARD};
use dodolens::wire::http::SessionCreated;
use dodolens::wire::problem::ProblemCode::{
    ChunkConflict, ChunkLengthMismatch, ChunkOutOfRange, DigestMismatch, InvalidDigest,
    SessionNotFound, Unauthorized,
};
use dodolens_tests::stack::{Setup, TestStack};
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Answer, CHUNK, Raw, other_token, send};

/// Bytes of the last chunk.
const LAST: usize = 1000;

#[tokio::test]
async fn chunks_are_taken_as_agreed_or_refused_and_not_stored() {
    let stack = TestStack::start(Setup::default()).await;
    let raw = Raw::of(&stack);
    refused_and_not_stored(&stack, &raw).await;
    let before = stack.parts().await;
    assert_eq!(before, 0);
    taken_in_any_order(&stack, &raw).await;
    taken_from_several_connections_at_once(&stack).await;
    conflicting_at_once(&stack).await;
    stack.running.shutdown().await;
}

fn bytes(index: usize, len: usize) -> Vec<u8> {
    (0..len).map(|at| ((at * 31) ^ (index * 7)) as u8).collect()
}

async fn put(raw: &Raw, session: &SessionCreated, index: &str, bytes: Vec<u8>) -> Answer {
    let below = format!("/chunks/{index}");
    send(raw.on(session, Method::PUT, &below).body(bytes)).await
}

async fn ranges(raw: &Raw, session: &SessionCreated) -> (Value, Value) {
    let snapshot = send(raw.on(session, Method::GET, "")).await.json();
    (snapshot["received"].clone(), snapshot["missing"].clone())
}

async fn refused_and_not_stored(stack: &TestStack, raw: &Raw) {
    let session = stack.open((CHUNK + LAST) as u64).await;
    for index in [
        "-1",
        "abc",
        "2",
        "4294967295",
        "4294967296",
        "0x0",
        "%20",
        "1.0",
        "+0",
        "💥",
    ] {
        let answer = put(raw, &session, index, bytes(0, CHUNK)).await;
        answer.assert_problem(ChunkOutOfRange, index);
    }
    for (index, len) in [
        ("0", 0),
        ("0", 1),
        ("0", CHUNK - 1),
        ("0", CHUNK + 1),
        ("1", CHUNK),
        ("1", LAST + 1),
        ("0", 4 * 1024 * 1024),
    ] {
        let answer = put(raw, &session, index, bytes(0, len)).await;
        answer.assert_problem(ChunkLengthMismatch, &format!("{index} with {len} bytes"));
    }
    let good = format!(":{}:", STANDARD.encode(Sha256::digest(bytes(0, CHUNK))));
    let wrong = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(b"other")));
    for (digest, code) in [
        (wrong.clone(), DigestMismatch),
        (format!("md5=:AAAA:, {wrong}"), DigestMismatch),
        (String::new(), InvalidDigest),
        ("sha-256".into(), InvalidDigest),
        ("sha-256=:AAAA:".into(), InvalidDigest),
        ("sha-256=:!:".into(), InvalidDigest),
        (format!("sha-512={good}"), InvalidDigest),
        (good.clone(), InvalidDigest),
    ] {
        let request = raw
            .on(&session, Method::PUT, "/chunks/0")
            .body(bytes(0, CHUNK));
        let answer = send(request.header("content-digest", &digest)).await;
        answer.assert_problem(code, &digest);
    }
    let path = format!("/v1/sessions/{}/chunks/0", session.session_id);
    for (authorization, code) in [
        (None, Unauthorized),
        (Some("Bearer x".to_owned()), Unauthorized),
        (Some(format!("Basic {}", session.token)), Unauthorized),
        (Some(format!("Bearer {}", other_token())), SessionNotFound),
    ] {
        let mut request = raw.request(Method::PUT, &path).body(bytes(0, CHUNK));
        if let Some(value) = &authorization {
            request = request.header("authorization", value);
        }
        send(request)
            .await
            .assert_problem(code, &format!("{authorization:?}"));
    }
    // The gateway's own refusals: over 10 MB of body, and over 6 MB of event, in which the body is base64.
    for len in [11 * 1024 * 1024, 6 * 1024 * 1024] {
        let answer = put(raw, &session, "0", vec![0; len]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{len}");
    }
    let untouched = send(raw.on(&session, Method::GET, "")).await.json();
    assert_eq!(untouched["seq"], 0);
    assert_eq!(untouched["missing"], json!([[0, 1]]));
    assert_eq!(stack.parts().await, 0);

    // The session goes on.
    let request = raw
        .on(&session, Method::PUT, "/chunks/0")
        .body(bytes(0, CHUNK));
    let answer = send(request.header("content-digest", format!("sha-256={good}"))).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.body.is_empty());
    assert_eq!(stack.parts().await, 1);
    stack.client.erase(&session).await.unwrap();
}

async fn taken_in_any_order(stack: &TestStack, raw: &Raw) {
    let session = stack.open((4 * CHUNK + LAST) as u64).await;
    for (index, len, received, missing) in [
        (3, CHUNK, json!([[3, 3]]), json!([[0, 2], [4, 4]])),
        (0, CHUNK, json!([[0, 0], [3, 3]]), json!([[1, 2], [4, 4]])),
        (4, LAST, json!([[0, 0], [3, 4]]), json!([[1, 2]])),
        (2, CHUNK, json!([[0, 0], [2, 4]]), json!([[1, 1]])),
        (1, CHUNK, json!([[0, 4]]), json!([])),
    ] {
        let answer = put(raw, &session, &index.to_string(), bytes(index, len)).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{index}");
        assert_eq!(ranges(raw, &session).await, (received, missing));
    }
    assert_eq!(stack.parts().await, 5);
    let before = send(raw.on(&session, Method::GET, "")).await.body;

    let again = put(raw, &session, "3", bytes(3, CHUNK)).await;
    assert_eq!(again.status, StatusCode::NO_CONTENT);
    let other = put(raw, &session, "3", bytes(8, CHUNK)).await;
    other.assert_problem(ChunkConflict, "other bytes");
    let still = put(raw, &session, "3", bytes(3, CHUNK)).await;
    assert_eq!(still.status, StatusCode::NO_CONTENT);
    assert_eq!(send(raw.on(&session, Method::GET, "")).await.body, before);
    assert_eq!(stack.parts().await, 5);
    stack.client.erase(&session).await.unwrap();
    assert_eq!(stack.parts().await, 0);
}

async fn taken_from_several_connections_at_once(stack: &TestStack) {
    let session = stack.open((8 * CHUNK) as u64).await;
    let devices = [Raw::of(stack), Raw::of(stack), Raw::of(stack)];
    let uploads = devices.iter().flat_map(|raw| {
        let session = &session;
        (0..8).map(move |index| async move {
            put(raw, session, &index.to_string(), bytes(index, CHUNK)).await
        })
    });
    for answer in join_all(uploads).await {
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
    }
    let expected = (json!([[0, 7]]), json!([]));
    assert_eq!(ranges(&devices[0], &session).await, expected);
    assert_eq!(stack.parts().await, 8);
    stack.client.erase(&session).await.unwrap();
}

/// Of different contents for one chunk at the same time none may win, and the chunk is missing again; two never do.
async fn conflicting_at_once(stack: &TestStack) {
    let session = stack.open(CHUNK as u64).await;
    let raw = Raw::of(stack);
    let contents = 0..6;
    let puts = contents
        .clone()
        .map(|content| put(&raw, &session, "0", bytes(content, CHUNK)));
    for answer in join_all(puts).await {
        if answer.status != StatusCode::NO_CONTENT {
            answer.assert_problem(ChunkConflict, "one of many contents");
        }
    }
    let mut taken = 0;
    for content in contents {
        let answer = put(&raw, &session, "0", bytes(content, CHUNK)).await;
        if answer.status == StatusCode::NO_CONTENT {
            taken += 1;
        } else {
            answer.assert_problem(ChunkConflict, "another content");
        }
    }
    assert_eq!(taken, 1);
    stack.client.erase(&session).await.unwrap();
    assert_eq!(stack.parts().await, 0);
}

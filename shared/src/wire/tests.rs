//! Whatever comes over a wire: it is read as it was meant, or refused with a code, and never a panic.

use ::http::{HeaderMap, HeaderValue};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use proptest::{collection::vec, prelude::*, sample::select};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    delivery::DeliveryOrder,
    http::{CreateSession, Finalized, Health, SessionCreated, Snapshot},
    job::Job,
    origin::{AllowedOrigins, Origin},
    problem::{Problem, ProblemCode},
    request::{self, MAX_JSON_BYTES},
    response,
    ws::{ClientMessage, ServerMessage},
};
use crate::{
    app::connect::credential_of,
    domain::{
        evidence::{Evidence, Usage},
        fusion::fuse,
        ids::SessionId,
        locale::Locale,
        media::ContentType,
    },
    error::Error,
    testing::{damaged, damaged_json, damaged_text},
};

const ID: &str = "0123456789abcdef0123456789abcdef";
const TIME: &str = "2026-11-21T01:00:00.042Z";

fn create() -> Value {
    json!({"totalBytes": 80_000_000, "contentType": "video/mp4", "chunkBytes": 1_048_576, "locale": "fr-CH"})
}

fn receipt() -> Value {
    json!({
        "schema": "dodolens.receipt/1", "sessionId": ID, "auditId": ID, "reason": "completed", "chunks": 3,
        "parts": 9, "bytes": 3_000_000, "keyId": "v1", "keyDestroyedAt": TIME, "partsVerifiedAbsentAt": TIME,
        "signature": "a..b",
    })
}

fn problem() -> Value {
    json!({
        "type": "urn:dodolens:problem:chunks_missing", "title": "Chunks are missing", "status": 409,
        "code": "chunks_missing", "detail": "two", "missing": [[0, 1], [7, 7]], "retryAfter": 3,
    })
}

fn snapshot() -> Value {
    json!({
        "sessionId": ID, "state": "complete", "seq": 12, "totalChunks": 9, "chunkBytes": 1_048_576,
        "received": [[0, 3], [5, 5]], "missing": [[4, 4]], "progress": {"stage": "analysing", "fraction": 0.5},
        "result": fuse(&Evidence::default(), Locale::Fr, Usage::default()), "problem": problem(),
        "receipt": receipt(), "sessionExpiresAt": TIME,
    })
}

fn created() -> Value {
    json!({
        "sessionId": ID, "token": ID, "chunkBytes": 1_048_576, "totalChunks": 9, "websocketUrl": "wss://a.example",
        "mediaExpiresIn": 300, "sessionExpiresAt": TIME, "maxParallel": 8,
    })
}

/// One message of each kind that a client is sent.
fn events() -> Vec<Value> {
    let data = [
        ("session_joined", snapshot()),
        (
            "chunk_received",
            json!({"index": 3, "received": 4, "totalChunks": 9}),
        ),
        ("processing_started", json!({})),
        (
            "frames_extracted",
            json!({"frames": 8, "sound": true, "durationSeconds": 41.5}),
        ),
        (
            "ai_analysis_progress",
            json!({
                "stage": "analysing", "fraction": 0.55, "more": 3,
                "objects": [{"catalogueId": "chair", "name": "Silla", "quantity": 4},
                    {"catalogueId": null, "name": "Telescopio", "quantity": 1}],
            }),
        ),
        (
            "analysis_complete",
            json!(fuse(&Evidence::default(), Locale::Es, Usage::default())),
        ),
        ("error", problem()),
        ("session_erased", receipt()),
        ("pong", json!({})),
    ];
    data.map(|(kind, data)| json!({"type": kind, "data": data, "sessionId": ID, "seq": 7, "timestamp": TIME}))
        .to_vec()
}

/// What is read of `document` is written and read again as the same.
fn stable<T: DeserializeOwned + Serialize>(document: Value) -> Option<Value> {
    let read: T = serde_json::from_value(document).ok()?;
    let written = serde_json::to_value(&read).unwrap();
    let again: T = serde_json::from_value(written.clone()).expect("what we write, we read");
    assert_eq!(serde_json::to_value(&again).unwrap(), written);
    Some(written)
}

#[test]
fn what_is_right_comes_back_as_it_was() {
    assert_eq!(stable::<CreateSession>(create()), Some(create()));
    assert_eq!(stable::<Snapshot>(snapshot()), Some(snapshot()));
    assert_eq!(stable::<SessionCreated>(created()), Some(created()));
    assert_eq!(stable::<Problem>(problem()), Some(problem()));
    for event in events() {
        assert_eq!(stable::<ServerMessage>(event.clone()), Some(event));
    }
}

fn header(name: &'static str, values: &[Vec<u8>]) -> HeaderMap {
    let values = values
        .iter()
        .filter_map(|it| HeaderValue::from_bytes(it).ok());
    values
        .map(|value| (::http::HeaderName::from_static(name), value))
        .collect()
}

/// Reads a body as one of the two kinds that clients send; a refusal tells where, and nothing of what is there.
fn read_body<T: DeserializeOwned>(body: &[u8]) -> Result<Option<T>, TestCaseError> {
    match request::json(body) {
        Ok(read) => Ok(Some(read)),
        Err(Error::Rejected(code)) => {
            let right = match code {
                ProblemCode::BodyTooLarge => body.len() > MAX_JSON_BYTES,
                ProblemCode::InvalidRequest => serde_json::from_slice::<Value>(body).is_ok(),
                _ => false,
            };
            prop_assert!(right, "{code:?}");
            Ok(None)
        }
        Err(Error::RejectedFor(ProblemCode::InvalidJson, place)) => {
            let known = ["line", " ", ",", "column"];
            let rest = known
                .iter()
                .fold(place.into_owned(), |text, word| text.replace(word, ""));
            prop_assert!(rest.bytes().all(|byte| byte.is_ascii_digit()), "{rest}");
            Ok(None)
        }
        Err(other) => Err(TestCaseError::fail(other.to_string())),
    }
}

fn subprotocols() -> String {
    format!("dodolens.v1, session.{ID}.{ID}{ID}")
}

proptest! {
    #[test]
    fn a_damaged_body(
        body in damaged(create().to_string().as_bytes()),
        join in damaged(json!({"action": "join_session", "sessionId": ID}).to_string().as_bytes()),
        noise in vec(any::<u8>(), 0..64),
        long in 0_usize..2 * MAX_JSON_BYTES,
    ) {
        for body in [body, join, noise, vec![b' '; long]] {
            read_body::<CreateSession>(&body)?;
            read_body::<ClientMessage>(&body)?;
        }
    }

    #[test]
    fn a_body_with_other_members(
        body in damaged_json(create()),
        join in damaged_json(json!({"action": "join_session", "sessionId": ID})),
    ) {
        if let Some(read) = read_body::<CreateSession>(body.to_string().as_bytes())? {
            // An absent member and null are the same; nothing else is passed over.
            let mut written = serde_json::to_value(read).unwrap();
            for (name, value) in body.as_object().unwrap() {
                prop_assert!(value.is_null() || written[name].take() == *value, "{name}");
            }
        }
        if let Some(ClientMessage::JoinSession { session_id }) = read_body(join.to_string().as_bytes())? {
            prop_assert_eq!(&join["sessionId"], &Value::from(session_id));
        }
    }

    #[test]
    fn an_answer_with_other_members_is_stable_or_refused(
        document in select(events()).prop_flat_map(damaged_json),
        (snapshot, created, problem) in (damaged_json(snapshot()), damaged_json(created()), damaged_json(problem())),
        small in damaged_json(json!({"sessionId": ID, "state": "queued", "status": "ok", "version": "0.1.0"})),
    ) {
        stable::<ServerMessage>(document);
        stable::<Snapshot>(snapshot);
        stable::<SessionCreated>(created);
        stable::<Problem>(problem);
        stable::<Finalized>(small.clone());
        stable::<Health>(small);
    }

    #[test]
    fn every_problem_is_told(code in select(ProblemCode::ALL), place: String, missing: Vec<(u32, u32)>, seconds: u32) {
        let missing = missing.into_iter().map(Into::into).collect();
        for error in [
            Error::RejectedFor(code, place.into()),
            Error::ChunksMissing(missing),
            Error::TooManySessions { retry_after: seconds },
        ] {
            let answer = response::problem(&error);
            let told: Problem = serde_json::from_str(answer.body()).unwrap();
            prop_assert_eq!(answer.status().as_u16(), told.status);
            prop_assert_eq!(told, error.problem());
        }
    }

    #[test]
    fn a_job_names_its_session(id: [u8; 16], noise: String) {
        let id = SessionId::from_bytes(id);
        let body = serde_json::to_string(&Job { session_id: id.to_string() }).unwrap();
        prop_assert_eq!(Job::session(&body), Some(id));
        prop_assert_eq!(Job::session(&noise), None);
    }

    #[test]
    fn a_damaged_job_names_what_it_says_or_nothing(
        text in damaged_text(&json!({"sessionId": ID}).to_string()),
        members in damaged_json(json!({"sessionId": ID})),
    ) {
        for text in [text, members.to_string()] {
            if let Some(id) = Job::session(&text) {
                let body: Value = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(&body["sessionId"], &Value::from(id.to_string()));
            }
        }
    }

    #[test]
    fn a_damaged_order_names_what_it_says_or_nothing(
        text in damaged_text(&json!({"sessionId": ID, "sink": "webhook"}).to_string()),
        members in damaged_json(json!({"sessionId": ID, "sink": "airtable"})),
    ) {
        for text in [text, members.to_string()] {
            if let Some((id, sink)) = DeliveryOrder::read(&text) {
                let body: Value = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(&body["sessionId"], &Value::from(id.to_string()));
                prop_assert_eq!(&body["sink"], sink.as_str());
            }
        }
    }

    #[test]
    fn any_digest_is_read(digest: [u8; 32]) {
        let value = format!("sha-512=:AAAA:, sha-256=:{}:;a=1", BASE64_STANDARD.encode(digest));
        let headers = header("content-digest", &[value.into_bytes()]);
        prop_assert_eq!(request::content_digest(&headers), Ok(Some(digest)));
    }

    #[test]
    fn damaged_headers(
        digest in vec(damaged(b"sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"), 0..3),
        bearer in damaged(format!("Bearer {ID}{ID}").as_bytes()),
        noise in vec(any::<u8>(), 0..80),
    ) {
        let there = header("content-digest", &digest);
        match request::content_digest(&there) {
            Ok(read) => prop_assert_eq!(read.is_none(), there.is_empty()),
            Err(error) => prop_assert_eq!(error.code(), ProblemCode::InvalidDigest),
        }
        let _ = request::content_digest(&header("content-digest", std::slice::from_ref(&noise)));
        for value in [bearer, noise] {
            let headers = header("authorization", &[value]);
            if let Some(token) = request::bearer(&headers) {
                let value = headers["authorization"].to_str().unwrap();
                prop_assert!(value.trim_end().ends_with(token));
            }
        }
    }

    #[test]
    fn damaged_subprotocols(offered in damaged_text(&subprotocols()), noise: String) {
        for offered in [offered, noise] {
            if let Ok(credential) = credential_of(&offered) {
                let needed = format!("session.{}.{}", credential.session, credential.token.expose());
                prop_assert!(offered.contains("dodolens.v1") && offered.contains(&needed));
            }
        }
    }

    #[test]
    fn an_origin_has_scheme_host_and_port_alone(origin in damaged_text("https://app.example:8443"), noise: String) {
        for text in [&origin, &noise] {
            if text.parse::<Origin>().is_ok() {
                let (scheme, rest) = text.split_once("://").unwrap();
                let (host, port) = match rest.rsplit_once(':') {
                    Some((host, port)) if !rest.ends_with(']') => (host, port),
                    _ => (rest, "0"),
                };
                prop_assert!(!scheme.is_empty() && !host.is_empty(), "{text}");
                prop_assert!(!host.contains(['@', '/', '?', '#', ',', ' ']), "{text}");
                prop_assert!(port.bytes().all(|byte| byte.is_ascii_digit()), "{text}");
            }
            let list: Result<AllowedOrigins, _> = format!("https://other.example,{text}").parse();
            if let Ok(list @ AllowedOrigins::Listed { .. }) = list {
                prop_assert!(list.admit(Some("https://other.example")));
                prop_assert!(!list.admit(Some("https://evil.example")));
            }
        }
    }

    #[test]
    fn names_of_types_and_languages(kind in damaged_text("video/mp4; codecs=avc1"), tag in damaged_text("fr-CH")) {
        if let Some(kind) = ContentType::parse(&kind) {
            prop_assert_eq!(ContentType::parse(kind.as_str()), Some(kind));
        }
        if let Some(locale) = Locale::from_tag(&tag) {
            prop_assert_eq!(Locale::from_tag(locale.code()), Some(locale));
        }
    }
}

//! Whatever comes over a wire: it is read as it was meant, or refused with a code, and never a panic.

use proptest::{prelude::*, sample::select};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    delivery::DeliveryOrder,
    http::{CreateSession, Finalized, Health, SessionCreated, Snapshot},
    job::Job,
    problem::Problem,
    ws::ServerMessage,
};
use dodolens_domain::{
    evidence::{Evidence, Usage},
    fusion::fuse,
    ids::SessionId,
    locale::Locale,
    media::ContentType,
};
use dodolens_testing::{damaged_json, damaged_text};

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

proptest! {
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
    fn names_of_types_and_languages(kind in damaged_text("video/mp4; codecs=avc1"), tag in damaged_text("fr-CH")) {
        if let Some(kind) = ContentType::parse(&kind) {
            prop_assert_eq!(ContentType::parse(kind.as_str()), Some(kind));
        }
        if let Some(locale) = Locale::from_tag(&tag) {
            prop_assert_eq!(Locale::from_tag(locale.code()), Some(locale));
        }
    }
}

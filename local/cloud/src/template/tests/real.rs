//! `template.yaml` itself: that it can be run here, and that its parts fit one another.

use std::{collections::BTreeMap, time::Duration};

use super::{sinks::WITH_SINKS, with};
use serde_json::json;

use crate::stack::{HttpRoute, Key, SecretValue};

const TEMPLATE: &str = include_str!("../../../../../template.yaml");

#[test]
fn every_function_of_the_template_has_a_crate_and_nothing_else() {
    let stack = with(TEMPLATE, &WITH_SINKS).unwrap();
    let mut binaries: Vec<_> = stack
        .functions
        .values()
        .map(|function| function.binary.clone())
        .collect();
    let functions =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions")).unwrap();
    let mut crates: Vec<_> = functions
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    binaries.sort();
    crates.sort();
    assert_eq!(binaries, crates);
}

#[test]
fn the_template_gives_functions_what_works_here() {
    let stack = with(
        TEMPLATE,
        &[
            ("AuthMode", "none"),
            ("AiApiKeys", "{}"),
            ("MaxFrames", "4"),
        ],
    )
    .unwrap();
    let process = &stack.functions["ProcessFunction"];
    let expected = BTreeMap::from(
        [
            (
                "AI_BASE_URLS",
                "openai=https://api.openai.com/v1,anthropic=https://api.anthropic.com/v1,\
                 gemini=https://generativelanguage.googleapis.com/v1beta",
            ),
            ("AI_BUDGET_USD", "1.5"),
            ("AI_CALL_LIMITS", "pictures=18,megabytes=14,tokens=16000"),
            ("AI_CUES", "openai:gpt-6-luna"),
            (
                "AI_KEY_SECRET",
                "arn:aws:secretsmanager:eu-west-3:000000000000:secret:dodolens-AiKey-l0cal0",
            ),
            ("AI_PRICES", "{}"),
            ("AI_SPEECH", "openai:gpt-transcribe"),
            ("AI_VISION", "openai:gpt-6-luna"),
            ("CHUNKS_TABLE", "dodolens-Chunks"),
            ("CHUNK_STORE", "dynamodb"),
            ("CONNECTIONS_ENDPOINT", "http://127.0.0.1:3002/v1"),
            ("DECODER_JAIL", "strict"),
            ("FFMPEG_PATH", "/layers/bin/ffmpeg"),
            (
                "JOBS_QUEUE_URL",
                "http://127.0.0.1:3003/000000000000/dodolens-Jobs",
            ),
            ("LOG_LEVEL", "info"),
            (
                "MASTER_KEY_SECRET",
                "arn:aws:secretsmanager:eu-west-3:000000000000:secret:dodolens-MasterKey-l0cal0",
            ),
            ("DELETE_PARTS", "explicit"),
            ("MAX_FRAMES", "4"),
            ("MEDIA_TTL_SECONDS", "300"),
            (
                "RECEIPT_KEY_SECRET",
                "arn:aws:secretsmanager:eu-west-3:000000000000:secret:dodolens-ReceiptKey-l0cal0",
            ),
            ("RESULT_TTL_SECONDS", "86400"),
            ("SESSIONS_TABLE", "dodolens-Sessions"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    assert_eq!(process.environment, expected);
    assert_eq!(process.timeout, Duration::from_secs(120));
    assert_eq!(process.queues[0].queue, "dodolens-Jobs");
    assert_eq!(
        (
            process.queues[0].batch_size,
            process.queues[0].max_concurrency
        ),
        (1, Some(100))
    );
    assert!(process.queues[0].partial_batch_response);
    assert_eq!(
        stack.functions["SessionFunction"].environment["WEBSOCKET_URL"],
        "ws://127.0.0.1:3001/v1"
    );
    assert_eq!(
        stack.functions["SweepFunction"].schedules[0].every,
        Duration::from_secs(60)
    );
    let rotate = &stack.functions["RotateKeyFunction"];
    assert!(rotate.queues.is_empty());
    assert_eq!(rotate.schedules[0].every, Duration::from_secs(3600));
    let session = &stack.functions["SessionFunction"].environment;
    assert_eq!(
        (
            session["SESSIONS_PER_CLIENT"].as_str(),
            session["QUOTA_WINDOW_SECONDS"].as_str()
        ),
        ("20", "3600")
    );
    let connect = &stack.functions["WebSocketConnectFunction"].environment;
    assert_eq!(connect["WEBSOCKET_ORIGINS"], "*");
}

#[test]
fn the_template_has_the_routes_of_the_contract() {
    let stack = with(TEMPLATE, &[("AuthMode", "none")]).unwrap();
    let mut routes: Vec<_> = stack
        .http
        .routes
        .iter()
        .map(
            |HttpRoute {
                 method,
                 path,
                 function,
             }| format!("{method} {path} {function}"),
        )
        .collect();
    routes.sort();
    assert_eq!(
        routes,
        [
            "ANY $default SessionFunction",
            "DELETE /v1/sessions/{id} SessionFunction",
            "GET /v1/health SessionFunction",
            "GET /v1/receipt-keys SessionFunction",
            "GET /v1/sessions/{id} SessionFunction",
            "POST /v1/sessions SessionFunction",
            "POST /v1/sessions/{id}/finalize FinalizeFunction",
            "PUT /v1/sessions/{id}/chunks/{index} ChunkUploadFunction",
        ]
    );
    let actions: Vec<_> = stack.websocket.routes.keys().map(String::as_str).collect();
    assert_eq!(
        actions,
        [
            "$connect",
            "$default",
            "$disconnect",
            "join_session",
            "ping"
        ]
    );
    assert!(
        stack
            .websocket
            .routes
            .values()
            .all(|function| function == "WebSocketConnectFunction")
    );
    assert_eq!(stack.websocket.stage, "v1");
    assert_eq!(stack.http.cors.unwrap().allow_origins, ["*"]);
}

#[test]
fn the_template_has_its_tables_queues_and_secrets() {
    let stack = with(
        TEMPLATE,
        &[
            ("AuthMode", "none"),
            ("AiApiKeys", r#"{"openai":"very-secret"}"#),
        ],
    )
    .unwrap();
    let sessions = stack
        .tables
        .iter()
        .find(|table| table.name == "dodolens-Sessions")
        .unwrap();
    assert_eq!(
        sessions.key,
        Key {
            hash: "session_id".to_owned(),
            range: None
        }
    );
    assert_eq!(
        sessions.indexes[0].key,
        Key {
            hash: "sweep_shard".to_owned(),
            range: Some("sweep_at".to_owned())
        }
    );
    assert_eq!(sessions.attributes["sweep_at"], "N");
    assert!(
        stack
            .tables
            .iter()
            .all(|table| table.ttl_attribute.as_deref() == Some("ttl"))
    );

    let [dead, jobs] = stack.queues.as_slice() else {
        panic!("two queues")
    };
    assert_eq!(dead.name, "dodolens-JobsDeadLetter");
    assert_eq!(
        jobs.redrive,
        Some(("dodolens-JobsDeadLetter".to_owned(), 2))
    );
    let process = &stack.functions["ProcessFunction"];
    assert!(
        jobs.visibility > process.timeout,
        "or SQS hands out what is still being processed"
    );
    assert!(dead.visibility > stack.functions["SweepFunction"].timeout);

    let [ai, master, receipts] = stack.secrets.as_slice() else {
        panic!("three secrets")
    };
    assert_eq!(
        ai.value,
        SecretValue::Given(r#"{"openai":"very-secret"}"#.to_owned())
    );
    assert_eq!(
        master.value,
        SecretValue::Generated {
            length: 64,
            within: None
        }
    );
    assert_eq!(
        master.rotation,
        Some(("RotateKeyFunction".to_owned(), Duration::from_secs(86_400)))
    );
    let SecretValue::Generated {
        within: Some(within),
        ..
    } = &receipts.value
    else {
        panic!("a key within an object")
    };
    assert_eq!(
        (&within.template["past"], within.key.as_str()),
        (&json!([]), "seed")
    );
    assert!(!format!("{stack:?}").contains("very-secret"));
}

#[test]
fn http_functions_answer_within_the_gateway_s_30_seconds() {
    let stack = with(TEMPLATE, &[("AuthMode", "none")]).unwrap();
    for route in &stack.http.routes {
        assert!(
            stack.functions[&route.function].timeout <= Duration::from_secs(29),
            "{}",
            route.function
        );
    }
}

#[test]
fn a_token_that_nobody_here_can_check_is_refused() {
    let error = with(TEMPLATE, &[]).unwrap_err().to_string();
    assert!(
        error.contains("CreateSessionRoute, property AuthorizationType"),
        "{error}"
    );
}

#[test]
fn parts_are_in_dynamodb_or_in_valkey_and_valkey_needs_a_network() {
    let valkey = [
        ("AuthMode", "none"),
        ("ChunkStore", "valkey"),
        ("Network", "vpc"),
    ];
    let stack = with(TEMPLATE, &valkey).unwrap();
    for function in [
        "SessionFunction",
        "ChunkUploadFunction",
        "ProcessFunction",
        "SweepFunction",
    ] {
        let environment = &stack.functions[function].environment;
        assert_eq!(environment["CHUNK_STORE"], "valkey");
        assert_eq!(
            environment["VALKEY_URL"],
            "rediss://parts@dodolens-PartsCache.invalid:6379"
        );
        assert!(environment["VALKEY_SECRET"].contains("PartsPassword"));
        assert!(!environment.contains_key("CHUNKS_TABLE"));
    }
    let is_password = |name: &str| name.ends_with("PartsPassword");
    assert!(stack.secrets.iter().any(|s| is_password(&s.name)));

    let refused = with(TEMPLATE, &valkey[..2]).unwrap_err();
    assert!(
        refused.to_string().contains("needs Network vpc"),
        "{refused}"
    );
    let stack = with(TEMPLATE, &[("AuthMode", "none")]).unwrap();
    assert!(!stack.secrets.iter().any(|s| is_password(&s.name)));
    let environment = &stack.functions["SweepFunction"].environment;
    assert!(!environment.keys().any(|name| name.starts_with("VALKEY")));
}

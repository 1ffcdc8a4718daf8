//! The forms of the providers other than OpenAI, over raw HTTP.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Client;
use serde_json::{Value, json};

use super::*;
use crate::Provider;

fn schema() -> Value {
    let nullable =
        |id: &str| json!({"anyOf": [{"type": "string", "enum": [id]}, {"type": "null"}]});
    things_schema(&nullable("tv"), &nullable("office"))
}

fn data() -> String {
    STANDARD.encode(jpeg(&picture(200, 200, &[("tv", "office", 10, 10, 4)])))
}

/// A request that is answered, and where the answer's text is.
fn good(provider: Provider) -> (Value, &'static str) {
    match provider {
        Provider::Anthropic => (
            json!({
                "model": "claude-haiku-4-5", "max_tokens": 500, "system": "Look.",
                "messages": [{"role": "user", "content": [
                    {"type": "text", "text": "Frame 0"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": data()}},
                ]}],
                "output_config": {"format": {"type": "json_schema", "schema": schema()}},
            }),
            "/content/0/text",
        ),
        Provider::Gemini => (
            json!({
                "systemInstruction": {"parts": [{"text": "Look."}]},
                "contents": [{"role": "user", "parts": [
                    {"text": "Frame 0"}, {"inlineData": {"mimeType": "image/jpeg", "data": data()}},
                ]}],
                "generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": schema(),
                    "maxOutputTokens": 500},
            }),
            "/candidates/0/content/parts/0/text",
        ),
        Provider::OpenAi | Provider::Compatible => (
            json!({
                "model": "sees-at-home", "max_tokens": 500,
                "messages": [
                    {"role": "system", "content": "Look."},
                    {"role": "user", "content": [
                        {"type": "text", "text": "Frame 0"},
                        {"type": "image_url", "image_url": {"url": format!("data:image/jpeg;base64,{}", data())}},
                    ]},
                ],
                "response_format": {"type": "json_schema",
                    "json_schema": {"name": "seen", "strict": true, "schema": schema()}},
            }),
            "/choices/0/message/content",
        ),
    }
}

async fn post(peer: &Peer, provider: Provider, key: &str, body: &Value) -> (u16, Value) {
    let (path, header, value) = match provider {
        Provider::Anthropic => ("/messages", "x-api-key", key.to_owned()),
        Provider::Gemini => (
            "/models/gemini-3.1-flash-lite:generateContent",
            "x-goog-api-key",
            key.to_owned(),
        ),
        Provider::OpenAi | Provider::Compatible => (
            "/chat/completions",
            "authorization",
            format!("Bearer {key}"),
        ),
    };
    let url = format!("{}{path}", peer.base_urls()[provider.name()]);
    let request = Client::new().post(url).header(header, value);
    let request = request.header("anthropic-version", "2023-06-01");
    let response = request.json(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

const OTHERS: [Provider; 3] = [Provider::Anthropic, Provider::Gemini, Provider::Compatible];

#[tokio::test]
async fn a_good_request_is_answered_in_each_form() {
    let peer = peer(PeerOptions::new(KEY)).await;
    for provider in OTHERS {
        let (body, text) = good(provider);
        let (status, answer) = post(&peer, provider, KEY, &body).await;
        assert_eq!(status, 200, "{answer}");
        let text = answer.pointer(text).unwrap().as_str().unwrap();
        let seen: Value = serde_json::from_str(text).unwrap();
        assert_eq!(seen["things"][0]["catalogueId"], "tv");
        assert_eq!(seen["things"][0]["room"], "office");
        let (status, _) = post(&peer, provider, "sk-other", &body).await;
        assert_eq!(status, 401);
    }
}

#[tokio::test]
async fn every_bad_request_is_refused_in_each_form() {
    let peer = peer(PeerOptions::new(KEY)).await;
    let rows = [
        (Provider::Anthropic, "", "temperature", json!(0), 400),
        (Provider::Anthropic, "", "model", json!("claude-9"), 404),
        (Provider::Anthropic, "", "max_tokens", json!(0), 400),
        (Provider::Anthropic, "", "system", json!(5), 400),
        (
            Provider::Anthropic,
            "/messages/0",
            "role",
            json!("assistant"),
            400,
        ),
        (
            Provider::Anthropic,
            "/messages/0/content/0",
            "text",
            json!(""),
            400,
        ),
        (
            Provider::Anthropic,
            "/messages/0/content/1",
            "type",
            json!("input_image"),
            400,
        ),
        (
            Provider::Anthropic,
            "/messages/0/content/1/source",
            "media_type",
            json!("image/bmp"),
            400,
        ),
        (
            Provider::Anthropic,
            "/messages/0/content/1/source",
            "data",
            json!("%"),
            400,
        ),
        (
            Provider::Anthropic,
            "/output_config/format",
            "strict",
            json!(true),
            400,
        ),
        (
            Provider::Anthropic,
            "/output_config/format/schema",
            "required",
            json!([]),
            400,
        ),
        (
            Provider::Gemini,
            "",
            "model",
            json!("gemini-3.1-flash-lite"),
            400,
        ),
        (Provider::Gemini, "/contents/0", "role", json!("model"), 400),
        (
            Provider::Gemini,
            "/contents/0/parts/1/inlineData",
            "mimeType",
            json!("image/bmp"),
            400,
        ),
        (
            Provider::Gemini,
            "/contents/0/parts/0",
            "extra",
            json!(1),
            400,
        ),
        (
            Provider::Gemini,
            "/generationConfig",
            "responseMimeType",
            json!("text/plain"),
            400,
        ),
        (
            Provider::Gemini,
            "/generationConfig",
            "maxOutputTokens",
            json!("many"),
            400,
        ),
        (
            Provider::Gemini,
            "/generationConfig/responseJsonSchema/properties/things/items/properties",
            "room",
            json!({"type": ["string", "null"], "enum": ["office", null]}),
            400,
        ),
        (Provider::Compatible, "", "store", json!(false), 400),
        (Provider::Compatible, "", "model", json!("gpt-6-luna"), 404),
        (Provider::Compatible, "", "messages", json!([]), 400),
        (
            Provider::Compatible,
            "/messages/0",
            "role",
            json!("user"),
            400,
        ),
        (
            Provider::Compatible,
            "/messages/1/content/1/image_url",
            "url",
            json!("https://a.example/b"),
            400,
        ),
        (Provider::Compatible, "", "stream", json!("yes"), 400),
        (Provider::Compatible, "", "stream", json!(true), 400),
        (
            Provider::Compatible,
            "",
            "stream_options",
            json!({"include_usage": true}),
            400,
        ),
        (Provider::Anthropic, "", "stream", json!(true), 400),
        (
            Provider::Compatible,
            "/response_format",
            "type",
            json!("json_object"),
            400,
        ),
        (
            Provider::Compatible,
            "/response_format/json_schema",
            "strict",
            json!(false),
            400,
        ),
    ];
    for (provider, at, name, value, expected) in rows {
        let (mut body, _) = good(provider);
        body.pointer_mut(at).unwrap()[name] = value;
        let (status, answer) = post(&peer, provider, KEY, &body).await;
        assert_eq!(status, expected, "{provider:?} {at}/{name}: {answer}");
        assert!(answer["error"]["message"].is_string());
    }
    assert!(peer.seen().iter().all(|seen| seen.status != 200));
}

#[tokio::test]
async fn an_answer_that_is_too_long_says_so_in_each_form() {
    let peer = peer(PeerOptions::new(KEY)).await;
    for (provider, at, name, reason, cut) in [
        (
            Provider::Anthropic,
            "",
            "max_tokens",
            "/stop_reason",
            "max_tokens",
        ),
        (
            Provider::Gemini,
            "/generationConfig",
            "maxOutputTokens",
            "/candidates/0/finishReason",
            "MAX_TOKENS",
        ),
        (
            Provider::Compatible,
            "",
            "max_tokens",
            "/choices/0/finish_reason",
            "length",
        ),
    ] {
        let (mut body, _) = good(provider);
        body.pointer_mut(at).unwrap()[name] = json!(5);
        let (status, answer) = post(&peer, provider, KEY, &body).await;
        assert_eq!((status, answer.pointer(reason)), (200, Some(&json!(cut))));
    }
}

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Client;
use serde_json::{Value, json};

use super::*;
use crate::Task;

fn data_url(bytes: &[u8]) -> String {
    format!("data:image/jpeg;base64,{}", STANDARD.encode(bytes))
}

/// A request that is answered.
fn good() -> Value {
    let nullable = |id: &str| json!({"type": ["string", "null"], "enum": [id, null]});
    let schema = things_schema(&nullable("tv"), &nullable("office"));
    let image = data_url(&jpeg(&picture(200, 200, &[("tv", "office", 10, 10, 4)])));
    json!({
        "model": "gpt-6-luna",
        "store": false,
        "input": [{"role": "user", "content": [
            {"type": "input_text", "text": "Frame 0"},
            {"type": "input_image", "image_url": image, "detail": "low"},
        ]}],
        "text": {"format": {"type": "json_schema", "name": "seen", "strict": true, "schema": schema}},
    })
}

async fn post(peer: &Peer, key: &str, body: &Value) -> (u16, Value) {
    let request = Client::new().post(format!("{}/responses", peer.base_url()));
    let response = request.bearer_auth(key).json(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_good_request_is_answered_in_the_published_form() {
    let peer = peer(PeerOptions::new(KEY)).await;
    let (status, body) = post(&peer, KEY, &good()).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(
        (&body["object"], &body["status"]),
        (&json!("response"), &json!("completed"))
    );
    assert!(body["id"].as_str().unwrap().starts_with("resp_"));
    let text = body["output"][0]["content"][0]["text"].as_str().unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(text).unwrap(),
        json!({"things": [{"catalogueId": "tv", "label": "tv", "room": "office", "count": 1,
            "seen": [{"frame": 0, "count": 1}], "mark": "", "size": "medium", "fragile": false, "confidence": 0.97}]})
    );
    // 7 × 7 tiles, and the seven characters of the one text.
    assert_eq!(body["usage"]["input_tokens"], json!(51));
    let seen = peer.seen();
    assert_eq!((seen[0].task, seen[0].status), (Task::Vision, 200));
    assert_eq!(seen[0].pictures, [(200, 200)]);
}

#[tokio::test]
async fn an_answer_longer_than_allowed_is_cut() {
    let peer = peer(PeerOptions::new(KEY)).await;
    let mut body = good();
    body["max_output_tokens"] = json!(16);
    let (_, body) = post(&peer, KEY, &body).await;
    assert_eq!(body["status"], "incomplete");
    assert_eq!(body["incomplete_details"]["reason"], "max_output_tokens");
    assert_eq!(body["usage"]["output_tokens"], json!(16));
}

#[tokio::test]
async fn every_bad_request_is_refused() {
    let peer = peer(PeerOptions::new(KEY)).await;
    let schema = "/text/format/schema";
    let item = "/text/format/schema/properties/things/items";
    let image = "/input/0/content/1";
    let large = data_url(&jpeg(&picture(2_100, 8, &[])));
    for (at, name, value, status, param) in [
        ("", "model", json!("gpt-4-vision-preview"), 404, "model"),
        ("", "model", json!("gpt-transcribe"), 404, "model"),
        ("", "model", Value::Null, 400, "model"),
        ("", "store", json!(true), 400, "store"),
        ("", "store", Value::Null, 400, "store"),
        ("", "messages", json!([]), 400, "messages"),
        ("", "stream", json!("yes"), 400, "stream"),
        ("", "input", json!([]), 400, "input"),
        (
            "",
            "reasoning",
            json!({"effort": "lots"}),
            400,
            "reasoning.effort",
        ),
        ("", "max_output_tokens", json!(3), 400, "max_output_tokens"),
        ("/input/0", "role", json!("robot"), 400, "input[0].role"),
        ("/input/0", "name", json!("x"), 400, "input[0].name"),
        (
            image,
            "detail",
            json!("best"),
            400,
            "input[0].content[1].detail",
        ),
        (
            image,
            "type",
            json!("image_url"),
            400,
            "input[0].content[1].type",
        ),
        (
            image,
            "image_url",
            json!({"url": ""}),
            400,
            "input[0].content[1].image_url",
        ),
        (
            image,
            "image_url",
            json!("https://a.example/a.jpg"),
            400,
            "input[0].content[1].image_url",
        ),
        (
            image,
            "image_url",
            json!("data:image/jpeg;base64,$$"),
            400,
            "input[0].content[1].image_url",
        ),
        (
            image,
            "image_url",
            json!(data_url(b"no jpeg")),
            400,
            "input image 0",
        ),
        (image, "image_url", json!(large), 400, "input image 0"),
        (
            "/text/format",
            "type",
            json!("json_object"),
            400,
            "text.format.type",
        ),
        (
            "/text/format",
            "strict",
            json!(false),
            400,
            "text.format.strict",
        ),
        (
            "/text/format",
            "name",
            json!("two words"),
            400,
            "text.format.name",
        ),
        (
            schema,
            "additionalProperties",
            json!(true),
            400,
            "text.format.schema",
        ),
        (schema, "required", json!([]), 400, "text.format.schema"),
        (schema, "type", json!("array"), 400, "text.format.schema"),
        (
            item,
            "required",
            json!(["frame"]),
            400,
            "text.format.schema.properties.things.items",
        ),
        (
            item,
            "minProperties",
            json!(1),
            400,
            "text.format.schema.properties.things.items",
        ),
        // Well-formed, but nothing that the simulator answers.
        (
            schema,
            "properties",
            json!({"things": {"type": "string"}}),
            400,
            "schema",
        ),
    ] {
        let mut body = good();
        body.pointer_mut(at).unwrap()[name] = value.clone();
        let (got, answer) = post(&peer, KEY, &body).await;
        let error = &answer["error"];
        assert_eq!(
            (got, &error["param"]),
            (status, &json!(param)),
            "{at}/{name} {value}: {error}"
        );
        assert_eq!(error["type"], "invalid_request_error");
    }
    let (status, answer) = post(&peer, "sk-other", &good()).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (401, &json!("invalid_api_key"))
    );
}

#[tokio::test]
async fn what_is_no_request_of_the_api_is_refused() {
    let peer = peer(PeerOptions::new(KEY)).await;
    let url = |path: &str| format!("{}{path}", peer.base_url());
    let client = Client::new();
    let status = async |request: reqwest::RequestBuilder| {
        let response = request.bearer_auth(KEY).send().await.unwrap();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        assert!(body["error"]["message"].is_string());
        status
    };
    let json_type = ("content-type", "application/json");
    let post = || client.post(url("/responses"));
    assert_eq!(
        status(post().header(json_type.0, json_type.1).body("{")).await,
        400
    );
    assert_eq!(status(post().body("{}")).await, 415);
    let huge = vec![b' '; (50 << 20) + 1];
    assert_eq!(
        status(post().header(json_type.0, json_type.1).body(huge)).await,
        413
    );
    assert_eq!(status(client.get(url("/responses"))).await, 405);
    assert_eq!(status(client.post(url("/chat/completions"))).await, 404);
    assert_eq!(status(client.post(url("/audio/transcriptions"))).await, 415);
}

#[tokio::test]
async fn models_are_listed() {
    let peer = peer(PeerOptions::new(KEY)).await;
    let get = Client::new().get(format!("{}/models", peer.base_url()));
    assert_eq!(get.try_clone().unwrap().send().await.unwrap().status(), 401);
    let list: Value = get
        .bearer_auth(KEY)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let ids: Vec<&str> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        [
            "gpt-6-luna",
            "gpt-6.1-terra",
            "gpt-6.1-sol",
            "gpt-transcribe",
            "whisper-1"
        ]
    );
}

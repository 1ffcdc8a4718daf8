use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::*;
use crate::{
    domain::{
        catalogue::{ITEMS, ROOMS},
        evidence::Transcript,
        locale::Locale,
    },
    ports::{CueReader as _, Transcriber as _, VisionModel as _},
};

async fn sent(server: &MockServer) -> wiremock::Request {
    server.received_requests().await.unwrap().pop().unwrap()
}

/// Every object of the schema lists all its properties and allows no other; nothing has bounds.
fn assert_portable(schema: &Value) {
    if let Some(properties) = schema["properties"].as_object() {
        let mut required: Vec<&str> = schema["required"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        required.sort_unstable();
        let mut names: Vec<&str> = properties.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(required, names);
        assert_eq!(schema["additionalProperties"], json!(false));
        properties.values().for_each(assert_portable);
    }
    if schema["items"].is_object() {
        assert_portable(&schema["items"]);
    }
    for keyword in ["minimum", "maximum", "maxLength", "maxItems", "pattern"] {
        assert_eq!(schema[keyword], Value::Null);
    }
}

#[tokio::test]
async fn frames_go_out_as_the_responses_api_wants_them() {
    let server = server(vec![ok(&completed(r#"{"observations":[]}"#))]).await;
    let ai = open_ai(config(format!("{}/v1/", server.uri())));
    let read = ai
        .observe(&[frame(b"first"), frame(b"second \xff")], Locale::Fr)
        .await
        .unwrap();
    assert_eq!((read.usage.input_tokens, read.usage.output_tokens), (31, 7));

    let request = sent(&server).await;
    assert_eq!(request.url.path(), "/v1/responses");
    assert_eq!(request.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(request.headers["content-type"], "application/json");
    let body: Value = request.body_json().unwrap();
    let mut keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(
        keys,
        [
            "input",
            "instructions",
            "max_output_tokens",
            "model",
            "reasoning",
            "store",
            "text"
        ]
    );
    assert_eq!(body["model"], "sees");
    assert_eq!(body["store"], false);
    assert_eq!(body["reasoning"], json!({"effort": "none"}));
    let url = |bytes: &[u8]| format!("data:image/jpeg;base64,{}", STANDARD.encode(bytes));
    assert_eq!(
        body["input"],
        json!([{"role": "user", "content": [
            {"type": "input_text", "text": "Frame 0"},
            {"type": "input_image", "image_url": url(b"first"), "detail": "high"},
            {"type": "input_text", "text": "Frame 1"},
            {"type": "input_image", "image_url": url(b"second \xff"), "detail": "high"},
        ]}])
    );
    let format = &body["text"]["format"];
    assert_eq!(format["type"], "json_schema");
    assert_eq!(format["strict"], true);
    assert_portable(&format["schema"]);
    let ids = &format["schema"]["properties"]["observations"]["items"]["properties"]["catalogueId"];
    assert_eq!(ids["enum"].as_array().unwrap().len(), ITEMS.len() + 1);
    let instructions = body["instructions"].as_str().unwrap();
    for item in ITEMS {
        assert!(instructions.contains(&format!("\n{} = {}\n", item.id, item.name.fr)));
    }
}

#[tokio::test]
async fn a_transcript_goes_out_as_data() {
    let server = server(vec![ok(&completed(r#"{"cues":[]}"#))]).await;
    let ai = open_ai(config(server.uri()));
    let said = "Le \"piano\" reste.\n\u{1f3b9}";
    ai.read(&Transcript::from(said.to_owned()), Locale::Es)
        .await
        .unwrap();

    let body: Value = sent(&server).await.body_json().unwrap();
    assert_eq!(body["model"], "understands");
    assert_eq!(body["store"], false);
    assert_eq!(
        body["input"],
        json!([{"role": "user", "content": [{"type": "input_text", "text": said}]}])
    );
    assert!(!body["instructions"].as_str().unwrap().contains(said));
    assert_portable(&body["text"]["format"]["schema"]);
}

#[tokio::test]
async fn sound_goes_out_in_either_form() {
    for (form, expected) in [
        (
            TranscribeForm::Languages,
            "name=\"languages[]\"\r\n\r\nes\r\n",
        ),
        (TranscribeForm::Language, "name=\"language\"\r\n\r\nes\r\n"),
    ] {
        let server = server(vec![ok(&json!({"text": "hola"}))]).await;
        let mut config = config(server.uri());
        config.transcribe_form = form;
        let read = open_ai(config)
            .transcribe(&sound(), Locale::Es)
            .await
            .unwrap();
        assert_eq!(read.answer.expose(), "hola");
        assert_eq!(read.usage.audio_seconds, 3);

        let request = sent(&server).await;
        assert_eq!(request.url.path(), "/audio/transcriptions");
        let length: usize = request.headers["content-length"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(length, request.body.len());
        let body = String::from_utf8(request.body).unwrap();
        for part in [
            expected,
            "name=\"model\"\r\n\r\nhears\r\n",
            "name=\"response_format\"\r\n\r\njson\r\n",
            "name=\"file\"; filename=\"sound.m4a\"\r\nContent-Type: audio/mp4\r\n\r\nnot really sound\r\n",
        ] {
            assert!(body.contains(part), "{part:?}");
        }
        let keywords = if form == TranscribeForm::Languages {
            ROOMS.len()
        } else {
            0
        };
        assert_eq!(body.matches("name=\"keywords[]\"").count(), keywords);
    }
}

#[test]
fn a_bad_configuration_is_refused() {
    use super::super::ConfigError;
    let new = |url: &str, key: &str| {
        OpenAi::new(config(url.to_owned()), ApiKey::from(key.to_owned())).err()
    };
    for url in [
        "",
        "api.example",
        "ftp://a.example",
        "https://u:p@a.example",
        "https://a.example/?k=v",
    ] {
        assert_eq!(new(url, KEY), Some(ConfigError::BaseUrl), "{url}");
    }
    for key in ["", "two\nlines"] {
        assert_eq!(new("https://a.example/v1", key), Some(ConfigError::Key));
    }
    assert_eq!(new("https://a.example/v1", KEY), None);
}

#[test]
fn the_key_is_never_shown() {
    let ai = open_ai(config("https://a.example/v1".into()));
    assert!(!format!("{ai:?} {:?}", ApiKey::from(KEY.to_owned())).contains(KEY));
}

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{forms::assert_portable, *};
use dodolens_app::ports::{CueReader as _, Task, Transcriber as _, VisionModel as _};
use dodolens_domain::{
    catalogue::{ITEMS, ROOMS},
    evidence::Transcript,
    locale::Locale,
};

#[tokio::test]
async fn frames_go_out_as_the_responses_api_wants_them() {
    let server = server(vec![ok(&completed(r#"{"things":[]}"#))]).await;
    let ai = ai(&config(&format!("{}/v1/", server.uri())));
    let frames = [frame(b"first"), frame(b"second \xff")];
    let read = ai.look(&frames, &terms(Locale::Fr), &unwatched()).await;
    assert_eq!(read.answer.unwrap().looks[0].things, []);
    let [call] = read.calls.as_slice() else {
        panic!("one call")
    };
    let usage = call.usage;
    assert_eq!((usage.input_tokens, usage.output_tokens), (31, 7));
    // 31 tokens at a dollar a million, 7 at two.
    assert_eq!(usage.cost, Usd::from_nanos(45_000));
    assert_eq!(
        (call.provider.as_str(), call.model.as_str(), call.failure),
        ("openai", "sees", None)
    );

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
            "stream",
            "text"
        ]
    );
    assert_eq!(body["model"], "sees");
    assert_eq!(
        (&body["store"], &body["stream"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(body["reasoning"], json!({"effort": "none"}));
    let url = |bytes: &[u8]| format!("data:image/jpeg;base64,{}", STANDARD.encode(bytes));
    assert_eq!(
        body["input"],
        json!([{"role": "user", "content": [
            {"type": "input_text", "text": "Frame 0 (0.0 s)"},
            {"type": "input_image", "image_url": url(b"first"), "detail": "high"},
            {"type": "input_text", "text": "Frame 1 (0.0 s)"},
            {"type": "input_image", "image_url": url(b"second \xff"), "detail": "high"},
        ]}])
    );
    let format = &body["text"]["format"];
    assert_eq!(format["type"], "json_schema");
    assert_eq!(format["strict"], true);
    assert_portable(&format["schema"]);
    let ids = &format["schema"]["properties"]["things"]["items"]["properties"]["catalogueId"];
    assert_eq!(
        ids["anyOf"][0]["enum"].as_array().unwrap().len(),
        ITEMS.len()
    );
    let instructions = body["instructions"].as_str().unwrap();
    for item in ITEMS {
        assert!(instructions.contains(&format!("\n{} = {}\n", item.id, item.name.fr)));
    }
}

#[tokio::test]
async fn a_transcript_goes_out_as_data() {
    let server = server(vec![ok(&completed(r#"{"cues":[]}"#))]).await;
    let ai = ai(&config(&server.uri()));
    let said = "Le \"piano\" reste.\n\u{1f3b9}";
    let transcript = Transcript::from(said.to_owned());
    let read = ai.read(&transcript, &terms(Locale::Es)).await;
    assert_eq!(read.answer, Ok(vec![]));

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
    for (chain, expected) in [
        ("openai:hears", "name=\"languages[]\"\r\n\r\nes\r\n"),
        ("home:hears", "name=\"language\"\r\n\r\nes\r\n"),
    ] {
        let server = server(vec![ok(&json!({"text": "hola"}))]).await;
        let config = AiConfig {
            speech: chain.into(),
            ..config(&server.uri())
        };
        let read = ai(&config).transcribe(&sound(), &terms(Locale::Es)).await;
        assert_eq!(read.answer.unwrap().expose(), "hola");
        // 3 seconds at a cent each.
        let usage = read.calls[0].usage;
        assert_eq!(
            (usage.audio_seconds, usage.cost),
            (3, Usd::from_nanos(30_000_000))
        );

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
        let keywords = match chain {
            "openai:hears" => ROOMS.len(),
            _ => 0,
        };
        assert_eq!(body.matches("name=\"keywords[]\"").count(), keywords);
    }
}

#[test]
fn a_bad_configuration_is_refused() {
    let keyed = |keys: &str| {
        Ai::new(
            &config("https://a.example/v1"),
            &ApiKeys::from_json(keys)?,
            LIMITS,
        )
        .err()
        .map_or(Ok(()), Err)
    };
    for url in [
        "api.example",
        "ftp://a.example",
        "https://u:p@a.example",
        "https://a.example/?k",
    ] {
        assert_eq!(new(&config(url)).err(), Some(ConfigError::BaseUrl), "{url}");
    }
    assert_eq!(keyed(KEYS), Ok(()));
    for (keys, expected) in [
        ("sk-plain", ConfigError::Keys),
        (r#"{"openai": 5}"#, ConfigError::Keys),
        (
            "{}",
            ConfigError::NoKey {
                task: Task::Vision,
                entry: 1,
            },
        ),
        (r#"{"openai": ""}"#, ConfigError::Key),
        (r#"{"openai": "two\nlines"}"#, ConfigError::Key),
    ] {
        assert_eq!(keyed(keys), Err(expected), "{keys}");
    }
    let unpriced = AiConfig {
        cues: "home:unpriced,openai:unpriced".into(),
        ..config("https://a.example/v1")
    };
    let expected = ConfigError::NoPrice {
        task: Task::Cues,
        entry: 2,
    };
    assert_eq!(new(&unpriced).err(), Some(expected));
}

#[test]
fn a_key_is_never_shown() {
    let keys = ApiKeys::from_json(KEYS).unwrap();
    let ai = Ai::new(&config("https://a.example/v1"), &keys, LIMITS).unwrap();
    assert!(!format!("{ai:?} {keys:?}").contains(KEY));
}

use reqwest::{
    Client,
    multipart::{Form, Part},
};
use serde_json::Value;

use super::*;

#[tokio::test]
async fn every_bad_sound_request_is_refused() {
    let peer = peer(PeerOptions::new(KEY)).await;
    let file = || {
        let wav = wav(&speech("hello", 16_000, 0.5));
        Part::bytes(wav).file_name("sound.wav")
    };
    let form = || Form::new().text("model", "gpt-transcribe");
    let noise = Part::bytes(b"not a sound".to_vec()).file_name("sound.mp3");
    let large = Part::bytes(vec![0; (25 << 20) + 1]).file_name("sound.wav");
    for (form, status, told) in [
        (
            form()
                .part("file", file())
                .text("languages[]", "en")
                .text("keywords[]", "sofa"),
            200,
            "hello",
        ),
        (
            Form::new()
                .text("model", "whisper-1")
                .text("language", "en")
                .part("file", file()),
            200,
            "hello",
        ),
        (
            form().text("language", "en").part("file", file()),
            400,
            "language",
        ),
        (
            Form::new()
                .text("model", "whisper-1")
                .text("languages[]", "en")
                .part("file", file()),
            400,
            "languages[]",
        ),
        (
            form().text("languages[]", "english").part("file", file()),
            400,
            "language",
        ),
        (
            form().text("keywords[]", " ").part("file", file()),
            400,
            "keywords[]",
        ),
        (
            form()
                .text("response_format", "verbose_json")
                .part("file", file()),
            400,
            "response_format",
        ),
        (
            form().text("timestamps", "1").part("file", file()),
            400,
            "timestamps",
        ),
        (
            form().text("model", "whisper-1").part("file", file()),
            400,
            "model",
        ),
        (
            Form::new().text("model", "gpt-6-luna").part("file", file()),
            404,
            "model",
        ),
        (Form::new().part("file", file()), 400, "model"),
        (form(), 400, "file"),
        (form().part("file", noise), 400, "file"),
    ] {
        let (got, answer) = transcribe(&peer, form).await;
        let said = answer["text"]
            .as_str()
            .or(answer["error"]["param"].as_str());
        assert_eq!((got, said), (status, Some(told)), "{answer}");
    }
    assert_eq!(transcribe(&peer, form().part("file", large)).await.0, 413);
}

async fn transcribe(peer: &Peer, form: Form) -> (u16, Value) {
    let request = Client::new().post(format!("{}/audio/transcriptions", peer.base_url()));
    let response = request
        .bearer_auth(KEY)
        .multipart(form)
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

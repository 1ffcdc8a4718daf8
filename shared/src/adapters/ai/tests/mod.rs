//! The adapter against a server that answers by script.

mod answers;
mod calls;
mod damaged;
mod hostile;
mod requests;

use std::time::Duration;

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use super::{ApiKey, Detail, OpenAi, OpenAiConfig, TranscribeForm};
use crate::domain::media::{Frame, Sound, SoundFormat};

const KEY: &str = "sk-test-7f3a";

fn config(base_url: String) -> OpenAiConfig {
    OpenAiConfig {
        base_url,
        vision_model: "sees".into(),
        cue_model: "understands".into(),
        transcribe_model: "hears".into(),
        detail: Detail::High,
        transcribe_form: TranscribeForm::Languages,
        vision_deadline: Duration::from_secs(10),
        transcribe_deadline: Duration::from_secs(10),
        cue_deadline: Duration::from_secs(10),
    }
}

fn open_ai(config: OpenAiConfig) -> OpenAi {
    OpenAi::new(config, ApiKey::from(KEY.to_owned())).unwrap()
}

fn frame(jpeg: &[u8]) -> Frame {
    Frame {
        jpeg: jpeg.to_vec().into(),
        at: Duration::ZERO,
    }
}

fn sound() -> Sound {
    Sound {
        bytes: b"not really sound".to_vec().into(),
        format: SoundFormat::M4a,
        duration: Duration::from_millis(2_100),
    }
}

/// A completed response with this text.
fn completed(text: &str) -> Value {
    json!({
        "id": "resp_1", "object": "response", "status": "completed", "error": null, "incomplete_details": null,
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
             "content": [{"type": "output_text", "annotations": [], "text": text}]},
        ],
        "usage": {"input_tokens": 31, "output_tokens": 7, "total_tokens": 38},
    })
}

/// A server that gives these answers, the last one for ever.
async fn server(answers: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    let last = answers.len() - 1;
    for (index, answer) in answers.into_iter().enumerate() {
        let mock = Mock::given(matchers::method("POST")).respond_with(answer);
        if index < last {
            mock.up_to_n_times(1).mount(&server).await;
        } else {
            mock.mount(&server).await;
        }
    }
    server
}

fn ok(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

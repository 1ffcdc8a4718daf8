//! The adapter against servers that answer by script.

mod answers;
mod chain;
mod damaged;
mod failures;
mod forms;
mod hostile;
mod outcomes;
mod requests;
mod rough;
mod streams;
mod windows;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::watch;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use super::{Ai, AiConfig, ApiKeys, CallLimits, ConfigError};
use dodolens_app::ports::Terms;
use dodolens_domain::{
    joining::Look,
    locale::Locale,
    media::{Frame, Sound, SoundFormat},
    money::Usd,
};

const KEY: &str = "sk-test-7f3a";
const KEYS: &str =
    r#"{"openai": "sk-test-7f3a", "anthropic": "sk-test-7f3a", "gemini": "sk-test-7f3a"}"#;
const PRICES: &str = r#"{
    "sees": {"input": 1, "output": 2, "pictureTokens": 1000}, "understands": {"input": 1, "output": 2},
    "hears": {"minute": 0.6}, "dear": {"input": 100, "output": 200, "pictureTokens": 1000}
}"#;

const LIMITS: CallLimits = CallLimits {
    pictures: 18,
    bytes: 14_000_000,
    tokens: 16_000,
};

/// Every provider at the same base URL, and one model for each task.
fn config(base_url: &str) -> AiConfig {
    at(&[
        ("openai", base_url),
        ("anthropic", base_url),
        ("gemini", base_url),
        ("home", base_url),
    ])
}

/// Providers at their base URLs.
fn at(urls: &[(&str, &str)]) -> AiConfig {
    let urls: Vec<String> = urls
        .iter()
        .map(|(name, url)| format!("{name}={url}"))
        .collect();
    AiConfig {
        vision: "openai:sees".into(),
        speech: "openai:hears".into(),
        cues: "openai:understands".into(),
        base_urls: urls.join(","),
        prices: PRICES.into(),
    }
}

fn new(config: &AiConfig) -> Result<Ai, ConfigError> {
    Ai::new(config, &ApiKeys::from_json(KEYS).unwrap(), LIMITS)
}

fn ai(config: &AiConfig) -> Ai {
    new(config).unwrap()
}

/// Terms that nothing fails by.
fn terms(locale: Locale) -> Terms {
    within(Duration::from_secs(100), locale)
}

fn within(time: Duration, locale: Locale) -> Terms {
    Terms {
        locale,
        until: Instant::now() + time,
        budget: Usd::from_dollars(100.0).unwrap(),
    }
}

/// Takes what is found, and nobody looks.
fn unwatched() -> watch::Sender<Vec<Look>> {
    watch::Sender::new(Vec::new())
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

/// A completed response of OpenAI with this text.
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

/// A message of Anthropic with this text.
fn message(text: &str) -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "stop_sequence": null, "content": [{"type": "text", "text": text, "citations": null}],
        "usage": {"input_tokens": 31, "output_tokens": 7, "cache_read_input_tokens": 0},
    })
}

/// Gemini's content with this text, in two parts after a thought.
fn generated(text: &str) -> Value {
    let (first, second) = text.split_at(text.len() / 2);
    json!({
        "candidates": [{"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": [
            {"text": "Let me see.", "thought": true}, {"text": first}, {"text": second}]}}],
        "usageMetadata": {"promptTokenCount": 31, "candidatesTokenCount": 4, "thoughtsTokenCount": 3},
    })
}

/// A chat completion with this text.
fn chatted(text: &str) -> Value {
    json!({
        "id": "chatcmpl_1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null,
            "message": {"role": "assistant", "content": text, "refusal": null}}],
        "usage": {"prompt_tokens": 31, "completion_tokens": 7, "total_tokens": 38},
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

fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}

async fn sent(server: &MockServer) -> wiremock::Request {
    server.received_requests().await.unwrap().pop().unwrap()
}

async fn calls(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

//! Anthropic's Messages API (<https://docs.claude.com/en/api/messages>), with structured output
//! (<https://docs.claude.com/en/docs/build-with-claude/structured-outputs>).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use super::super::question::{Answer, Base64, Part, Question, to_json, wiping};
use dodolens_app::ports::ModelError;
use dodolens_domain::evidence::Usage;

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    max_tokens: u32,
    system: &'a str,
    messages: [Message<'a>; 1],
    output_config: OutputConfig<'a>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Vec<Content<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Content<'a> {
    Text { text: &'a str },
    Image { source: Source<'a> },
}

#[derive(Serialize)]
struct Source<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    media_type: &'static str,
    data: Base64<'a>,
}

#[derive(Serialize)]
struct OutputConfig<'a> {
    format: Format<'a>,
}

#[derive(Serialize)]
struct Format<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: &'a Value,
}

pub(super) fn body(model: &str, question: &Question<'_>) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let content = question.shown.iter().map(|part| match part {
        Part::Text(text) => Content::Text { text },
        Part::Jpeg(jpeg) => Content::Image {
            source: Source {
                kind: "base64",
                media_type: "image/jpeg",
                data: Base64(jpeg),
            },
        },
    });
    to_json(&Request {
        model,
        max_tokens: question.max_output_tokens,
        system: &question.instructions,
        messages: [Message {
            role: "user",
            content: content.collect(),
        }],
        output_config: OutputConfig {
            format: Format {
                kind: "json_schema",
                schema: &question.schema,
            },
        },
    })
}

#[derive(Deserialize)]
struct Response {
    stop_reason: Option<String>,
    #[serde(default)]
    content: Vec<Block>,
    #[serde(default)]
    usage: Tokens,
}

/// Not an enum tagged by `type`: serde would buffer the text to read the tag.
#[derive(Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, deserialize_with = "wiping")]
    text: Option<Zeroizing<String>>,
}

#[derive(Deserialize, Default)]
struct Tokens {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
}

pub(super) fn read(json: &[u8]) -> Result<Answer, ModelError> {
    let response: Response = serde_json::from_slice(json).map_err(|_| ModelError::Malformed)?;
    let used = Usage {
        input_tokens: response.usage.input_tokens,
        output_tokens: response.usage.output_tokens,
        ..Usage::default()
    };
    Ok(Answer {
        text: text(response),
        used,
    })
}

fn text(response: Response) -> Result<Zeroizing<String>, ModelError> {
    match response.stop_reason.as_deref() {
        Some("end_turn") => {}
        Some("max_tokens" | "model_context_window_exceeded") => {
            return Err(ModelError::Truncated);
        }
        Some("refusal") => return Err(ModelError::Refused),
        _ => return Err(ModelError::Malformed),
    }
    let mut text = None;
    for block in response.content {
        match (block.kind.as_str(), block.text) {
            ("text", Some(found)) if text.is_none() => text = Some(found),
            _ => return Err(ModelError::Malformed),
        }
    }
    text.ok_or(ModelError::Empty)
}

//! Chat Completions as servers at home speak it: vLLM
//! (<https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html>), llama.cpp, Ollama
//! (<https://docs.ollama.com/openai>).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use super::super::{
    call::Failed,
    question::{Answer, DataUrl, Part, Question, to_json, wiping},
};
use crate::{domain::evidence::Usage, ports::ModelError};

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: [Message<'a>; 2],
    response_format: ResponseFormat<'a>,
    max_tokens: u32,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Content<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(&'a str),
    Parts(Vec<ContentPart<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ContentPart<'a> {
    Text { text: &'a str },
    ImageUrl { image_url: ImageUrl<'a> },
}

#[derive(Serialize)]
struct ImageUrl<'a> {
    url: DataUrl<'a>,
}

#[derive(Serialize)]
struct ResponseFormat<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    json_schema: JsonSchema<'a>,
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: &'static str,
    strict: bool,
    schema: &'a Value,
}

pub(super) fn body(model: &str, question: &Question<'_>) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let parts = question.shown.iter().map(|part| match part {
        Part::Text(text) => ContentPart::Text { text },
        Part::Jpeg(jpeg) => ContentPart::ImageUrl {
            image_url: ImageUrl { url: DataUrl(jpeg) },
        },
    });
    to_json(&Request {
        model,
        messages: [
            Message {
                role: "system",
                content: Content::Text(&question.instructions),
            },
            Message {
                role: "user",
                content: Content::Parts(parts.collect()),
            },
        ],
        response_format: ResponseFormat {
            kind: "json_schema",
            json_schema: JsonSchema {
                name: question.name,
                strict: true,
                schema: &question.schema,
            },
        },
        max_tokens: question.max_output_tokens,
    })
}

/// <https://platform.openai.com/docs/api-reference/chat/object>
#[derive(Deserialize)]
struct Response {
    choices: Vec<Choice>,
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Choice {
    finish_reason: Option<String>,
    message: Said,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default, deserialize_with = "wiping")]
    content: Option<Zeroizing<String>>,
    #[serde(default, deserialize_with = "wiping")]
    refusal: Option<Zeroizing<String>>,
}

#[derive(Deserialize, Default)]
struct Tokens {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

pub(super) fn read(json: &[u8]) -> Result<Answer, Failed> {
    let response: Response = serde_json::from_slice(json).map_err(|_| ModelError::Malformed)?;
    let tokens = response.usage.unwrap_or_default();
    let used = Usage {
        input_tokens: tokens.prompt_tokens,
        output_tokens: tokens.completion_tokens,
        ..Usage::default()
    };
    let failed = |error| Failed {
        error,
        used: Some(used),
    };
    let choice = response.choices.into_iter().next();
    let choice = choice.ok_or(failed(ModelError::Empty))?;
    if choice.message.refusal.is_some() {
        return Err(failed(ModelError::Refused));
    }
    match choice.finish_reason.as_deref() {
        Some("stop") => {}
        Some("length") => return Err(failed(ModelError::Truncated)),
        Some("content_filter") => return Err(failed(ModelError::Filtered)),
        _ => return Err(failed(ModelError::Malformed)),
    }
    Ok(Answer {
        text: choice.message.content.ok_or(failed(ModelError::Empty))?,
        used,
    })
}

//! OpenAI's Responses API (<https://platform.openai.com/docs/api-reference/responses/create>).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    super::question::{Answer, DataUrl, Part, Question, to_json, wiping},
    streamed::{Assemble, broken_off, json},
};
use dodolens_app::ports::ModelError;
use dodolens_domain::evidence::Usage;

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    instructions: &'a str,
    input: [Message<'a>; 1],
    text: Text<'a>,
    /// Deliberation costs time and is not needed here.
    reasoning: Reasoning,
    max_output_tokens: u32,
    /// Nothing may stay with the provider.
    store: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Vec<Content<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Content<'a> {
    InputText {
        text: &'a str,
    },
    InputImage {
        image_url: DataUrl<'a>,
        detail: &'static str,
    },
}

#[derive(Serialize)]
struct Text<'a> {
    format: Format<'a>,
}

#[derive(Serialize)]
struct Format<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    strict: bool,
    schema: &'a Value,
}

#[derive(Serialize)]
struct Reasoning {
    effort: &'static str,
}

pub(super) fn body(
    model: &str,
    question: &Question<'_>,
    stream: bool,
) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let content = question.shown.iter().map(|part| match part {
        Part::Text(text) => Content::InputText { text },
        Part::Jpeg(jpeg) => Content::InputImage {
            image_url: DataUrl(jpeg),
            // As sent: the frames are already as small as they should be.
            detail: "high",
        },
    });
    to_json(&Request {
        model,
        instructions: &question.instructions,
        input: [Message {
            role: "user",
            content: content.collect(),
        }],
        text: Text {
            format: Format {
                kind: "json_schema",
                name: question.name,
                strict: true,
                schema: &question.schema,
            },
        },
        reasoning: Reasoning { effort: "none" },
        max_output_tokens: question.max_output_tokens,
        store: false,
        stream: stream.then_some(true),
    })
}

/// <https://platform.openai.com/docs/api-reference/responses/object>
#[derive(Deserialize)]
struct Response {
    status: Option<String>,
    error: Option<ResponseError>,
    incomplete_details: Option<Incomplete>,
    #[serde(default)]
    output: Vec<Output>,
    #[serde(default)]
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct ResponseError {
    code: Option<String>,
}

#[derive(Deserialize)]
struct Incomplete {
    reason: Option<String>,
}

/// Not an enum tagged by `type`: serde would buffer the text to read the tag.
#[derive(Deserialize)]
struct Output {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    content: Vec<OutputPart>,
}

#[derive(Deserialize)]
struct OutputPart {
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
    serde_json::from_slice(json)
        .map(answer)
        .map_err(|_| ModelError::Malformed)
}

fn answer(mut response: Response) -> Answer {
    let tokens = response.usage.take().unwrap_or_default();
    let used = Usage {
        input_tokens: tokens.input_tokens,
        output_tokens: tokens.output_tokens,
        ..Usage::default()
    };
    Answer {
        text: text(response),
        used,
    }
}

fn text(response: Response) -> Result<Zeroizing<String>, ModelError> {
    match response.status.as_deref() {
        Some("completed") => {}
        Some("failed") => {
            let code = response.error.and_then(|error| error.code);
            return Err(match code.as_deref() {
                Some("rate_limit_exceeded") => ModelError::RateLimited { retry_after: None },
                Some("server_error") => ModelError::Unavailable,
                _ => ModelError::Refused,
            });
        }
        Some("incomplete") => {
            let reason = response.incomplete_details.and_then(|it| it.reason);
            return Err(match reason.as_deref() {
                Some("max_output_tokens") => ModelError::Truncated,
                Some("content_filter") => ModelError::Filtered,
                _ => ModelError::Malformed,
            });
        }
        _ => return Err(ModelError::Malformed),
    }
    let messages = response
        .output
        .into_iter()
        .filter(|output| output.kind == "message");
    let mut text = None;
    for part in messages.flat_map(|message| message.content) {
        match (part.kind.as_str(), part.text) {
            ("refusal", _) => return Err(ModelError::Refused),
            ("output_text", Some(found)) if text.is_none() => text = Some(found),
            _ => return Err(ModelError::Malformed),
        }
    }
    text.ok_or(ModelError::Empty)
}

/// An event of a streamed response, by its type; others tell nothing that the last one does not tell too
/// (<https://platform.openai.com/docs/api-reference/responses-streaming>).
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(default, deserialize_with = "wiping")]
    delta: Option<Zeroizing<String>>,
}

#[derive(Deserialize)]
struct End {
    response: Response,
}

/// Reads a streamed response. Its last event has all of it.
#[derive(Default)]
pub(super) struct Streamed {
    begun: bool,
}

impl Assemble for Streamed {
    fn take(
        &mut self,
        event: &[u8],
        shown: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Option<Answer>, ModelError> {
        match json::<Kind>(event)?.kind.as_str() {
            "response.output_text.delta" => {
                self.begun = true;
                if let Some(text) = json::<Delta>(event)?.delta {
                    shown(&text);
                }
                Ok(None)
            }
            "response.completed" | "response.incomplete" | "response.failed" => {
                Ok(Some(answer(json::<End>(event)?.response)))
            }
            "error" => {
                let error: ResponseError = json(event)?;
                Err(broken_off(error.code.as_deref(), self.begun))
            }
            _ => Ok(None),
        }
    }
}

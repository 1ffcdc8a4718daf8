//! Chat Completions as servers at home speak it: vLLM
//! (<https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html>), llama.cpp, Ollama
//! (<https://docs.ollama.com/openai>).

use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    super::{
        call::append_wiping,
        question::{Answer, DataUrl, Part, Question, to_json, wiping},
    },
    streamed::{Assemble, broken_off, json},
};
use dodolens_app::ports::ModelError;
use dodolens_domain::evidence::Usage;

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: [Message<'a>; 2],
    response_format: ResponseFormat<'a>,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    /// Else nobody tells what was used.
    include_usage: bool,
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

pub(super) fn body(
    model: &str,
    question: &Question<'_>,
    stream: bool,
) -> serde_json::Result<Zeroizing<Vec<u8>>> {
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
        stream: stream.then_some(true),
        stream_options: stream.then_some(StreamOptions {
            include_usage: true,
        }),
    })
}

/// <https://platform.openai.com/docs/api-reference/chat/object>
#[derive(Deserialize)]
struct Response {
    choices: Vec<Choice>,
    usage: Option<Tokens>,
}

#[derive(Deserialize, Default)]
struct Choice {
    finish_reason: Option<String>,
    message: Said,
}

#[derive(Deserialize, Default)]
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

pub(super) fn read(json: &[u8]) -> Result<Answer, ModelError> {
    serde_json::from_slice(json)
        .map(answer)
        .map_err(|_| ModelError::Malformed)
}

fn answer(mut response: Response) -> Answer {
    let tokens = response.usage.take().unwrap_or_default();
    let used = Usage {
        input_tokens: tokens.prompt_tokens,
        output_tokens: tokens.completion_tokens,
        ..Usage::default()
    };
    Answer {
        text: text(response),
        used,
    }
}

fn text(response: Response) -> Result<Zeroizing<String>, ModelError> {
    let choice = response.choices.into_iter().next();
    let choice = choice.ok_or(ModelError::Empty)?;
    if choice.message.refusal.is_some() {
        return Err(ModelError::Refused);
    }
    match choice.finish_reason.as_deref() {
        Some("stop") => {}
        Some("length") => return Err(ModelError::Truncated),
        Some("content_filter") => return Err(ModelError::Filtered),
        _ => return Err(ModelError::Malformed),
    }
    choice.message.content.ok_or(ModelError::Empty)
}

/// A piece of a streamed answer (<https://platform.openai.com/docs/api-reference/chat-streaming>).
#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<ChunkChoice>,
    usage: Option<Tokens>,
    /// How vLLM breaks off.
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct ChunkChoice {
    finish_reason: Option<String>,
    #[serde(default)]
    delta: Said,
}

/// Reads a streamed answer.
#[derive(Default)]
pub(super) struct Streamed {
    /// The one choice, once it has begun.
    choice: Option<Choice>,
    text: Zeroizing<Vec<u8>>,
    usage: Option<Tokens>,
}

impl Assemble for Streamed {
    fn take(
        &mut self,
        event: &[u8],
        shown: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Option<Answer>, ModelError> {
        if event == b"[DONE]" {
            return self.end().map(Some);
        }
        let chunk: Chunk = json(event)?;
        if chunk.error.is_some() {
            return Err(broken_off(None, self.choice.is_some()));
        }
        self.usage = chunk.usage.or(self.usage.take());
        for piece in chunk.choices {
            let choice = self.choice.get_or_insert_default();
            choice.finish_reason = piece.finish_reason.or(choice.finish_reason.take());
            let said = &mut choice.message;
            said.refusal = piece.delta.refusal.or(said.refusal.take());
            if let Some(text) = piece.delta.content {
                append_wiping(&mut self.text, text.as_bytes()).ok_or(ModelError::Malformed)?;
                shown(&text);
            }
        }
        Ok(None)
    }
}

impl Streamed {
    /// The same as if it had come at once.
    fn end(&mut self) -> Result<Answer, ModelError> {
        let text = String::from_utf8(std::mem::take(&mut *self.text));
        let text = Zeroizing::new(text.map_err(|_| ModelError::Malformed)?);
        let choice = self.choice.take().map(|mut choice| {
            choice.message.content = (!text.is_empty()).then_some(text);
            choice
        });
        Ok(answer(Response {
            choices: choice.into_iter().collect(),
            usage: self.usage.take(),
        }))
    }
}

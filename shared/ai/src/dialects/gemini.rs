//! Google's generateContent (<https://ai.google.dev/api/generate-content>), with structured output
//! (<https://ai.google.dev/gemini-api/docs/structured-output>) and sound
//! (<https://ai.google.dev/gemini-api/docs/audio>).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use super::super::question::{Answer, Base64, Part, Question, to_json, wiping};
use dodolens_app::ports::ModelError;
use dodolens_domain::{evidence::Usage, media::Sound};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    system_instruction: Instruction<'a>,
    contents: [Content<'a>; 1],
    generation_config: GenerationConfig<'a>,
}

#[derive(Serialize)]
struct Instruction<'a> {
    parts: [ContentPart<'a>; 1],
}

#[derive(Serialize)]
struct Content<'a> {
    role: &'static str,
    parts: Vec<ContentPart<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum ContentPart<'a> {
    Text(&'a str),
    InlineData(Blob<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Blob<'a> {
    mime_type: &'static str,
    data: Base64<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    response_mime_type: &'static str,
    response_json_schema: &'a Value,
    max_output_tokens: u32,
}

/// `model` has been checked to need no encoding.
pub(super) fn path(model: &str) -> String {
    format!("/models/{model}:generateContent")
}

pub(super) fn body(
    question: &Question<'_>,
    sound: Option<&Sound>,
) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let shown = question.shown.iter().map(|part| match part {
        Part::Text(text) => ContentPart::Text(text),
        Part::Jpeg(jpeg) => ContentPart::InlineData(Blob {
            mime_type: "image/jpeg",
            data: Base64(jpeg),
        }),
    });
    let heard = sound.map(|sound| {
        ContentPart::InlineData(Blob {
            mime_type: sound.format.mime(),
            data: Base64(sound.bytes.expose()),
        })
    });
    to_json(&Request {
        system_instruction: Instruction {
            parts: [ContentPart::Text(&question.instructions)],
        },
        contents: [Content {
            role: "user",
            parts: shown.chain(heard).collect(),
        }],
        generation_config: GenerationConfig {
            response_mime_type: "application/json",
            response_json_schema: &question.schema,
            max_output_tokens: question.max_output_tokens,
        },
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default)]
    candidates: Vec<Candidate>,
    prompt_feedback: Option<Feedback>,
    #[serde(default)]
    usage_metadata: Tokens,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    finish_reason: Option<String>,
    #[serde(default)]
    content: Said,
}

#[derive(Deserialize, Default)]
struct Said {
    #[serde(default)]
    parts: Vec<SaidPart>,
}

#[derive(Deserialize)]
struct SaidPart {
    #[serde(default, deserialize_with = "wiping")]
    text: Option<Zeroizing<String>>,
    /// The text is not of the answer.
    #[serde(default)]
    thought: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    #[serde(default)]
    prompt_token_count: u64,
    #[serde(default)]
    candidates_token_count: u64,
    /// Billed as written, too.
    #[serde(default)]
    thoughts_token_count: u64,
}

pub(super) fn read(json: &[u8]) -> Result<Answer, ModelError> {
    let response: Response = serde_json::from_slice(json).map_err(|_| ModelError::Malformed)?;
    let tokens = &response.usage_metadata;
    let written = tokens.candidates_token_count;
    let used = Usage {
        input_tokens: tokens.prompt_token_count,
        output_tokens: written.saturating_add(tokens.thoughts_token_count),
        ..Usage::default()
    };
    Ok(Answer {
        text: text(response),
        used,
    })
}

fn text(response: Response) -> Result<Zeroizing<String>, ModelError> {
    if response
        .prompt_feedback
        .is_some_and(|feedback| feedback.block_reason.is_some())
    {
        return Err(ModelError::Filtered);
    }
    let candidate = response.candidates.into_iter().next();
    let candidate = candidate.ok_or(ModelError::Empty)?;
    match candidate.finish_reason.as_deref() {
        Some("STOP") => {}
        Some("MAX_TOKENS") => return Err(ModelError::Truncated),
        Some(
            "SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII",
        ) => return Err(ModelError::Filtered),
        _ => return Err(ModelError::Malformed),
    }
    let parts = candidate.content.parts;
    let texts: Vec<Zeroizing<String>> = parts
        .into_iter()
        .filter(|part| !part.thought)
        .filter_map(|part| part.text)
        .collect();
    if texts.is_empty() {
        return Err(ModelError::Empty);
    }
    let length = texts.iter().map(|text| text.len()).sum();
    let mut text = Zeroizing::new(String::with_capacity(length));
    texts.iter().for_each(|piece| text.push_str(piece));
    Ok(text)
}

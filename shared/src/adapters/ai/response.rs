//! The response object of the Responses API (<https://platform.openai.com/docs/api-reference/responses/object>).

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::call::Failure;
use crate::{domain::evidence::Usage, ports::ModelError};

/// A structured answer, not yet read.
pub(super) struct Answer {
    text: Zeroizing<String>,
    /// What it used.
    pub(super) usage: Usage,
}

impl Answer {
    /// The JSON text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

#[derive(Deserialize)]
struct Response {
    status: Option<String>,
    error: Option<ResponseError>,
    incomplete_details: Option<Incomplete>,
    #[serde(default)]
    output: Vec<Output>,
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
    content: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, deserialize_with = "wiping")]
    text: Option<Zeroizing<String>>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
}

fn wiping<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Zeroizing<String>>, D::Error> {
    Option::deserialize(d).map(|text: Option<String>| text.map(Zeroizing::new))
}

/// Takes the answer's text out of a response object.
pub(super) fn read(json: &[u8]) -> Result<Answer, Failure> {
    let malformed = Failure::lasting(ModelError::Malformed);
    let refused = Failure::lasting(ModelError::Refused);
    let response: Response = serde_json::from_slice(json).map_err(|_| malformed)?;
    match response.status.as_deref() {
        Some("completed") => {}
        Some("failed") => {
            return Err(
                match response.error.and_then(|error| error.code).as_deref() {
                    Some("rate_limit_exceeded") => {
                        Failure::transient(ModelError::RateLimited { retry_after: None })
                    }
                    Some("server_error") => Failure::transient(ModelError::Unavailable),
                    _ => refused,
                },
            );
        }
        Some("incomplete") => {
            let reason = response.incomplete_details.and_then(|it| it.reason);
            return Err(match reason.as_deref() {
                Some("content_filter") => refused,
                _ => malformed,
            });
        }
        _ => return Err(malformed),
    }
    let messages = response
        .output
        .into_iter()
        .filter(|output| output.kind == "message");
    let mut text = None;
    for part in messages.flat_map(|message| message.content) {
        match (part.kind.as_str(), part.text) {
            ("refusal", _) => return Err(refused),
            ("output_text", Some(found)) if text.is_none() => text = Some(found),
            _ => return Err(malformed),
        }
    }
    let tokens = response.usage;
    Ok(Answer {
        text: text.ok_or(malformed)?,
        usage: Usage {
            input_tokens: tokens.as_ref().map_or(0, |tokens| tokens.input_tokens),
            output_tokens: tokens.as_ref().map_or(0, |tokens| tokens.output_tokens),
            audio_seconds: 0,
        },
    })
}

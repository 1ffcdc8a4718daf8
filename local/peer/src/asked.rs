//! What every provider is asked, whatever the form, and what it answers.

use std::sync::Arc;

use axum::{
    Json,
    body::to_bytes,
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::{
    Shared, audio, cues, dtmf,
    error::ApiError,
    options::{Provider, Seen, Task},
    schema, streamed, transcriptions, vision,
};

/// Characters of a token, about.
const CHARS_PER_TOKEN: usize = 4;
/// Tokens of a second of sound.
const TOKENS_PER_SECOND: f64 = 32.0;

/// A well-formed request for an answer in JSON.
pub(super) struct Asked {
    pub(super) model: String,
    pub(super) instructions: String,
    /// All texts of the input, in their order.
    pub(super) texts: Vec<String>,
    /// All pictures of the input, in their order.
    pub(super) jpegs: Vec<Vec<u8>>,
    /// A name with the ending of its format, and the sound.
    pub(super) sound: Option<(&'static str, Bytes)>,
    pub(super) max_output_tokens: Option<u64>,
    /// Whether the answer is to come event by event.
    pub(super) stream: bool,
    /// What the answer must conform to.
    pub(super) schema: Value,
}

/// An answer, not yet in a provider's form.
pub(super) struct Answered {
    /// JSON, cut off where it is longer than allowed.
    pub(super) text: String,
    /// Whether it is cut off.
    pub(super) cut: bool,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
    pictures: Vec<(u32, u32)>,
    audio_seconds: f64,
}

/// How a provider takes requests in JSON and writes answers.
pub(super) struct Form {
    pub(super) provider: Provider,
    /// Most megabytes of a request.
    pub(super) max_megabytes: usize,
    /// Reads a body strictly; the models are those that the provider has.
    pub(super) read: fn(&Value, &[String]) -> Result<Asked, ApiError>,
    pub(super) write: fn(&Asked, Answered) -> Value,
    /// Writes the events of a streamed answer, where that can be asked for.
    pub(super) stream: Option<fn(&Asked, Answered) -> Vec<String>>,
}

/// Answers one request.
pub(super) async fn handle_json(shared: &Arc<Shared>, request: Request, form: Form) -> Response {
    let provider = form.provider;
    let (parts, body) = request.into_parts();
    if let Err(error) = shared
        .authorize(provider, &parts.headers)
        .and_then(|()| is_json(&parts.headers))
    {
        return error.of(provider);
    }
    let Ok(bytes) = to_bytes(body, form.max_megabytes << 20).await else {
        return ApiError::too_large(form.max_megabytes).of(provider);
    };
    let Ok(body) = serde_json::from_slice::<Value>(&bytes) else {
        let message = "We could not parse the JSON body of your request.";
        return ApiError::invalid("body", message).of(provider);
    };
    let seen = Seen::new(provider, task_of(&body), bytes.len());
    shared
        .answer(seen, async |seen| {
            let asked = (form.read)(&body, &shared.options.models(provider))?;
            // Looking at pictures takes a core for a while.
            let (asked, answered) = spawn_blocking(move || {
                let answered = answer(&asked);
                (asked, answered)
            })
            .await
            .map_err(|_| ApiError::failed(StatusCode::INTERNAL_SERVER_ERROR))?;
            let mut answered = answered?;
            seen.pictures = std::mem::take(&mut answered.pictures);
            seen.audio_seconds = answered.audio_seconds;
            Ok(match form.stream.filter(|_| asked.stream) {
                Some(write) => {
                    let faults = shared.options.faults(provider, seen.task);
                    streamed::answer(write(&asked, answered), faults)
                }
                None => Json((form.write)(&asked, answered)).into_response(),
            })
        })
        .await
}

fn is_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(';').next() == Some("application/json"));
    if json {
        Ok(())
    } else {
        Err(ApiError::unsupported_media_type())
    }
}

/// What a body asks for, well-formed or not.
fn task_of(body: &Value) -> Task {
    match body {
        Value::Array(values) => values.iter().map(task_of).min(),
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            let mime = text("mimeType").unwrap_or_default();
            if matches!(text("type"), Some("input_image" | "image_url" | "image"))
                || mime.starts_with("image/")
            {
                Some(Task::Vision)
            } else if mime.starts_with("audio/") {
                Some(Task::Transcription)
            } else {
                fields.values().map(task_of).min()
            }
        }
        _ => None,
    }
    .unwrap_or(Task::Cues)
}

fn answer(asked: &Asked) -> Result<Answered, ApiError> {
    let mut pictures = Vec::new();
    let mut audio_seconds = 0.0;
    let answer = if let Some((name, sound)) = &asked.sound {
        let sound = audio::decode(name, sound.clone())
            .map_err(|error| ApiError::invalid("sound", error.to_string()))?;
        audio_seconds = sound.seconds();
        json!({"transcript": transcriptions::text_of(&dtmf::keys(&sound))})
    } else if asked.jpegs.is_empty() {
        json!({"cues": cues::read(&asked.texts.join("\n"))})
    } else {
        let mut observations = Vec::new();
        for (index, jpeg) in asked.jpegs.iter().enumerate() {
            let picture = vision::look(jpeg).map_err(|error| {
                ApiError::invalid(format!("input image {index}"), error.to_string())
            })?;
            observations.extend(vision::observations(index, &picture, &asked.schema));
            pictures.push(picture.size);
        }
        json!({"observations": observations})
    };
    if !schema::conforms(&answer, &asked.schema) {
        return Err(ApiError::invalid(
            "schema",
            "This simulator has no answer in the form of the schema.",
        ));
    }
    let written = asked.texts.iter().map(|text| text.chars().count());
    let characters = asked.instructions.chars().count() + written.sum::<usize>();
    let pixels: u64 = pictures.iter().map(|size| image_tokens(*size)).sum();
    let heard = (audio_seconds * TOKENS_PER_SECOND) as u64;
    let text = answer.to_string();
    let needed = tokens(text.chars().count());
    let output_tokens = asked
        .max_output_tokens
        .map_or(needed, |most| most.min(needed));
    let cut = output_tokens < needed;
    let most = usize::try_from(output_tokens).unwrap_or(usize::MAX);
    Ok(Answered {
        text: if cut {
            text.chars()
                .take(most.saturating_mul(CHARS_PER_TOKEN))
                .collect()
        } else {
            text
        },
        cut,
        input_tokens: pixels + heard + tokens(characters),
        output_tokens,
        pictures,
        audio_seconds,
    })
}

/// A token for each tile of 32 × 32 pixels.
fn image_tokens((width, height): (u32, u32)) -> u64 {
    u64::from(width.div_ceil(32)) * u64::from(height.div_ceil(32))
}

fn tokens(characters: usize) -> u64 {
    characters.div_ceil(CHARS_PER_TOKEN) as u64
}

/// A name that nobody had before.
pub(super) fn id(prefix: &str) -> String {
    let random = getrandom::u64().unwrap_or_default();
    format!("{prefix}_{random:016x}")
}

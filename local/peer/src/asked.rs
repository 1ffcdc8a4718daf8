//! What every provider is asked, whatever the form.

use std::sync::Arc;

use axum::{
    Json,
    body::to_bytes,
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::{
    Shared,
    answer::{Answered, answer, asks_for_groups},
    error::ApiError,
    options::{Provider, Seen, Task},
    streamed,
};

/// A well-formed request for an answer in JSON.
pub(super) struct Asked {
    /// The model's name; empty if it is not in the body but in the path.
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

/// How a provider takes requests in JSON and writes answers.
pub(super) struct Form {
    pub(super) provider: Provider,
    /// The model, where the path names it.
    pub(super) model: Option<String>,
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
            let mut asked = (form.read)(&body, &shared.options.models(provider))?;
            if let Some(model) = form.model {
                asked.model = model;
            }
            let own = Arc::clone(shared);
            let (asked, answered) = spawn_blocking(move || {
                let answered = answer(&own, &asked);
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
            } else if asks_for_groups(body) {
                Some(Task::Join)
            } else {
                fields.values().map(task_of).min()
            }
        }
        _ => None,
    }
    .unwrap_or(Task::Cues)
}

/// A name that nobody had before.
pub(super) fn id(prefix: &str) -> String {
    let random = getrandom::u64().unwrap_or_default();
    format!("{prefix}_{random:016x}")
}

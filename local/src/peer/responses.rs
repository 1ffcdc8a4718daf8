//! `POST /v1/responses`: pictures or a text in, a structured answer out.

use std::sync::Arc;

use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::{
    Seen, Shared, Task, cues,
    error::ApiError,
    form::{ResponsesForm, has_pictures},
    schema, vision,
};

/// Most megabytes of a request.
const MAX_MEGABYTES: usize = 50;
/// Characters of a token, about.
const CHARS_PER_TOKEN: usize = 4;

pub(super) async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(error) = shared
        .authorize(&parts.headers)
        .and_then(|()| is_json(&parts.headers))
    {
        return error.into_response();
    }
    let Ok(bytes) = to_bytes(body, MAX_MEGABYTES << 20).await else {
        return ApiError::too_large(MAX_MEGABYTES).into_response();
    };
    let Ok(body) = serde_json::from_slice::<Value>(&bytes) else {
        return ApiError::invalid("body", "We could not parse the JSON body of your request.")
            .into_response();
    };
    let task = if has_pictures(&body) {
        Task::Vision
    } else {
        Task::Cues
    };
    shared
        .answer(Seen::new(task, bytes.len()), async |seen| {
            let form = ResponsesForm::read(&body, &shared.options.response_models)?;
            // Looking at pictures takes a core for a while.
            let answered = spawn_blocking(move || answer(&form))
                .await
                .map_err(|_| ApiError::failed(StatusCode::INTERNAL_SERVER_ERROR))??;
            seen.pictures = answered.pictures;
            Ok(Json(answered.response).into_response())
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

struct Answered {
    response: Value,
    pictures: Vec<(u32, u32)>,
}

fn answer(form: &ResponsesForm) -> Result<Answered, ApiError> {
    let mut pictures = Vec::new();
    let answer = if form.jpegs.is_empty() {
        json!({"cues": cues::read(&form.texts.join("\n"))})
    } else {
        let mut observations = Vec::new();
        for (index, jpeg) in form.jpegs.iter().enumerate() {
            let picture = vision::look(jpeg).map_err(|error| {
                ApiError::invalid(format!("input image {index}"), error.to_string())
            })?;
            observations.extend(vision::observations(index, &picture, &form.schema));
            pictures.push(picture.size);
        }
        json!({"observations": observations})
    };
    if !schema::conforms(&answer, &form.schema) {
        return Err(ApiError::invalid(
            "text.format.schema",
            "This simulator has no answer in the form of the schema.",
        ));
    }
    let text = answer.to_string();
    let written = form.texts.iter().map(|text| text.chars().count());
    let characters = form.instructions.chars().count() + written.sum::<usize>();
    let pixels: u64 = pictures.iter().map(|size| image_tokens(*size)).sum();
    let input_tokens = pixels + tokens(characters);
    Ok(Answered {
        response: response(form, text, input_tokens),
        pictures,
    })
}

/// A token for each tile of 32 × 32 pixels.
fn image_tokens((width, height): (u32, u32)) -> u64 {
    u64::from(width.div_ceil(32)) * u64::from(height.div_ceil(32))
}

fn tokens(characters: usize) -> u64 {
    characters.div_ceil(CHARS_PER_TOKEN) as u64
}

/// The response object; cut off where the answer is longer than allowed.
fn response(form: &ResponsesForm, text: String, input_tokens: u64) -> Value {
    let needed = tokens(text.chars().count());
    let output_tokens = form
        .max_output_tokens
        .map_or(needed, |most| most.min(needed));
    let cut = output_tokens < needed;
    let text = if cut {
        let most = usize::try_from(output_tokens).unwrap_or(usize::MAX);
        text.chars()
            .take(most.saturating_mul(CHARS_PER_TOKEN))
            .collect()
    } else {
        text
    };
    let status = if cut { "incomplete" } else { "completed" };
    let details = if cut {
        json!({"reason": "max_output_tokens"})
    } else {
        Value::Null
    };
    json!({
        "id": id("resp"),
        "object": "response",
        "created_at": jiff::Timestamp::now().as_second(),
        "status": status,
        "background": false,
        "error": null,
        "incomplete_details": details,
        "instructions": form.instructions,
        "max_output_tokens": form.max_output_tokens,
        "model": form.model,
        "output": [{
            "id": id("msg"),
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": [{"type": "output_text", "annotations": [], "logprobs": [], "text": text}],
        }],
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "reasoning": {"effort": "none", "summary": null},
        "store": false,
        "text": {"format": {"type": "json_schema", "schema": form.schema, "strict": true}},
        "tool_choice": "auto",
        "tools": [],
        "truncation": "disabled",
        "usage": {
            "input_tokens": input_tokens,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": input_tokens + output_tokens,
        },
        "user": null,
        "metadata": {},
    })
}

fn id(prefix: &str) -> String {
    let random = getrandom::u64().unwrap_or_default();
    format!("{prefix}_{random:016x}")
}

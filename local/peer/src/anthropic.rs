//! `POST /anthropic/v1/messages` (<https://docs.claude.com/en/api/messages>).

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use serde_json::{Map, Value, json};

use super::{
    Shared,
    answer::Answered,
    asked::{Asked, Form, handle_json, id},
    error::ApiError,
    fields::{base64, checked_schema, object, one_of, string, tokens},
    options::Provider,
};

/// The parameters that are simulated; the provider's others are refused like unknown ones.
const PARAMETERS: [&str; 5] = ["model", "max_tokens", "system", "messages", "output_config"];
/// Most pictures of a request to a model with 200,000 tokens.
const MAX_PICTURES: usize = 100;

pub(super) async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let version = request.headers().get("anthropic-version");
    if version.is_none_or(|version| version != "2023-06-01") {
        let error = ApiError::invalid("anthropic-version", "The header is required.");
        return error.of(Provider::Anthropic);
    }
    let form = Form {
        provider: Provider::Anthropic,
        model: None,
        max_megabytes: 32,
        read,
        write,
        stream: None,
    };
    handle_json(&shared, request, form).await
}

fn read(body: &Value, models: &[String]) -> Result<Asked, ApiError> {
    let fields = object(body, "body", &PARAMETERS)?;
    let model = string(fields, "", "model")?;
    if !models.contains(&model) {
        return Err(ApiError::model_not_found());
    }
    let mut asked = Asked {
        model,
        instructions: string(fields, "", "system")?,
        texts: Vec::new(),
        jpegs: Vec::new(),
        sound: None,
        stream: false,
        max_output_tokens: Some(tokens(fields, "max_tokens")?),
        schema: schema(fields)?,
    };
    let Some([message]) = fields
        .get("messages")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    else {
        return Err(ApiError::invalid(
            "messages",
            "Must be a list of one message.",
        ));
    };
    let message = object(message, "messages.0", &["role", "content"])?;
    one_of(message, "messages.0", "role", &["user"])?;
    let blocks = message.get("content").and_then(Value::as_array);
    let blocks = blocks.ok_or(ApiError::missing_parameter("messages.0.content"))?;
    for (index, block) in blocks.iter().enumerate() {
        read_block(&mut asked, block, &format!("messages.0.content.{index}"))?;
    }
    if asked.jpegs.len() > MAX_PICTURES {
        return Err(ApiError::invalid("messages.0.content", "Too many images."));
    }
    Ok(asked)
}

fn read_block(asked: &mut Asked, block: &Value, path: &str) -> Result<(), ApiError> {
    match block.get("type").and_then(Value::as_str) {
        Some("text") => {
            let block = object(block, path, &["type", "text"])?;
            let text = string(block, path, "text")?;
            if text.is_empty() {
                return Err(ApiError::invalid(path, "Text must be non-empty."));
            }
            asked.texts.push(text);
        }
        Some("image") => {
            let block = object(block, path, &["type", "source"])?;
            let path = format!("{path}.source");
            let source = block
                .get("source")
                .ok_or_else(|| ApiError::missing_parameter(path.clone()))?;
            let source = object(source, &path, &["type", "media_type", "data"])?;
            one_of(source, &path, "type", &["base64"])?;
            one_of(source, &path, "media_type", &["image/jpeg"])?;
            asked.jpegs.push(base64(source, &path, "data")?);
        }
        _ => {
            let message = "Input should be 'text' or 'image'.";
            return Err(ApiError::invalid(format!("{path}.type"), message));
        }
    }
    Ok(())
}

fn schema(fields: &Map<String, Value>) -> Result<Value, ApiError> {
    let missing = || ApiError::missing_parameter("output_config.format");
    let config = fields.get("output_config").ok_or_else(missing)?;
    let config = object(config, "output_config", &["format"])?;
    let path = "output_config.format";
    let format = config.get("format").ok_or_else(missing)?;
    let format = object(format, path, &["type", "schema"])?;
    one_of(format, path, "type", &["json_schema"])?;
    checked_schema(format, path, "schema")
}

fn write(asked: &Asked, answered: Answered) -> Value {
    json!({
        "id": id("msg"),
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": [{"type": "text", "text": answered.text, "citations": null}],
        "stop_reason": if answered.cut { "max_tokens" } else { "end_turn" },
        "stop_sequence": null,
        "usage": {
            "input_tokens": answered.input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": answered.output_tokens,
            "service_tier": "standard",
        },
    })
}

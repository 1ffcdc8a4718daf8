//! Reading what a `POST /v1/responses` must look like
//! (<https://platform.openai.com/docs/api-reference/responses/create>).

use serde_json::{Map, Value};

use super::{
    asked::Asked,
    error::ApiError,
    fields::{jpeg_of_url, object, one_of, strict_schema, string},
    streamed,
};

/// The parameters that are simulated; the provider's others are refused like unknown ones.
const PARAMETERS: [&str; 9] = [
    "model",
    "instructions",
    "input",
    "text",
    "reasoning",
    "max_output_tokens",
    "store",
    "metadata",
    "stream",
];
const DETAILS: [&str; 4] = ["auto", "low", "high", "original"];
const EFFORTS: [&str; 6] = ["none", "minimal", "low", "medium", "high", "xhigh"];
const MIN_OUTPUT_TOKENS: u64 = 16;

/// Reads a body strictly.
pub(super) fn read(body: &Value, models: &[String]) -> Result<Asked, ApiError> {
    let fields = object(body, "body", &PARAMETERS)?;
    let model = string(fields, "", "model")?;
    if !models.contains(&model) {
        return Err(ApiError::model_not_found());
    }
    match fields.get("store") {
        Some(Value::Bool(false)) => {}
        _ => {
            return Err(ApiError::invalid(
                "store",
                "Must be false: by default the provider keeps what it is sent.",
            ));
        }
    }
    if let Some(reasoning) = fields.get("reasoning") {
        let reasoning = object(reasoning, "reasoning", &["effort"])?;
        one_of(reasoning, "reasoning", "effort", &EFFORTS)?;
    }
    let max_output_tokens = fields
        .get("max_output_tokens")
        .map(|value| {
            value
                .as_u64()
                .filter(|tokens| *tokens >= MIN_OUTPUT_TOKENS)
                .ok_or(ApiError::invalid(
                    "max_output_tokens",
                    "Must be at least 16.",
                ))
        })
        .transpose()?;
    let mut form = Asked {
        model,
        instructions: match fields.get("instructions") {
            Some(_) => string(fields, "", "instructions")?,
            None => String::new(),
        },
        texts: Vec::new(),
        jpegs: Vec::new(),
        sound: None,
        max_output_tokens,
        stream: streamed::asked(fields)?,
        schema: answer_schema(fields)?,
    };
    match fields.get("input") {
        Some(Value::String(text)) => form.texts.push(text.clone()),
        Some(Value::Array(messages)) if !messages.is_empty() => {
            for (index, message) in messages.iter().enumerate() {
                read_message(&mut form, message, &format!("input[{index}]"))?;
            }
        }
        Some(_) => return Err(ApiError::invalid("input", "Must be a text or a list.")),
        None => return Err(ApiError::missing_parameter("input")),
    }
    Ok(form)
}

fn read_message(asked: &mut Asked, message: &Value, path: &str) -> Result<(), ApiError> {
    let message = object(message, path, &["type", "role", "content"])?;
    if message.contains_key("type") {
        one_of(message, path, "type", &["message"])?;
    }
    one_of(message, path, "role", &["user"])?;
    match message.get("content") {
        Some(Value::String(text)) => asked.texts.push(text.clone()),
        Some(Value::Array(parts)) => {
            for (index, part) in parts.iter().enumerate() {
                read_part(asked, part, &format!("{path}.content[{index}]"))?;
            }
        }
        _ => return Err(ApiError::missing_parameter(format!("{path}.content"))),
    }
    Ok(())
}

fn read_part(asked: &mut Asked, part: &Value, path: &str) -> Result<(), ApiError> {
    match part.get("type").and_then(Value::as_str) {
        Some("input_text") => {
            let part = object(part, path, &["type", "text"])?;
            asked.texts.push(string(part, path, "text")?);
        }
        Some("input_image") => {
            let part = object(part, path, &["type", "image_url", "detail"])?;
            one_of(part, path, "detail", &DETAILS)?;
            let jpeg = jpeg_of_url(part.get("image_url"), &format!("{path}.image_url"))?;
            asked.jpegs.push(jpeg);
        }
        _ => {
            return Err(ApiError::invalid(
                format!("{path}.type"),
                "Supported values are: 'input_text' and 'input_image'.",
            ));
        }
    }
    Ok(())
}

/// The schema of `text.format`, which has to be a strict one.
fn answer_schema(fields: &Map<String, Value>) -> Result<Value, ApiError> {
    let text = fields
        .get("text")
        .ok_or(ApiError::missing_parameter("text"))?;
    let text = object(text, "text", &["format"])?;
    let format = text
        .get("format")
        .ok_or(ApiError::missing_parameter("text.format"))?;
    let known = ["type", "name", "strict", "schema", "description"];
    let format = object(format, "text.format", &known)?;
    one_of(format, "text.format", "type", &["json_schema"])?;
    strict_schema(format, "text.format")
}

//! Reading what a `POST /v1/responses` must look like
//! (<https://platform.openai.com/docs/api-reference/responses/create>).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use super::{error::ApiError, schema};

/// The parameters that are simulated; the provider's others are refused like unknown ones.
const PARAMETERS: [&str; 8] = [
    "model",
    "instructions",
    "input",
    "text",
    "reasoning",
    "max_output_tokens",
    "store",
    "metadata",
];
const DETAILS: [&str; 4] = ["auto", "low", "high", "original"];
const EFFORTS: [&str; 6] = ["none", "minimal", "low", "medium", "high", "xhigh"];
const MIN_OUTPUT_TOKENS: u64 = 16;

/// A well-formed request.
pub(super) struct ResponsesForm {
    pub(super) model: String,
    pub(super) instructions: String,
    /// All texts of the input, in their order.
    pub(super) texts: Vec<String>,
    /// All pictures of the input, in their order.
    pub(super) jpegs: Vec<Vec<u8>>,
    pub(super) max_output_tokens: Option<u64>,
    /// What the answer must conform to.
    pub(super) schema: Value,
}

/// Whether a body asks for pictures to be looked at, well-formed or not.
pub(super) fn has_pictures(body: &Value) -> bool {
    match body {
        Value::Array(values) => values.iter().any(has_pictures),
        Value::Object(fields) => {
            fields.get("type").and_then(Value::as_str) == Some("input_image")
                || ["input", "content"]
                    .iter()
                    .any(|name| fields.get(*name).is_some_and(has_pictures))
        }
        _ => false,
    }
}

impl ResponsesForm {
    /// Reads a body strictly.
    pub(super) fn read(body: &Value, models: &[String]) -> Result<Self, ApiError> {
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
        let mut form = Self {
            model,
            instructions: match fields.get("instructions") {
                Some(_) => string(fields, "", "instructions")?,
                None => String::new(),
            },
            texts: Vec::new(),
            jpegs: Vec::new(),
            max_output_tokens,
            schema: answer_schema(fields)?,
        };
        match fields.get("input") {
            Some(Value::String(text)) => form.texts.push(text.clone()),
            Some(Value::Array(messages)) if !messages.is_empty() => {
                for (index, message) in messages.iter().enumerate() {
                    form.read_message(message, &format!("input[{index}]"))?;
                }
            }
            Some(_) => return Err(ApiError::invalid("input", "Must be a text or a list.")),
            None => return Err(ApiError::missing_parameter("input")),
        }
        Ok(form)
    }

    fn read_message(&mut self, message: &Value, path: &str) -> Result<(), ApiError> {
        let message = object(message, path, &["type", "role", "content"])?;
        if message.contains_key("type") {
            one_of(message, path, "type", &["message"])?;
        }
        one_of(message, path, "role", &["user"])?;
        match message.get("content") {
            Some(Value::String(text)) => self.texts.push(text.clone()),
            Some(Value::Array(parts)) => {
                for (index, part) in parts.iter().enumerate() {
                    self.read_part(part, &format!("{path}.content[{index}]"))?;
                }
            }
            _ => return Err(ApiError::missing_parameter(format!("{path}.content"))),
        }
        Ok(())
    }

    fn read_part(&mut self, part: &Value, path: &str) -> Result<(), ApiError> {
        match part.get("type").and_then(Value::as_str) {
            Some("input_text") => {
                let part = object(part, path, &["type", "text"])?;
                self.texts.push(string(part, path, "text")?);
            }
            Some("input_image") => {
                let part = object(part, path, &["type", "image_url", "detail"])?;
                one_of(part, path, "detail", &DETAILS)?;
                let url = part.get("image_url").and_then(Value::as_str);
                let jpeg = url
                    .and_then(|url| url.strip_prefix("data:image/jpeg;base64,"))
                    .and_then(|text| STANDARD.decode(text).ok())
                    .ok_or(ApiError::invalid(
                        format!("{path}.image_url"),
                        "Expected a base64-encoded data URL with an image/jpeg.",
                    ))?;
                self.jpegs.push(jpeg);
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
    let name = string(format, "text.format", "name")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        return Err(ApiError::invalid(
            "text.format.name",
            "Must be 1 to 64 letters, digits, underscores and dashes.",
        ));
    }
    if format.get("strict") != Some(&Value::Bool(true)) {
        return Err(ApiError::invalid("text.format.strict", "Must be true."));
    }
    let schema = format
        .get("schema")
        .ok_or(ApiError::missing_parameter("text.format.schema"))?;
    schema::check_strict(schema, "text.format.schema")?;
    Ok(schema.clone())
}

/// An object with no fields but the known ones.
fn object<'a>(
    value: &'a Value,
    path: &str,
    known: &[&str],
) -> Result<&'a Map<String, Value>, ApiError> {
    let fields = value
        .as_object()
        .ok_or(ApiError::invalid(path, "Must be an object."))?;
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        Some(unknown) if path == "body" => Err(ApiError::unknown_parameter(unknown)),
        Some(unknown) => Err(ApiError::unknown_parameter(format!("{path}.{unknown}"))),
        None => Ok(fields),
    }
}

fn string(fields: &Map<String, Value>, path: &str, name: &str) -> Result<String, ApiError> {
    let path = if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    };
    match fields.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(ApiError::invalid(path, "Must be a string.")),
        None => Err(ApiError::missing_parameter(path)),
    }
}

fn one_of(
    fields: &Map<String, Value>,
    path: &str,
    name: &str,
    values: &[&str],
) -> Result<(), ApiError> {
    let value = string(fields, path, name)?;
    if values.contains(&value.as_str()) {
        return Ok(());
    }
    Err(ApiError::invalid(
        format!("{path}.{name}"),
        format!("Supported values are: '{}'.", values.join("', '")),
    ))
}

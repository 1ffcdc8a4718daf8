//! `POST /gemini/v1beta/models/{model}:generateContent` (<https://ai.google.dev/api/generate-content>).

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use serde_json::{Map, Value, json};

use super::{
    Shared,
    answer::Answered,
    asked::{Asked, Form, handle_json},
    error::ApiError,
    fields::{base64, checked_schema, object, one_of, string, tokens},
    options::Provider,
};

/// The parameters that are simulated; the provider's others are refused like unknown ones.
const PARAMETERS: [&str; 3] = ["systemInstruction", "contents", "generationConfig"];

pub(super) async fn handle(
    State(shared): State<Arc<Shared>>,
    Path(call): Path<String>,
    request: Request,
) -> Response {
    let models = shared.options.models(Provider::Gemini);
    let model = call.strip_suffix(":generateContent");
    let Some(model) = model.filter(|model| models.iter().any(|known| known == model)) else {
        return ApiError::model_not_found().of(Provider::Gemini);
    };
    let form = Form {
        provider: Provider::Gemini,
        model: Some(model.to_owned()),
        max_megabytes: 20,
        read,
        write,
        stream: None,
    };
    handle_json(&shared, request, form).await
}

fn read(body: &Value, _: &[String]) -> Result<Asked, ApiError> {
    let fields = object(body, "body", &PARAMETERS)?;
    let instruction = fields
        .get("systemInstruction")
        .ok_or(ApiError::missing_parameter("systemInstruction"))?;
    let mut asked = Asked {
        model: String::new(),
        instructions: String::new(),
        texts: Vec::new(),
        jpegs: Vec::new(),
        sound: None,
        stream: false,
        max_output_tokens: None,
        schema: Value::Null,
    };
    read_config(&mut asked, fields)?;
    let instruction = object(instruction, "systemInstruction", &["parts"])?;
    read_parts(&mut asked, instruction, "systemInstruction")?;
    asked.instructions = std::mem::take(&mut asked.texts).join("\n");

    let contents = fields.get("contents").and_then(Value::as_array);
    let Some([content]) = contents.map(Vec::as_slice) else {
        return Err(ApiError::invalid("contents", "Must be a list of one."));
    };
    let content = object(content, "contents[0]", &["role", "parts"])?;
    one_of(content, "contents[0]", "role", &["user"])?;
    read_parts(&mut asked, content, "contents[0]")?;
    Ok(asked)
}

fn read_config(asked: &mut Asked, fields: &Map<String, Value>) -> Result<(), ApiError> {
    let path = "generationConfig";
    let config = fields.get(path).ok_or(ApiError::missing_parameter(path))?;
    let known = ["responseMimeType", "responseJsonSchema", "maxOutputTokens"];
    let config = object(config, path, &known)?;
    one_of(config, path, "responseMimeType", &["application/json"])?;
    asked.max_output_tokens = Some(tokens(config, "maxOutputTokens")?);
    asked.schema = checked_schema(config, path, "responseJsonSchema")?;
    only_texts(&asked.schema)
}

/// Enums hold texts and numbers only (<https://ai.google.dev/gemini-api/docs/structured-output>).
fn only_texts(schema: &Value) -> Result<(), ApiError> {
    match schema {
        Value::Object(fields) => {
            let values = fields.get("enum").and_then(Value::as_array);
            if values.is_some_and(|values| values.iter().any(|it| !it.is_string())) {
                let message = "An enum holds something else than texts.";
                return Err(ApiError::invalid("responseJsonSchema", message));
            }
            fields.values().try_for_each(only_texts)
        }
        Value::Array(values) => values.iter().try_for_each(only_texts),
        _ => Ok(()),
    }
}

fn read_parts(asked: &mut Asked, content: &Map<String, Value>, path: &str) -> Result<(), ApiError> {
    let parts = content.get("parts").and_then(Value::as_array);
    let parts = parts.ok_or_else(|| ApiError::missing_parameter(format!("{path}.parts")))?;
    for (index, part) in parts.iter().enumerate() {
        let path = format!("{path}.parts[{index}]");
        let Some(blob) = part.get("inlineData") else {
            let part = object(part, &path, &["text"])?;
            asked.texts.push(string(part, &path, "text")?);
            continue;
        };
        object(part, &path, &["inlineData"])?;
        let path = format!("{path}.inlineData");
        let blob = object(blob, &path, &["mimeType", "data"])?;
        let bytes = base64(blob, &path, "data")?;
        match string(blob, &path, "mimeType")?.as_str() {
            "image/jpeg" => asked.jpegs.push(bytes),
            "audio/mp4" if asked.sound.is_none() => asked.sound = Some(("sound.m4a", bytes.into())),
            "audio/mpeg" if asked.sound.is_none() => {
                asked.sound = Some(("sound.mp3", bytes.into()));
            }
            _ => return Err(ApiError::invalid(path, "Unsupported MIME type.")),
        }
    }
    Ok(())
}

fn write(_: &Asked, answered: Answered) -> Value {
    json!({
        "candidates": [{
            "content": {"parts": [{"text": answered.text}], "role": "model"},
            "finishReason": if answered.cut { "MAX_TOKENS" } else { "STOP" },
            "index": 0,
        }],
        "usageMetadata": {
            "promptTokenCount": answered.input_tokens,
            "candidatesTokenCount": answered.output_tokens,
            "totalTokenCount": answered.input_tokens + answered.output_tokens,
        },
    })
}

//! `POST /compatible/v1/chat/completions`, as vLLM, llama.cpp and Ollama have it
//! (<https://platform.openai.com/docs/api-reference/chat/create>).

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
    fields::{jpeg_of_url, object, one_of, strict_schema, string, tokens},
    options::Provider,
    streamed::{self, at},
};

/// The parameters that are simulated; others are refused like unknown ones.
const PARAMETERS: [&str; 6] = [
    "model",
    "messages",
    "response_format",
    "max_tokens",
    "stream",
    "stream_options",
];

pub(super) async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let form = Form {
        provider: Provider::Compatible,
        model: None,
        max_megabytes: 50,
        read,
        write,
        stream: Some(stream),
    };
    handle_json(&shared, request, form).await
}

fn read(body: &Value, models: &[String]) -> Result<Asked, ApiError> {
    let fields = object(body, "body", &PARAMETERS)?;
    let model = string(fields, "", "model")?;
    if !models.contains(&model) {
        return Err(ApiError::model_not_found());
    }
    let Some([system, user]) = fields
        .get("messages")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    else {
        return Err(ApiError::invalid("messages", "Must be two messages."));
    };
    let system = object(system, "messages[0]", &["role", "content"])?;
    one_of(system, "messages[0]", "role", &["system"])?;
    let mut asked = Asked {
        model,
        instructions: string(system, "messages[0]", "content")?,
        texts: Vec::new(),
        jpegs: Vec::new(),
        sound: None,
        stream: streamed::asked(fields)?,
        max_output_tokens: Some(tokens(fields, "max_tokens")?),
        schema: schema(fields)?,
    };
    stream_options(fields, asked.stream)?;
    let user = object(user, "messages[1]", &["role", "content"])?;
    one_of(user, "messages[1]", "role", &["user"])?;
    let parts = user.get("content").and_then(Value::as_array);
    let parts = parts.ok_or(ApiError::missing_parameter("messages[1].content"))?;
    for (index, part) in parts.iter().enumerate() {
        read_part(&mut asked, part, &format!("messages[1].content[{index}]"))?;
    }
    Ok(asked)
}

/// Only for streams; and one that does not tell what was used is refused, as no budget could be kept.
fn stream_options(fields: &Map<String, Value>, stream: bool) -> Result<(), ApiError> {
    let path = "stream_options";
    let wanted = "Must be given with a stream, and with include_usage.";
    let told = match fields.get(path) {
        None => false,
        Some(options) => object(options, path, &["include_usage"])?
            .get("include_usage")
            .is_some_and(|told| *told == Value::Bool(true)),
    };
    match told == stream && fields.contains_key(path) == stream {
        true => Ok(()),
        false => Err(ApiError::invalid(path, wanted)),
    }
}

fn read_part(asked: &mut Asked, part: &Value, path: &str) -> Result<(), ApiError> {
    match part.get("type").and_then(Value::as_str) {
        Some("text") => {
            let part = object(part, path, &["type", "text"])?;
            asked.texts.push(string(part, path, "text")?);
        }
        Some("image_url") => {
            let part = object(part, path, &["type", "image_url"])?;
            let path = format!("{path}.image_url");
            let image = part
                .get("image_url")
                .ok_or_else(|| ApiError::missing_parameter(path.clone()))?;
            let image = object(image, &path, &["url"])?;
            asked.jpegs.push(jpeg_of_url(image.get("url"), &path)?);
        }
        _ => {
            let message = "Supported values are: 'text' and 'image_url'.";
            return Err(ApiError::invalid(format!("{path}.type"), message));
        }
    }
    Ok(())
}

fn schema(fields: &Map<String, Value>) -> Result<Value, ApiError> {
    let path = "response_format";
    let missing = || ApiError::missing_parameter("response_format.json_schema");
    let format = fields.get(path).ok_or_else(missing)?;
    let format = object(format, path, &["type", "json_schema"])?;
    one_of(format, path, "type", &["json_schema"])?;
    let path = "response_format.json_schema";
    let schema = format.get("json_schema").ok_or_else(missing)?;
    let schema = object(schema, path, &["name", "strict", "schema"])?;
    strict_schema(schema, path)
}

fn write(asked: &Asked, answered: Answered) -> Value {
    json!({
        "id": id("chatcmpl"),
        "object": "chat.completion",
        "created": jiff::Timestamp::now().as_second(),
        "model": asked.model,
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": answered.text, "refusal": null},
            "logprobs": null,
            "finish_reason": if answered.cut { "length" } else { "stop" },
        }],
        "usage": {
            "prompt_tokens": answered.input_tokens,
            "completion_tokens": answered.output_tokens,
            "total_tokens": answered.input_tokens + answered.output_tokens,
        },
    })
}

/// The chunks of a streamed answer (<https://platform.openai.com/docs/api-reference/chat-streaming>).
fn stream(asked: &Asked, answered: Answered) -> Vec<String> {
    let pieces = streamed::pieces(&answered.text);
    let whole = &write(asked, answered);
    let chunk = |choices: Value, usage: &Value| {
        let chunk = json!({
            "id": at(whole, "/id"), "object": "chat.completion.chunk", "created": at(whole, "/created"),
            "model": at(whole, "/model"), "choices": choices, "usage": usage,
        });
        format!("data: {chunk}\n\n")
    };
    let choice = |delta: Value, finish_reason: &Value| json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason}]);
    let none = &Value::Null;
    let role = choice(json!({"role": "assistant", "content": ""}), none);
    let texts = pieces
        .iter()
        .map(|piece| choice(json!({"content": piece}), none));
    let end = choice(json!({}), at(whole, "/choices/0/finish_reason"));
    let choices = std::iter::once(role).chain(texts).chain([end]);
    choices
        .map(|choices| chunk(choices, none))
        .chain([
            chunk(json!([]), at(whole, "/usage")),
            "data: [DONE]\n\n".into(),
        ])
        .collect()
}

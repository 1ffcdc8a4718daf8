//! `POST /v1/responses`: pictures or a text in, a structured answer out.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use serde_json::{Value, json};

use super::{
    Shared,
    asked::{Answered, Asked, Form, handle_json, id},
    form,
    options::Provider,
};

pub(super) async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let form = Form {
        provider: Provider::OpenAi,
        max_megabytes: 50,
        read: form::read,
        write: response,
    };
    handle_json(&shared, request, form).await
}

/// The response object.
fn response(asked: &Asked, answered: Answered) -> Value {
    let status = if answered.cut {
        "incomplete"
    } else {
        "completed"
    };
    let details = if answered.cut {
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
        "instructions": asked.instructions,
        "max_output_tokens": asked.max_output_tokens,
        "model": asked.model,
        "output": [{
            "id": id("msg"),
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": [{"type": "output_text", "annotations": [], "logprobs": [], "text": answered.text}],
        }],
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "reasoning": {"effort": "none", "summary": null},
        "store": false,
        "text": {"format": {"type": "json_schema", "schema": asked.schema, "strict": true}},
        "tool_choice": "auto",
        "tools": [],
        "truncation": "disabled",
        "usage": {
            "input_tokens": answered.input_tokens,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": answered.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": answered.input_tokens + answered.output_tokens,
        },
        "user": null,
        "metadata": {},
    })
}

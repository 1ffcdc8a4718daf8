//! `POST /v1/responses`: pictures or a text in, a structured answer out.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use serde_json::{Value, json};

use super::{
    Shared,
    answer::Answered,
    asked::{Asked, Form, handle_json, id},
    form,
    options::Provider,
    streamed::{at, named, pieces, with},
};

pub(super) async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let form = Form {
        provider: Provider::OpenAi,
        model: None,
        max_megabytes: 50,
        read: form::read,
        write: response,
        stream: Some(stream),
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

/// The events of a streamed response (<https://platform.openai.com/docs/api-reference/responses-streaming>).
fn stream(asked: &Asked, answered: Answered) -> Vec<String> {
    let pieces = pieces(&answered.text);
    let whole = response(asked, answered);
    let item = at(&whole, "/output/0");
    let (id, part) = (at(item, "/id"), at(item, "/content/0"));
    let begun = ["usage", "incomplete_details"]
        .into_iter()
        .fold(whole.clone(), |begun, member| {
            with(begun, member, Value::Null)
        });
    let begun = with(begun, "status", "in_progress".into());
    let begun = with(begun, "output", json!([]));
    let empty = json!({"id": id, "type": "message", "status": "in_progress", "role": "assistant", "content": []});
    let of_text = |kind: &str, member: &str, value: &Value| json!({"type": kind, "item_id": id, "output_index": 0, "content_index": 0, member: value});
    let blank = json!({"type": "output_text", "annotations": [], "logprobs": [], "text": ""});
    let status = at(&whole, "/status").as_str().unwrap_or_default();
    let kind = format!("response.{status}");
    let before = [
        json!({"type": "response.created", "response": begun}),
        json!({"type": "response.in_progress", "response": begun}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": empty}),
        of_text("response.content_part.added", "part", &blank),
    ];
    let deltas = pieces.into_iter().map(|piece| {
        let delta = of_text("response.output_text.delta", "delta", &piece.into());
        with(delta, "logprobs", json!([]))
    });
    let after = [
        of_text("response.output_text.done", "text", at(part, "/text")),
        of_text("response.content_part.done", "part", part),
        json!({"type": "response.output_item.done", "output_index": 0, "item": item}),
        json!({"type": kind, "response": whole}),
    ];
    let events = before.into_iter().chain(deltas).chain(after);
    (0_u32..)
        .zip(events)
        .map(|(number, event)| named(&with(event, "sequence_number", number.into())))
        .collect()
}

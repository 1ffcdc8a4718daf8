//! Answers as server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use std::{io, time::Duration};

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse as _, Response},
};
use futures::{StreamExt as _, stream};
use serde_json::{Map, Value};

use super::{error::ApiError, faults::Faults};

/// Characters of a piece of text.
const PIECE: usize = 16;

/// The text in pieces.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let pieces = characters.chunks(PIECE);
    pieces.map(|piece| piece.iter().collect()).collect()
}

/// An event of OpenAI's, which is named by its type.
pub(super) fn named(data: &Value) -> String {
    let name = data.get("type").and_then(Value::as_str).unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n")
}

/// What is there in an answer; null where there is nothing.
pub(super) fn at<'a>(answer: &'a Value, pointer: &str) -> &'a Value {
    answer.pointer(pointer).unwrap_or(&Value::Null)
}

/// The same object with another member.
pub(super) fn with(mut object: Value, member: &str, value: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(member.to_owned(), value);
    }
    object
}

/// Whether a streamed answer is asked for.
pub(super) fn asked(fields: &Map<String, Value>) -> Result<bool, ApiError> {
    match fields.get("stream") {
        None => Ok(false),
        Some(Value::Bool(stream)) => Ok(*stream),
        Some(_) => Err(ApiError::invalid("stream", "Must be a boolean.")),
    }
}

/// The answer of these events, as slow and as short as the faults say.
pub(super) fn answer(events: Vec<String>, faults: &Faults) -> Response {
    let (pause, most) = (faults.drip, faults.cut_after.unwrap_or(usize::MAX));
    let events = events.into_iter().take(most).map(Ok);
    // An error ends the connection before the body has ended.
    let cut = faults.cut_after.map(|_| Err(io::Error::other("cut")));
    let body = stream::iter(events.chain(cut)).then(move |event| async move {
        if pause > Duration::ZERO {
            tokio::time::sleep(pause).await;
        }
        event
    });
    let kind = [(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")];
    (kind, Body::from_stream(body)).into_response()
}

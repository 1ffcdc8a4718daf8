//! The peer by itself, over raw HTTP, and the real adapter against it.

mod adapter;
mod forms_strictness;
mod hearing;
mod joining;
mod make;
mod sound_strictness;
mod strictness;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Peer, PeerOptions, serve};
use make::{encoded, flac, jpeg, keys_sound, picture, speech, wav};

const KEY: &str = "sk-simulated";

async fn peer(options: PeerOptions) -> Peer {
    serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), options).unwrap()
}

/// The schema of an answer of things, with these schemas of ids and rooms.
fn things_schema(catalogue_id: &Value, room: &Value) -> Value {
    let [string, integer] = ["string", "integer"].map(|name| json!({"type": name}));
    let properties = |properties: Value| {
        let required: Vec<&String> = properties.as_object().unwrap().keys().collect();
        json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
    };
    let seen = properties(json!({"frame": integer, "count": integer}));
    let thing = properties(json!({
        "catalogueId": catalogue_id, "label": string, "room": room, "count": integer,
        "seen": {"type": "array", "items": seen}, "mark": string,
        "size": {"type": "string", "enum": ["small", "medium", "large"]}, "fragile": {"type": "boolean"},
        "confidence": {"type": "number"},
    }));
    properties(json!({"things": {"type": "array", "items": thing}}))
}

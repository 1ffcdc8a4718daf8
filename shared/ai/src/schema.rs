//! The form of the answers, as JSON Schema in the subset that all providers share: every property required, nullable
//! where optional, `additionalProperties` false, no bounds of numbers or lengths.

use serde_json::{Value, json};

use dodolens_domain::catalogue::{ITEMS, ROOMS};

/// Things seen.
pub(super) fn things() -> Value {
    let sight = object(&json!({"frame": {"type": "integer"}, "count": {"type": "integer"}}));
    list_of(
        "things",
        &json!({
            "catalogueId": nullable_enum(ITEMS.iter().map(|item| item.id)),
            "label": {"type": "string"},
            "room": nullable_enum(ROOMS.iter().map(|room| room.id)),
            "count": {"type": "integer"},
            "seen": {"type": "array", "items": sight},
            "mark": {"type": "string"},
            "size": {"type": "string", "enum": ["small", "medium", "large"]},
            "fragile": {"type": "boolean"},
            "confidence": {"type": "number"},
        }),
    )
}

/// Which things are the same.
pub(super) fn groups() -> Value {
    let ids = json!({"type": "array", "items": {"type": "integer"}});
    list_of("groups", &json!({ "ids": ids }))
}

/// Things said.
pub(super) fn cues() -> Value {
    list_of(
        "cues",
        &json!({
            "catalogueId": nullable_enum(ITEMS.iter().map(|item| item.id)),
            "label": {"type": "string"},
            "room": nullable_enum(ROOMS.iter().map(|room| room.id)),
            "count": {"type": ["integer", "null"]},
            "decision": {"type": "string", "enum": ["move", "leave", "unsure"]},
            "remark": {"type": ["string", "null"]},
        }),
    )
}

/// What was said, word for word.
pub(super) fn transcript() -> Value {
    object(&json!({"transcript": {"type": "string"}}))
}

/// Not an enum with null in it: Gemini's enums hold texts and numbers only.
fn nullable_enum(ids: impl Iterator<Item = &'static str>) -> Value {
    let ids: Vec<&str> = ids.collect();
    json!({"anyOf": [{"type": "string", "enum": ids}, {"type": "null"}]})
}

/// An object with one list, for a schema's root must be an object.
fn list_of(name: &str, properties: &Value) -> Value {
    object(&json!({name: {"type": "array", "items": object(properties)}}))
}

fn object(properties: &Value) -> Value {
    let required: Vec<&String> = properties
        .as_object()
        .into_iter()
        .flat_map(serde_json::Map::keys)
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

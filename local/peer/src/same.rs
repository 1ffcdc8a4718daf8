//! Telling which things of several lists are the same.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    error::ApiError,
    fields::{object, string},
};

/// What is told of a thing.
const THING: [&str; 9] = [
    "id",
    "call",
    "catalogueId",
    "label",
    "room",
    "count",
    "mark",
    "from",
    "to",
];

/// The groups of two and more things that are the same: of one kind, in one room, and with the same mark. What has no
/// mark can't be told from its like.
pub(super) fn groups(texts: &[String]) -> Result<Vec<Value>, ApiError> {
    let malformed = |message| ApiError::invalid("input", message);
    let [text] = texts else {
        return Err(malformed("Must be one text."));
    };
    let list: Value = serde_json::from_str(text).map_err(|_| malformed("Must be JSON."))?;
    let list = object(&list, "input", &["things"])?;
    let things = list.get("things").and_then(Value::as_array);
    let things = things.ok_or_else(|| ApiError::missing_parameter("input.things"))?;
    let mut alike: BTreeMap<_, Vec<i64>> = BTreeMap::new();
    for (index, thing) in things.iter().enumerate() {
        let path = format!("input.things[{index}]");
        let thing = object(thing, &path, &THING)?;
        if let Some(missing) = THING.iter().find(|name| !thing.contains_key(**name)) {
            return Err(ApiError::missing_parameter(format!("{path}.{missing}")));
        }
        let id = thing.get("id").and_then(Value::as_i64);
        let id =
            id.ok_or_else(|| ApiError::invalid(format!("{path}.id"), "Must be an integer."))?;
        let kind = (
            nullable(thing, &path, "catalogueId")?,
            string(thing, &path, "label")?,
        );
        let room = nullable(thing, &path, "room")?;
        let mark = string(thing, &path, "mark")?;
        if !mark.is_empty() {
            alike.entry((kind, room, mark)).or_default().push(id);
        }
    }
    let groups = alike.into_values().filter(|ids| ids.len() > 1);
    Ok(groups.map(|ids| json!({"ids": ids})).collect())
}

fn nullable(
    fields: &Map<String, Value>,
    path: &str,
    name: &str,
) -> Result<Option<String>, ApiError> {
    match fields.get(name) {
        Some(Value::Null) => Ok(None),
        _ => string(fields, path, name).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thing(id: u32, kind: Option<&str>, label: &str, room: Option<&str>, mark: &str) -> Value {
        json!({"id": id, "call": id % 2, "catalogueId": kind, "label": label, "room": room, "count": 1, "mark": mark,
            "from": 0.5, "to": 4})
    }

    fn groups_of(things: &[Value]) -> Result<Vec<Value>, ApiError> {
        groups(&[json!({"things": things}).to_string()])
    }

    #[test]
    fn things_of_one_kind_room_and_mark_are_the_same() {
        let (chair, kitchen) = (Some("chair"), Some("kitchen"));
        let things = [
            thing(1, chair, "chair", kitchen, "number 1"),
            thing(2, chair, "chair", kitchen, "number 2"),
            thing(3, chair, "chair", kitchen, "number 1"),
            thing(4, chair, "chair", Some("bedroom"), "number 1"),
            thing(5, chair, "stool", kitchen, "number 1"),
            thing(6, Some("tv"), "chair", kitchen, "number 1"),
            thing(7, chair, "chair", kitchen, ""),
            thing(8, chair, "chair", kitchen, ""),
            thing(9, None, "kiln", None, "blue"),
            thing(10, None, "kiln", None, "blue"),
            thing(11, chair, "chair", kitchen, "number 1"),
        ];
        assert_eq!(
            groups_of(&things),
            Ok(vec![json!({"ids": [9, 10]}), json!({"ids": [1, 3, 11]})])
        );
        assert_eq!(groups_of(&[]), Ok(vec![]));
    }

    #[test]
    fn what_is_no_list_of_things_is_refused() {
        let with = |name: &str, value: Value| {
            let mut thing = thing(1, None, "a", None, "b");
            thing[name] = value;
            json!({"things": [thing]}).to_string()
        };
        let mut short = thing(1, None, "a", None, "b");
        short.as_object_mut().unwrap().remove("from");
        for text in [
            "no JSON".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
            json!({"things": [1]}).to_string(),
            json!({"things": [short]}).to_string(),
            with("id", json!("1")),
            with("mark", Value::Null),
            with("room", json!(5)),
            with("colour", json!("red")),
        ] {
            assert!(groups(std::slice::from_ref(&text)).is_err(), "{text}");
        }
        assert!(groups(&[]).is_err());
    }
}

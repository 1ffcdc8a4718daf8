//! From what is in each picture to the things that all of them show, in the form that was asked for.

use std::collections::BTreeMap;

use dodolens_video::markers::Marker;
use serde_json::{Value, json};

use super::{mistakes::Sight, vision::Picture};

/// A code is read or it is not.
const CONFIDENCE: f64 = 0.97;
/// What a thing may be in the schema of an answer.
const PROPERTIES: &str = "/properties/things/items/properties";

/// Every thing that this model sees in these pictures, once. Ids that the schema does not name are null.
///
/// Things with a number are told from their like. Of others there are as many as the one picture shows that shows most.
pub(super) fn seen(pictures: &[Picture], schema: &Value, sight: Sight<'_>) -> Vec<Value> {
    let mut things: BTreeMap<&Marker, Vec<(usize, u32)>> = BTreeMap::new();
    for (frame, picture) in pictures.iter().enumerate() {
        for (marker, count) in &picture.objects {
            // What has a number is one thing, even in a mirror.
            let count = marker.number().map_or(*count, |_| 1);
            things.entry(marker).or_default().push((frame, count));
        }
    }
    let things = things.into_iter().filter(|(it, _)| !sight.misses(it));
    things
        .map(|(marker, shown)| {
            let item = sight.kind(marker);
            let seen = shown.iter();
            let seen = seen.map(|(frame, count)| json!({"frame": frame, "count": count}));
            json!({
                "catalogueId": known(schema, "catalogueId", item),
                "label": item.replace('_', " "),
                "room": known(schema, "room", marker.room()),
                "count": shown.iter().map(|(_, count)| count).max(),
                "seen": seen.collect::<Vec<_>>(),
                "mark": marker.number().map_or(String::new(), |number| format!("number {number}")),
                "size": "medium",
                "fragile": false,
                "confidence": CONFIDENCE,
            })
        })
        .collect()
}

/// An id, if the schema names it among those of this property.
fn known<'a>(schema: &Value, property: &str, id: &'a str) -> Option<&'a str> {
    let property = schema.pointer(&format!("{PROPERTIES}/{property}"))?;
    let choices = property.get("anyOf").and_then(Value::as_array);
    let choices = choices.map_or(std::slice::from_ref(property), Vec::as_slice);
    let mut ids = choices
        .iter()
        .filter_map(|choice| choice.get("enum")?.as_array())
        .flatten();
    ids.any(|known| known == id).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PeerOptions;

    fn picture(objects: &[(&str, u32)]) -> Picture {
        let object = |(text, count): &(&str, u32)| (text.parse().unwrap(), *count);
        Picture {
            size: (64, 64),
            objects: objects.iter().map(object).collect(),
        }
    }

    fn schema() -> Value {
        let enum_of =
            |ids: &[&str]| json!({"anyOf": [{"type": "string", "enum": ids}, {"type": "null"}]});
        let properties =
            json!({"catalogueId": enum_of(&["chair", "tv"]), "room": enum_of(&["kitchen"])});
        json!({"properties": {"things": {"items": {"properties": properties}}}})
    }

    fn seen_by(options: &PeerOptions, pictures: &[Picture]) -> Vec<Value> {
        seen(
            pictures,
            &schema(),
            Sight {
                options,
                model: "m",
            },
        )
    }

    #[test]
    fn what_can_be_told_apart_is_and_the_rest_is_counted() {
        let pictures = [
            picture(&[
                ("item=chair;room=kitchen", 2),
                ("item=tv;room=kitchen;n=1", 1),
            ]),
            picture(&[]),
            picture(&[
                ("item=chair;room=kitchen", 3),
                ("item=tv;room=kitchen;n=1", 2),
                ("item=tv;room=kitchen;n=2", 1),
            ]),
            picture(&[
                ("item=chair;room=kitchen", 1),
                ("item=kiln;room=moon;n=7", 1),
            ]),
        ];
        let thing =
            |id: Option<&str>, label, room: Option<&str>, count, seen: &[(u32, u32)], mark| {
                let seen = seen
                    .iter()
                    .map(|(frame, count)| json!({"frame": frame, "count": count}));
                json!({"catalogueId": id, "label": label, "room": room, "count": count,
                "seen": seen.collect::<Vec<_>>(), "mark": mark, "size": "medium", "fragile": false,
                "confidence": CONFIDENCE})
            };
        let kitchen = Some("kitchen");
        assert_eq!(
            seen_by(&PeerOptions::new("k"), &pictures),
            [
                thing(
                    Some("chair"),
                    "chair",
                    kitchen,
                    3,
                    &[(0, 2), (2, 3), (3, 1)],
                    ""
                ),
                thing(None, "kiln", None, 1, &[(3, 1)], "number 7"),
                thing(Some("tv"), "tv", kitchen, 1, &[(0, 1), (2, 1)], "number 1"),
                thing(Some("tv"), "tv", kitchen, 1, &[(2, 1)], "number 2"),
            ]
        );
    }

    #[test]
    fn what_is_missed_is_not_there_and_what_is_confused_is_another_kind() {
        let pictures = [picture(&[("item=tv;room=kitchen;n=1", 1)])];
        let mut options = PeerOptions::new("k");
        options.confuse.usual = 1.0;
        let things = seen_by(&options, &pictures);
        assert_eq!(things.len(), 1);
        assert_ne!(things[0]["label"], "tv");
        assert_eq!(
            (&things[0]["room"], &things[0]["mark"]),
            (&json!("kitchen"), &json!("number 1"))
        );
        options.miss.usual = 1.0;
        assert_eq!(seen_by(&options, &pictures), Vec::<Value>::new());
    }
}

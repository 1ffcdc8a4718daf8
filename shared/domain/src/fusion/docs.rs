//! The documents that are made from the types: `docs/inventory.schema.json`, `docs/labels.json` and `docs/catalogue.json`. The tests fail when a
//! file is not what the code says; with `UPDATE_DOCS=1` in the environment they write it.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{
    entry::{UNLISTED, UNLISTED_DENSITY, UNLISTED_FACTOR, UNLISTED_HEAVY, cubic_metres},
    texts,
    transport::{Class, ROAD, SEA},
};
use crate::{
    catalogue::{ITEMS, ROOMS},
    evidence::Gap,
    inventory::{Flag, Inventory, NO_ROOM, SCHEMA, Topic},
    labels,
    locale::{Locale, Localized},
};

/// The JSON Schema of a result.
pub fn schema() -> Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<Inventory>();
    schema.insert(
        "$id".into(),
        format!("urn:{}", SCHEMA.replace('/', ":")).into(),
    );
    schema.insert("title".into(), "A moving inventory".into());
    schema.to_value()
}

/// What each closed name of a result is called.
fn all_labels() -> Value {
    let flags = [
        Flag::Fragile,
        Flag::Heavy,
        Flag::Dismantle,
        Flag::Unsure,
        Flag::Contradiction,
    ];
    let gaps = [
        Gap::VisionUnavailable,
        Gap::SpeechUnavailable,
        Gap::PicturesUnreadable,
        Gap::NoSound,
        Gap::SoundUnreadable,
        Gap::VisionPartial,
        Gap::FewerPictures,
        Gap::PicturesSkipped,
        Gap::PicturesLost,
        Gap::StretchUnseen,
        Gap::SoundCut,
        Gap::SoundSilent,
    ];
    let topics = [
        Topic::Dark,
        Topic::Blurred,
        Topic::Fast,
        Topic::Brief,
        Topic::Storage,
        Topic::Cupboards,
    ];
    let rooms = ROOMS.iter().map(|room| (room.id.to_owned(), room.name));
    let transport = |classes: &mut dyn Iterator<Item = _>| -> Map<String, Value> {
        classes
            .map(|(id, name): (&str, Localized)| (id.to_owned(), words(&name)))
            .collect()
    };
    json!({
        "objects": map(ITEMS.iter().map(|item| (item.id.to_owned(), item.name))),
        "rooms": map(rooms.chain([(NO_ROOM.to_owned(), texts::UNKNOWN_ROOM)])),
        "vehicles": transport(&mut ROAD.classes().map(|class| (class.id, class.name))),
        "containers": transport(&mut SEA.classes().map(|class| (class.id, class.name))),
        "flags": map(flags.map(|flag| (wire(flag), labels::flag(flag))).into_iter()),
        "advice": map(topics.map(|topic| (wire(topic), labels::advice(topic))).into_iter()),
        "degraded": map(gaps.map(|gap| (wire(gap), labels::gap(gap))).into_iter()),
    })
}

/// What a line of a result does not repeat: the volumes (small, usual, large; m³), weights (kg) and flags of each kind of
/// object, and what each vehicle and container holds (m³).
fn catalogue() -> Value {
    let objects = ITEMS.iter().map(|item| {
        let flags = [
            (Flag::Fragile, item.fragile),
            (Flag::Heavy, item.heavy),
            (Flag::Dismantle, item.dismantle),
        ];
        let flags = flags.into_iter().filter(|(_, set)| *set);
        let (small, large) = item.bounds;
        let object = json!({
            "volumes": [small, item.volume, large],
            "weightKg": item.weight,
            "flags": flags.map(|(flag, _)| wire(flag)).collect::<Vec<_>>(),
        });
        (item.id.to_owned(), object)
    });
    let capacity = |class: &Class| (class.id.to_owned(), class.capacity.into());
    json!({
        "objects": objects.collect::<Map<_, _>>(),
        "unlisted": {"volumes": UNLISTED.map(cubic_metres), "factor": UNLISTED_FACTOR, "kgPerM3": UNLISTED_DENSITY * 100.0, "heavyKg": UNLISTED_HEAVY / 10},
        "vehicles": ROAD.classes().map(capacity).collect::<Map<_, _>>(),
        "containers": SEA.classes().map(capacity).collect::<Map<_, _>>(),
    })
}

fn wire(value: impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap();
    value.as_str().unwrap().to_owned()
}

fn map(labels: impl Iterator<Item = (String, Localized)>) -> Map<String, Value> {
    labels.map(|(id, label)| (id, words(&label))).collect()
}

fn words(label: &Localized) -> Value {
    let [fr, en, es] = [Locale::Fr, Locale::En, Locale::Es].map(|locale| label.get(locale));
    json!({"fr": fr, "en": en, "es": es})
}

/// Fails when the file is not `expected`; writes it when told to.
#[expect(clippy::disallowed_methods, reason = "a document, nothing of a video")]
fn check(name: &str, expected: &Value) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    let text = serde_json::to_string_pretty(expected).unwrap() + "\n";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == text,
        "docs/{name} is not what the types say. Write it anew with\n\
         UPDATE_DOCS=1 cargo test --profile local --package dodolens-domain -- fusion::docs"
    );
}

#[test]
fn the_schema_is_published_as_it_is() {
    check("inventory.schema.json", &schema());
}

#[test]
fn the_catalogue_is_published_as_it_is() {
    check("catalogue.json", &catalogue());
}

#[test]
fn the_labels_are_published_as_they_are() {
    check("labels.json", &all_labels());
}

//! The rules, one by one; the laws that hold for any evidence are in [`laws`].

mod hostile;
mod laws;
mod length;
mod losses;
mod rooms;
mod space;
mod speech;

use super::*;
use crate::{
    catalogue,
    evidence::{Decision, Sight, Thing},
    inventory::{Conflict, Flag},
    joining::{Look, join},
    money::Usd,
};

/// Things that nothing tells from their like.
pub fn see(frame: usize, item: &str, room: &str, count: u32) -> Thing {
    Thing {
        item: catalogue::item(item),
        label: item.to_owned(),
        room: catalogue::room(room),
        sizes: [0, count, 0],
        seen: vec![Sight { frame, count }],
        mark: String::new(),
        fragile: false,
        confidence: 0.9,
        perhaps_again: false,
    }
}

/// What is seen in each frame, joined.
pub fn joined(things: Vec<Thing>) -> Vec<Thing> {
    let mut looks = BTreeMap::<usize, Vec<Thing>>::new();
    for thing in things {
        looks.entry(thing.seen[0].frame).or_default().push(thing);
    }
    let looks = looks.into_iter().map(|(frame, things)| Look {
        frames: frame..frame + 1,
        things,
    });
    join(&looks.collect::<Vec<_>>())
}

fn say(decision: Decision, item: &str, room: &str, count: Option<u32>) -> Cue {
    Cue {
        item: catalogue::item(item),
        label: item.to_owned(),
        room: catalogue::room(room),
        count,
        decision,
        remark: None,
    }
}

fn home(things: Vec<Thing>, cues: Vec<Cue>) -> Inventory {
    let evidence = Evidence {
        things: joined(things),
        frame_seconds: (0..20).map(|frame| f64::from(frame) * 2.04).collect(),
        cues,
        ..Evidence::default()
    };
    fuse(&evidence, Locale::En, Usage::default())
}

/// Name, room, quantity of each object.
fn list(inventory: &Inventory) -> Vec<(&'static str, Option<&'static str>, u32)> {
    let objects = inventory.objects().into_iter();
    objects
        .map(|object| {
            let room = object.room.as_deref().and_then(catalogue::room);
            let name: &str = Box::leak(object.name.into_boxed_str());
            (name, room.map(|room| room.id), object.quantity)
        })
        .collect()
}

/// Name, room, quantity of what stays, in the order of the rooms.
fn staying(inventory: &Inventory) -> Vec<(&'static str, Option<&'static str>, u32)> {
    let mut staying = Vec::new();
    for (room, things) in &inventory.staying {
        let room = catalogue::room(room);
        for (key, quantity) in things {
            let name = Kind::of(catalogue::item(key), key).name(inventory.locale);
            let name: &str = Box::leak(name.into_boxed_str());
            staying.push((Place::of(room), (name, room.map(|room| room.id), *quantity)));
        }
    }
    staying.sort_by_key(|(place, _)| *place);
    staying.into_iter().map(|(_, stay)| stay).collect()
}

const KITCHEN: Option<&str> = Some("kitchen");
const LIVING: Option<&str> = Some("living_room");

#[test]
fn the_same_objects_in_several_frames_count_once() {
    let inventory = home(
        vec![
            see(0, "chair", "kitchen", 2),
            see(3, "chair", "kitchen", 1),
            see(3, "chair", "kitchen", 3),
            see(5, "chair", "kitchen", 3),
            see(5, "chair", "living_room", 1),
        ],
        vec![],
    );
    assert_eq!(
        list(&inventory),
        [("Chair", LIVING, 1), ("Chair", KITCHEN, 4)]
    );
    let objects = inventory.objects();
    let [_, chairs] = &objects[..] else { panic!() };
    assert_eq!(chairs.seen_at, Some(0));
    assert_eq!(chairs.unit_volume, 0.2);
    assert_eq!(chairs.volume, 0.8);
    assert_eq!(chairs.volume_range, [0.56, 1.2]);
    assert_eq!(chairs.weight_kg, 24.0);
    assert_eq!(chairs.confidence, None);
    assert_eq!(inventory.total_volume, 1.0);
    assert_eq!(inventory.rooms[1].volume, 0.8);
    assert_eq!(chairs.room_name, "Kitchen");
    assert_eq!(inventory.vehicle.id, "van_3");
}

#[test]
fn an_unknown_room_is_the_only_room_of_the_kind() {
    let one = home(
        vec![
            see(0, "tv", "living_room", 1),
            see(1, "tv", "living_room", 1),
            see(1, "tv", "", 1),
        ],
        vec![],
    );
    assert_eq!(list(&one), [("TV", LIVING, 2)]);
    let two = home(
        vec![
            see(0, "tv", "living_room", 1),
            see(1, "tv", "kitchen", 1),
            see(2, "tv", "", 1),
        ],
        vec![],
    );
    assert_eq!(
        list(&two),
        [("TV", LIVING, 1), ("TV", KITCHEN, 1)],
        "the last may be one of the others"
    );
    let three = home(
        vec![
            see(0, "tv", "living_room", 1),
            see(1, "tv", "kitchen", 2),
            see(2, "tv", "", 3),
        ],
        vec![],
    );
    assert_eq!(
        list(&three),
        [("TV", LIVING, 1), ("TV", KITCHEN, 3)],
        "those of the kitchen, and one more"
    );
    let said = home(
        vec![see(0, "tv", "", 3)],
        vec![say(Decision::Move, "tv", "kitchen", None)],
    );
    assert_eq!(list(&said), [("TV", KITCHEN, 3)]);
}

#[test]
fn what_stands_with_things_of_one_room_is_in_that_room() {
    let seen = vec![
        see(0, "tv", "", 1),
        see(0, "sofa_bed", "living_room", 1),
        see(0, "rug", "living_room", 1),
        see(1, "mirror", "", 1),
        see(1, "sofa_bed", "living_room", 1),
        see(1, "oven", "kitchen", 1),
    ];
    let room = |name| {
        let inventory = home(seen.clone(), vec![]);
        let mut objects = inventory.objects().into_iter();
        objects.find(|object| object.name == name).unwrap().room
    };
    assert_eq!(room("TV").as_deref(), LIVING);
    assert_eq!(room("Mirror"), None, "the frame shows two rooms");
}

#[test]
fn size_chooses_the_volume_within_the_catalogue_s_bounds() {
    let sized = |sizes, item| Thing {
        sizes,
        ..see(0, item, "kitchen", 1)
    };
    for (sizes, volume, range, kilograms) in [
        ([1, 0, 0], 0.4, [0.4, 0.5], 56.0),
        ([0, 1, 0], 0.5, [0.4, 0.8], 70.0),
        ([0, 0, 1], 0.8, [0.5, 0.8], 112.0),
    ] {
        let objects = home(vec![sized(sizes, "washing_machine")], vec![]).objects();
        assert_eq!(objects[0].volume, volume);
        assert_eq!(objects[0].volume_range, range);
        assert_eq!(objects[0].weight_kg, kilograms);
        assert_eq!(objects[0].flags, [Flag::Heavy]);
    }
    let mixed = vec![sized([1, 0, 0], "chair"), sized([0, 0, 1], "chair")];
    let mixed = home(mixed, vec![]).objects();
    assert_eq!((mixed[0].quantity, mixed[0].volume), (2, 0.44));
}

#[test]
fn an_object_outside_the_catalogue_has_a_default_volume_and_wide_bounds() {
    let inventory = home(
        vec![
            Thing {
                sizes: [0, 0, 1],
                fragile: true,
                ..see(0, "  Marble \n \"bust\"", "hall", 1)
            },
            see(1, "marble bust", "hall", 1),
        ],
        vec![],
    );
    assert_eq!(list(&inventory), [("Marble bust", Some("hall"), 1)]);
    let bust = &inventory.objects()[0];
    assert_eq!(bust.catalogue_id, None);
    assert_eq!(bust.volume, 1.0);
    assert_eq!(bust.volume_range, [0.333, 3.0]);
    assert_eq!(bust.flags, [Flag::Fragile, Flag::Heavy]);
}

#[test]
fn gaps_and_the_family_s_remarks_are_passed_on_in_the_language() {
    let quoted = |remark: &str| Cue {
        remark: Some(remark.to_owned()),
        ..say(Decision::Move, "mirror", "hall", None)
    };
    let evidence = Evidence {
        cues: vec![
            quoted("très fragile"),
            quoted("très fragile"),
            quoted(" \n"),
        ],
        gaps: vec![Gap::VisionUnavailable, Gap::VisionUnavailable],
        ..Evidence::default()
    };
    let usage = Usage {
        input_tokens: 3,
        output_tokens: 2,
        audio_seconds: 1,
        cost: Usd::from_nanos(4_000),
    };
    let inventory = fuse(&evidence, Locale::Fr, usage);
    assert_eq!(inventory.degraded, [Gap::VisionUnavailable]);
    assert_eq!(
        inventory.remarks,
        [
            "Les images n'ont pas pu être analysées : l'inventaire repose sur la parole seule.",
            "Miroir (Entrée) : très fragile",
        ]
    );
    assert_eq!((inventory.cost.input_tokens, inventory.cost.usd), (3, 4e-6));
    assert_eq!(inventory.vehicle.id, "van_3");
}

#[test]
fn the_vehicle_holds_the_upper_part_of_the_range() {
    let inventory = home(
        vec![
            see(0, "bed_double", "bedroom", 1),
            see(0, "wardrobe_2_door", "bedroom", 1),
        ],
        vec![],
    );
    assert_eq!(inventory.total_volume, 2.8);
    assert_eq!(inventory.total_volume_range, [1.7, 4.5]);
    assert_eq!(inventory.vehicle.id, "van_6");
}

#[test]
fn the_wire_form_is_the_documented_one() {
    let inventory = home(
        vec![see(2, "tv", "living_room", 1)],
        vec![say(Decision::Leave, "plant", "", Some(2))],
    );
    let expected = serde_json::json!({
        "schema": "dodolens.inventory/2",
        "locale": "en",
        "rooms": [{"room": "living_room", "quantity": 1, "volume": 0.25, "things": {"tv": [1, 0.25, 4]}}],
        "staying": {"unknown": {"plant": 2}},
        "totalVolume": 0.25, "totalVolumeRange": [0.14, 0.42], "totalWeightKg": 16.0,
        "vehicle": {"id": "van_3", "count": 1, "range": [{"id": "van_3", "count": 1}, {"id": "van_3", "count": 1}]},
        "container": {"id": "groupage", "count": 1,
            "range": [{"id": "groupage", "count": 1}, {"id": "groupage", "count": 1}]},
        "remarks": [], "degraded": [],
        "advice": [{"about": "storage"}],
        "coverage": {"pictures": 20, "longestGap": 0.0},
        "cost": {"inputTokens": 0, "outputTokens": 0, "audioSeconds": 0, "usd": 0.0}
    });
    assert_eq!(serde_json::to_value(&inventory).unwrap(), expected);
}

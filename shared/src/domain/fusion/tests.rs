//! The rules, one by one; the laws that hold for any evidence are in [`laws`].

mod laws;

use super::*;
use crate::domain::{
    catalogue,
    evidence::{Decision, Observation, SizeClass},
    inventory::Flag,
};

fn see(frame: usize, item: &str, room: &str, count: u32) -> Observation {
    Observation {
        frame,
        item: catalogue::item(item),
        label: item.to_owned(),
        room: catalogue::room(room),
        count,
        size: SizeClass::Medium,
        fragile: false,
        confidence: 0.9,
    }
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

fn home(observations: Vec<Observation>, cues: Vec<Cue>) -> Inventory {
    let evidence = Evidence {
        observations,
        frame_seconds: (0..20).map(|frame| f64::from(frame) * 2.04).collect(),
        cues,
        gaps: vec![],
    };
    fuse(&evidence, Locale::En, Usage::default())
}

/// Name, room, quantity of each object.
fn list(inventory: &Inventory) -> Vec<(&str, Option<&str>, u32)> {
    inventory
        .objects
        .iter()
        .map(|object| {
            (
                object.name.as_str(),
                object.room.as_deref(),
                object.quantity,
            )
        })
        .collect()
}

fn staying(inventory: &Inventory) -> Vec<(&str, Option<&str>, u32)> {
    inventory
        .staying
        .iter()
        .map(|stay| (stay.name.as_str(), stay.room.as_deref(), stay.quantity))
        .collect()
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
    let [_, chairs] = &inventory.objects[..] else {
        panic!()
    };
    assert_eq!(chairs.evidence.seen_at, [0.0, 6.1, 10.2]);
    assert_eq!(chairs.unit_volume, 0.2);
    assert_eq!(chairs.volume, 0.8);
    assert_eq!(chairs.volume_range, [0.56, 1.2]);
    assert_eq!(chairs.weight_kg, 24.0);
    assert_eq!(chairs.confidence, 0.99);
    assert_eq!(inventory.total_volume, 1.0);
    assert_eq!(inventory.rooms[1].volume, 0.8);
    assert_eq!(inventory.rooms[1].name, "Kitchen");
    assert_eq!(inventory.vehicle.id, "van_3");
}

#[test]
fn an_unknown_room_is_the_only_room_of_the_kind() {
    let one = home(
        vec![see(0, "tv", "living_room", 1), see(1, "tv", "", 1)],
        vec![],
    );
    assert_eq!(list(&one), [("TV", LIVING, 1)]);
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
        [("TV", LIVING, 1), ("TV", KITCHEN, 1), ("TV", None, 1)]
    );
    let said = home(
        vec![see(0, "tv", "", 1)],
        vec![say(Decision::Move, "tv", "kitchen", None)],
    );
    assert_eq!(list(&said), [("TV", KITCHEN, 1)]);
}

#[test]
fn size_chooses_the_volume_within_the_catalogue_s_bounds() {
    let sized = |size, item| Observation {
        size,
        ..see(0, item, "kitchen", 1)
    };
    for (size, volume, range, kilograms) in [
        (SizeClass::Small, 0.4, [0.4, 0.5], 56.0),
        (SizeClass::Medium, 0.5, [0.4, 0.8], 70.0),
        (SizeClass::Large, 0.8, [0.5, 0.8], 112.0),
    ] {
        let inventory = home(vec![sized(size, "washing_machine")], vec![]);
        assert_eq!(inventory.objects[0].volume, volume);
        assert_eq!(inventory.objects[0].volume_range, range);
        assert_eq!(inventory.objects[0].weight_kg, kilograms);
        assert_eq!(inventory.objects[0].flags, [Flag::Heavy]);
    }
    let mixed = home(
        vec![
            sized(SizeClass::Small, "chair"),
            sized(SizeClass::Large, "chair"),
        ],
        vec![],
    );
    assert_eq!(mixed.objects[0].quantity, 2);
    assert_eq!(mixed.objects[0].volume, 0.44);
}

#[test]
fn an_object_outside_the_catalogue_has_a_default_volume_and_wide_bounds() {
    let inventory = home(
        vec![
            Observation {
                size: SizeClass::Large,
                fragile: true,
                ..see(0, "  Marble \n \"bust\"", "hall", 1)
            },
            see(1, "marble bust", "hall", 1),
        ],
        vec![],
    );
    assert_eq!(list(&inventory), [("Marble bust", Some("hall"), 1)]);
    let bust = &inventory.objects[0];
    assert_eq!(bust.catalogue_id, None);
    assert_eq!(bust.volume, 1.0);
    assert_eq!(bust.volume_range, [0.333, 3.0]);
    assert_eq!(bust.flags, [Flag::Fragile, Flag::Heavy]);
}

#[test]
fn what_was_only_said_is_added() {
    let inventory = home(
        vec![],
        vec![say(Decision::Move, "bicycle", "cellar", Some(3))],
    );
    assert_eq!(list(&inventory), [("Bicycle", Some("cellar"), 3)]);
    assert!(inventory.objects[0].evidence.said);
    assert_eq!(inventory.objects[0].confidence, 0.8);
    assert!(inventory.remarks.is_empty());
}

#[test]
fn the_larger_of_seen_and_said_holds_and_a_remark_says_so() {
    for (seen, said) in [(4, 6), (6, 4)] {
        let inventory = home(
            vec![see(0, "chair", "kitchen", seen)],
            vec![say(Decision::Move, "chair", "", Some(said))],
        );
        assert_eq!(list(&inventory), [("Chair", KITCHEN, 6)]);
        let remark = format!("Chair (Kitchen): {seen} seen, {said} mentioned; 6 counted.");
        assert_eq!(inventory.remarks, [remark]);
    }
}

#[test]
fn a_number_said_of_no_room_is_compared_with_all_rooms() {
    let seen = vec![
        see(0, "chair", "kitchen", 4),
        see(1, "chair", "living_room", 2),
    ];
    let six = home(
        seen.clone(),
        vec![say(Decision::Move, "chair", "", Some(6))],
    );
    assert_eq!(list(&six), [("Chair", LIVING, 2), ("Chair", KITCHEN, 4)]);
    assert!(six.remarks.is_empty());
    let nine = home(seen, vec![say(Decision::Move, "chair", "", Some(9))]);
    assert_eq!(
        list(&nine),
        [
            ("Chair", LIVING, 2),
            ("Chair", KITCHEN, 4),
            ("Chair", None, 3)
        ]
    );
    assert_eq!(nine.remarks, ["Chair: 6 seen, 9 mentioned; 9 counted."]);
}

#[test]
fn what_was_said_to_stay_is_taken_out() {
    let seen = vec![
        see(0, "chair", "kitchen", 4),
        see(1, "chair", "living_room", 2),
    ];
    let leave = |room, count| {
        home(
            seen.clone(),
            vec![say(Decision::Leave, "chair", room, count)],
        )
    };
    let two = leave("kitchen", Some(3));
    assert_eq!(list(&two), [("Chair", LIVING, 2), ("Chair", KITCHEN, 1)]);
    assert_eq!(staying(&two), [("Chair", KITCHEN, 3)]);
    let kitchen = leave("kitchen", None);
    assert_eq!(list(&kitchen), [("Chair", LIVING, 2)]);
    assert_eq!(staying(&kitchen), [("Chair", KITCHEN, 4)]);
    // Said of a room where there is none, or of none: wherever they are.
    for room in ["", "attic"] {
        let all = leave(room, None);
        assert!(list(&all).is_empty());
        assert_eq!(staying(&all), [("Chair", LIVING, 2), ("Chair", KITCHEN, 4)]);
        let three = leave(room, Some(3));
        assert_eq!(list(&three), [("Chair", KITCHEN, 3)]);
        assert_eq!(
            staying(&three),
            [("Chair", LIVING, 2), ("Chair", KITCHEN, 1)]
        );
    }
    let unseen = home(vec![], vec![say(Decision::Leave, "tv", "kitchen", None)]);
    assert_eq!(staying(&unseen), [("TV", KITCHEN, 1)]);
    assert_eq!(unseen.remarks, ["No object to move was recognised."]);
    assert_eq!(unseen.vehicle.count, 0);
}

#[test]
fn one_moves_and_another_stays() {
    let rooms = home(
        vec![see(0, "sofa_3_seat", "living_room", 1)],
        vec![
            say(Decision::Move, "sofa_3_seat", "living_room", None),
            say(Decision::Leave, "sofa_3_seat", "bedroom", None),
        ],
    );
    assert_eq!(list(&rooms), [("3-seat sofa", LIVING, 1)]);
    assert_eq!(staying(&rooms), [("3-seat sofa", Some("bedroom"), 1)]);
    let numbers = home(
        vec![see(0, "chair", "kitchen", 6)],
        vec![
            say(Decision::Move, "chair", "kitchen", Some(4)),
            say(Decision::Leave, "chair", "kitchen", Some(2)),
        ],
    );
    assert_eq!(list(&numbers), [("Chair", KITCHEN, 4)]);
    assert_eq!(staying(&numbers), [("Chair", KITCHEN, 2)]);
    assert!(numbers.remarks.is_empty());
}

#[test]
fn doubt_and_contradiction_keep_the_object_and_say_so() {
    let unsure = home(
        vec![see(0, "piano_upright", "living_room", 1)],
        vec![say(Decision::Unsure, "piano_upright", "", None)],
    );
    assert_eq!(list(&unsure), [("Upright piano", LIVING, 1)]);
    assert!(unsure.objects[0].flags.contains(&Flag::Unsure));
    assert_eq!(
        unsure.remarks,
        ["Upright piano (Living room): undecided, counted for now."]
    );
    let both = home(
        vec![see(0, "tv", "kitchen", 1)],
        vec![
            say(Decision::Leave, "tv", "", None),
            say(Decision::Move, "tv", "kitchen", None),
        ],
    );
    assert_eq!(list(&both), [("TV", KITCHEN, 1)]);
    assert!(staying(&both).is_empty());
    assert_eq!(both.objects[0].flags, [Flag::Fragile, Flag::Unsure]);
    assert_eq!(
        both.remarks,
        ["TV (Kitchen): said both to move and to stay, counted for now."]
    );
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
    assert_eq!(inventory.cost.input_tokens, 3);
    assert_eq!(inventory.vehicle.name, "Utilitaire de 3 m³");
}

#[test]
fn a_long_list_is_grouped_without_losing_a_litre() {
    let observations: Vec<Observation> = catalogue::ITEMS
        .iter()
        .zip(catalogue::ROOMS.iter().take(4).cycle())
        .map(|(item, room)| see(1, item.id, room.id, 1))
        .collect();
    let inventory = home(observations, vec![]);
    let litres: f64 = catalogue::ITEMS.iter().map(|item| item.volume).sum();
    assert!((inventory.total_volume - litres).abs() < 1e-6);
    let count: u32 = inventory.objects.iter().map(|object| object.quantity).sum();
    assert_eq!(usize::try_from(count).unwrap(), catalogue::ITEMS.len());
    assert!(inventory.objects.len() >= 15, "{}", inventory.objects.len());
    let groups = list(&inventory)
        .iter()
        .filter(|(name, ..)| *name == "Other objects")
        .count();
    assert_eq!(groups, 4);
    let grouped = catalogue::ITEMS.len() + groups - inventory.objects.len();
    let remark = format!("{grouped} lines of small objects are grouped as “Other objects”.");
    assert_eq!(inventory.remarks, [remark]);
}

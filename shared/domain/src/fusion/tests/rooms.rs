//! Where things stand, by the walk through the home, and what there is to say of the film.

use std::time::Duration;

use super::*;
use crate::{
    inventory::{Advice, Topic},
    media::{Coverage, Fault, Poor},
};

/// A thing that can be told from its like, in these frames.
fn marked(item: &str, room: &str, mark: &str, frames: &[usize]) -> Thing {
    Thing {
        mark: mark.to_owned(),
        seen: frames
            .iter()
            .map(|&frame| Sight { frame, count: 1 })
            .collect(),
        ..see(0, item, room, 1)
    }
}

/// One look at everything, a frame every two seconds.
fn walk(things: Vec<Thing>) -> Inventory {
    let evidence = Evidence {
        things,
        frame_seconds: (0..20).map(|frame| f64::from(frame) * 2.0).collect(),
        ..Evidence::default()
    };
    fuse(&evidence, Locale::En, Usage::default())
}

#[test]
fn a_picture_without_a_room_has_that_of_its_neighbours_in_time() {
    let near = walk(vec![
        marked("oven", "kitchen", "", &[0, 1]),
        marked("fan", "", "", &[3]),
        marked("tv", "living_room", "", &[5]),
    ]);
    assert_eq!(
        list(&near),
        [("TV", LIVING, 1), ("Fan", KITCHEN, 1), ("Oven", KITCHEN, 1)]
    );
    // Too long ago.
    let far = walk(vec![
        marked("oven", "kitchen", "", &[0]),
        marked("fan", "", "", &[9]),
    ]);
    assert_eq!(list(&far), [("Oven", KITCHEN, 1), ("Fan", None, 1)]);
}

#[test]
fn the_room_that_most_things_of_a_picture_name_is_its_room() {
    let inventory = walk(vec![
        marked("oven", "kitchen", "", &[0]),
        marked("stool", "kitchen", "", &[0]),
        marked("tv", "living_room", "", &[0]),
        marked("fan", "", "", &[0]),
    ]);
    assert!(list(&inventory).contains(&("Fan", KITCHEN, 1)));
}

#[test]
fn a_second_bedroom_is_one() {
    let beds = |second: &[usize], mark: &str| {
        walk(vec![
            marked("bed_double", "bedroom", "white", &[0, 1]),
            marked("bedside_table", "bedroom", "white", &[1]),
            marked("oven", "kitchen", "", &[3, 4]),
            marked("bed_single", "bedroom", "blue", &[6]),
            marked("bedside_table", "bedroom", mark, second),
        ])
    };
    let two = beds(&[6, 7], "blue");
    assert_eq!(
        list(&two),
        [
            ("Oven", KITCHEN, 1),
            ("Double bed", Some("bedroom"), 1),
            ("Bedside table", Some("bedroom"), 1),
            ("Single bed", Some("bedroom_2"), 1),
            ("Bedside table", Some("bedroom_2"), 1),
        ]
    );
    // Whoever sees something of the first again is back in it.
    let one = beds(&[1, 6], "blue");
    assert!(
        list(&one)
            .iter()
            .all(|(_, room, _)| *room != Some("bedroom_2"))
    );
}

#[test]
fn a_film_that_is_no_good_is_told_where_and_why() {
    let poor = |why, from, to| Poor {
        why,
        when: Duration::from_secs(from)..Duration::from_millis(to),
    };
    let evidence = Evidence {
        things: vec![
            marked("wardrobe_2_door", "bedroom", "", &[0, 1, 2]),
            marked("oven", "kitchen", "", &[3]),
        ],
        frame_seconds: vec![0.5, 2.0, 4.0, 5.0, 5.5],
        coverage: Coverage {
            longest_gap: Duration::from_millis(2_040),
            skipped: 0,
            poor: vec![poor(Fault::Fast, 8, 10_000), poor(Fault::Dark, 42, 49_100)],
        },
        ..Evidence::default()
    };
    let inventory = fuse(&evidence, Locale::En, Usage::default());
    let of = |about, from, to, room: Option<&str>| Advice {
        about,
        from,
        to,
        room: room.map(str::to_owned),
    };
    assert_eq!(
        inventory.advice,
        [
            of(Topic::Dark, Some(42), Some(50), None),
            of(Topic::Fast, Some(8), Some(10), None),
            of(Topic::Brief, Some(5), Some(6), Some("kitchen")),
            of(Topic::Storage, None, None, None),
            of(Topic::Cupboards, None, None, None),
        ]
    );
    assert_eq!(
        (inventory.coverage.pictures, inventory.coverage.longest_gap),
        (5, 2.0)
    );
    // Somebody spoke of the cellar and of boxes.
    let cues = vec![say(Decision::Move, "carton", "cellar", Some(10))];
    let told = fuse(&Evidence { cues, ..evidence }, Locale::En, Usage::default());
    assert!(
        told.advice
            .iter()
            .all(|it| !matches!(it.about, Topic::Storage | Topic::Cupboards))
    );
}

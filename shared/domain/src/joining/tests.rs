use proptest::{collection::vec, prelude::*, sample::select, sample::subsequence};

use super::*;
use crate::{
    catalogue,
    evidence::{Sight, Thing},
};

/// Things of a kind, of which each of `frames` shows all.
fn thing(item: &str, room: &str, mark: &str, count: u32, frames: &[usize]) -> Thing {
    Thing {
        item: catalogue::item(item),
        label: item.to_owned(),
        room: catalogue::room(room),
        sizes: [0, count, 0],
        seen: frames.iter().map(|&frame| Sight { frame, count }).collect(),
        mark: mark.to_owned(),
        fragile: false,
        confidence: 0.9,
        perhaps_again: false,
    }
}

/// Two looks that share the frames 8 and 9.
fn looks(first: Vec<Thing>, second: Vec<Thing>) -> [Look; 2] {
    let look = |frames, things| Look { frames, things };
    [look(0..10, first), look(8..18, second)]
}

fn counts(things: &[Thing]) -> Vec<(&str, u32)> {
    let count = |thing: &'_ Thing| (thing.item.unwrap().id, thing.count());
    things.iter().map(count).collect()
}

#[test]
fn what_both_see_in_a_frame_that_they_share_is_one_thing() {
    let looks = looks(
        vec![
            thing("sofa_3_seat", "living_room", "brown leather", 1, &[7, 8]),
            thing("tv", "living_room", "on the wall", 1, &[9]),
        ],
        vec![
            // By other words, in another room, and even of another kind of the same family.
            thing("sofa_2_seat", "living_room", "left of the door", 1, &[8, 9]),
            thing("tv", "office", "", 1, &[9, 10]),
        ],
    );
    let joining = Joining::new(&looks);
    assert_eq!(joining.open(), []);
    let things = joining.things();
    assert_eq!(counts(&things), [("sofa_3_seat", 1), ("tv", 1)]);
    let frames: Vec<usize> = things[0].seen.iter().map(|sight| sight.frame).collect();
    assert_eq!(frames, [7, 8, 9]);
    assert!(things[0].confidence > 0.98 && things.iter().all(|thing| !thing.perhaps_again));
}

#[test]
fn of_several_in_a_shared_frame_the_most_alike_are_paired() {
    let looks = looks(
        vec![
            thing("armchair", "living_room", "red, by the window", 1, &[8]),
            thing("armchair", "living_room", "blue", 1, &[8]),
        ],
        vec![
            thing("armchair", "living_room", "dark blue", 1, &[8]),
            thing("armchair", "living_room", "red", 1, &[8, 12]),
            thing("armchair", "living_room", "green", 1, &[8]),
        ],
    );
    let things = join(&looks);
    assert_eq!(counts(&things), [("armchair", 1); 3]);
    let red = things
        .iter()
        .find(|thing| thing.mark.contains("red"))
        .unwrap();
    assert!(red.seen.iter().any(|sight| sight.frame == 12));
}

#[test]
fn the_same_words_are_the_same_thing_and_no_words_are_the_same_things() {
    let looks = looks(
        vec![
            thing("chair", "kitchen", "number 4", 1, &[2]),
            thing("stool", "kitchen", "", 2, &[1]),
            thing("stool", "kitchen", "", 1, &[1]),
        ],
        vec![
            thing("chair", "kitchen", "Number-4", 1, &[15]),
            thing("stool", "kitchen", "", 2, &[15]),
        ],
    );
    let joining = Joining::new(&looks);
    assert_eq!(joining.open(), []);
    assert_eq!(counts(&joining.things()), [("stool", 3), ("chair", 1)]);
}

#[test]
fn what_one_look_sees_in_a_room_and_again_in_none_is_the_same() {
    let look = |things| Look {
        frames: 0..10,
        things,
    };
    let things = |room, frames: &[usize]| {
        let office = thing("armchair", "office", "", 2, &[1]);
        join(&[look(vec![office, thing("armchair", room, "", 1, frames)])])
    };
    let again = things("", &[4]);
    assert_eq!(counts(&again), [("armchair", 2)]);
    assert_eq!(
        (again[0].room.map(|room| room.id), again[0].seen.len()),
        (Some("office"), 2)
    );
    // Not if one picture shows both, nor in another room.
    assert_eq!(things("", &[1]).len(), 2);
    assert_eq!(things("hall", &[4]).len(), 2);
}

#[test]
fn what_one_look_has_told_apart_stays_apart() {
    let two = || {
        vec![
            thing("chair", "kitchen", "white", 1, &[8]),
            thing("chair", "kitchen", "white", 1, &[8]),
        ]
    };
    assert_eq!(counts(&join(&looks(two(), two()))), [("chair", 1); 2]);
}

#[test]
fn other_rooms_and_other_kinds_are_other_things() {
    let looks = looks(
        vec![thing("chair", "kitchen", "white", 1, &[2])],
        vec![
            thing("chair", "office", "white", 1, &[15]),
            thing("stool", "kitchen", "white", 1, &[15]),
        ],
    );
    let joining = Joining::new(&looks);
    assert_eq!(joining.open(), []);
    assert_eq!(joining.things().len(), 3);
}

#[test]
fn what_nothing_decides_is_open_until_somebody_is_asked() {
    let looks = looks(
        vec![thing("chair", "kitchen", "white", 1, &[2])],
        vec![
            thing("chair", "kitchen", "pale wood", 1, &[14]),
            thing("chair", "kitchen", "black", 1, &[15]),
        ],
    );
    let mut joining = Joining::new(&looks);
    let open = joining.open();
    assert_eq!(open.len(), 3);
    assert_eq!(open[1].look, 1);
    let undecided = joining.things();
    assert_eq!(counts(&undecided), [("chair", 1); 3]);
    let again: Vec<bool> = undecided.iter().map(|thing| thing.perhaps_again).collect();
    assert_eq!(again, [false, true, true]);

    // Two things of one look can't be one, whoever says so; a number that nobody asked about is nothing.
    joining.settle(
        &open,
        &[
            vec![open[1].id, open[2].id],
            vec![99, open[0].id, open[1].id],
        ],
    );
    assert_eq!(joining.open(), []);
    let things = joining.things();
    assert_eq!(counts(&things), [("chair", 1); 2]);
    assert!(things.iter().all(|thing| !thing.perhaps_again));
}

/// A home of numbered things, walked through once: a thing is seen in some successive frames.
fn home() -> impl Strategy<Value = Vec<Thing>> {
    let one = (
        select(vec!["chair", "stool", "armchair"]),
        select(vec!["kitchen", "office"]),
        0_usize..40,
        1_usize..8,
    );
    vec(one, 0..30).prop_map(|all| {
        (0..)
            .zip(all)
            .map(|(n, (item, room, from, frames)): (u32, _)| {
                let frames: Vec<usize> = (from..from + frames).collect();
                thing(item, room, &format!("number {n}"), 1, &frames)
            })
            .collect()
    })
}

/// What looks of `size` frames, of which neighbours share two, see of it.
fn seen(home: &[Thing], size: usize) -> Vec<Look> {
    let starts = (0..50).step_by(size - 2);
    starts
        .map(|start| {
            let frames = start..start + size;
            let part = |thing: &Thing| {
                let mut part = thing.clone();
                part.seen.retain(|sight| frames.contains(&sight.frame));
                (!part.seen.is_empty()).then_some(part)
            };
            let things = home.iter().filter_map(part).collect();
            Look {
                frames: frames.clone(),
                things,
            }
        })
        .collect()
}

proptest! {
    #[test]
    fn however_it_is_divided_a_home_is_the_same(home in home(), size in 3_usize..20) {
        let things = join(&seen(&home, size));
        prop_assert_eq!(things.len(), home.len());
        for thing in &home {
            let found: Vec<_> = things.iter().filter(|it| it.mark == thing.mark).collect();
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(&found[0].seen, &thing.seen);
        }
    }

    #[test]
    fn a_number_lies_between_the_most_of_a_look_and_the_sum(
        home in home(), size in 3_usize..20, marks in subsequence((0..30).collect::<Vec<u32>>(), 0..30),
    ) {
        let mut home = home;
        for thing in &mut home {
            // Some can be told from their like, others can't.
            if !marks.iter().any(|n| thing.mark == format!("number {n}")) {
                thing.mark.clear();
            }
        }
        let looks = seen(&home, size);
        let count = |things: &[Thing], id: &str| -> u32 {
            let of_kind = things.iter().filter(|thing| thing.item.unwrap().id == id);
            of_kind.map(Thing::count).sum()
        };
        let things = join(&looks);
        for id in ["chair", "stool", "armchair"] {
            let each = looks.iter().map(|look| count(&look.things, id));
            let (most, sum) = (each.clone().max().unwrap_or(0), each.sum::<u32>());
            let joined = count(&things, id);
            prop_assert!(most <= joined && joined <= sum, "{most} {joined} {sum}");
        }
    }
}

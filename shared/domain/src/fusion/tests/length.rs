//! A result stays short, and says what it leaves out.

use super::{laws::left, *};
use crate::inventory::MAX_JSON_BYTES;

/// `count` kinds of the catalogue, two of each third, over `rooms` rooms.
fn large_home(count: usize, rooms: usize) -> Vec<Thing> {
    catalogue::ITEMS
        .iter()
        .step_by(catalogue::ITEMS.len() / count)
        .take(count)
        .zip(catalogue::ROOMS.iter().take(rooms).cycle())
        .enumerate()
        .map(|(at, (item, room))| see(at % 20, item.id, room.id, if at % 3 == 0 { 2 } else { 1 }))
        .collect()
}

fn bytes(inventory: &Inventory) -> usize {
    serde_json::to_vec(inventory).unwrap().len()
}

/// The room, id, quantity and volume in litres of each line.
fn lines(inventory: &Inventory) -> Vec<(String, String, u32, u64)> {
    let litres = |volume: f64| (volume * 1000.0).round() as u64;
    let mut lines = Vec::new();
    for room in &inventory.rooms {
        for (id, line) in &room.things {
            let room = room.room.clone().unwrap();
            lines.push((room, id.clone(), line.quantity, litres(line.volume)));
        }
    }
    lines.sort();
    lines
}

#[test]
fn a_hundred_and_twenty_lines_in_ten_rooms_keep_all_of_it() {
    for (count, rooms) in [(15, 5), (60, 8), (100, 8), (120, 10)] {
        let seen = large_home(count, rooms);
        let mut expected: Vec<_> = seen
            .iter()
            .map(|seen| {
                let item = seen.item.unwrap();
                let litres = (item.volume * 1000.0).round() as u64 * u64::from(seen.count());
                let room = seen.room.unwrap().id;
                (room.to_owned(), item.id.to_owned(), seen.count(), litres)
            })
            .collect();
        expected.sort();
        let inventory = home(seen, vec![]);
        assert_eq!(lines(&inventory), expected);
        assert_eq!(inventory.others, None);
        assert!(
            inventory
                .rooms
                .iter()
                .all(|room| room.things.values().all(|line| line.seen_at.is_some()))
        );
    }
}

#[test]
fn the_largest_and_the_open_ones_keep_their_lines() {
    let mut seen = large_home(200, 6);
    seen.push(see(0, "vase", "hall", 1));
    let undecided = say(Decision::Unsure, "vase", "hall", None);
    let inventory = home(seen, vec![undecided]);
    let objects = inventory.objects();
    let (vases, listed): (Vec<_>, Vec<_>) =
        objects.iter().partition(|object| object.name == "Vase");
    assert!(vases.iter().any(|vase| vase.flags.contains(&Flag::Unsure)));
    let smallest = listed
        .iter()
        .map(|object| object.volume)
        .reduce(f64::min)
        .unwrap();
    let others = inventory.others.unwrap();
    assert!(others.volume / others.lines as f64 <= smallest);
    assert!(
        others.lines > 0 && objects.len() >= 100,
        "{}",
        objects.len()
    );
}

#[test]
fn a_remark_says_what_is_grouped() {
    let everything: Vec<Thing> = catalogue::ROOMS
        .iter()
        .flat_map(|room| {
            let small = catalogue::ITEMS.iter().filter(|item| item.volume < 0.05);
            small.map(|item| see(1, item.id, room.id, 1))
        })
        .collect();
    let lines_in_all = everything.len();
    let inventory = home(everything, vec![]);
    assert!(bytes(&inventory) < MAX_JSON_BYTES);
    let grouped = lines_in_all - lines(&inventory).len();
    assert!(grouped > 100 && lines(&inventory).len() > 60);
    let remark = format!("{grouped} lines of small objects are counted without being listed.");
    assert_eq!(inventory.remarks, [remark]);
    let quantity: u32 = inventory.rooms.iter().map(|room| room.quantity).sum();
    assert_eq!(quantity as usize, lines_in_all);
}

#[test]
fn many_remarks_and_much_that_stays_are_cut_and_said() {
    let mut cues = Vec::new();
    for item in catalogue::ITEMS.iter().step_by(3) {
        cues.push(say(Decision::Leave, item.id, "cellar", Some(2)));
    }
    for item in catalogue::ITEMS.iter().skip(1).step_by(3) {
        cues.push(say(Decision::Unsure, item.id, "office", None));
    }
    let inventory = home(vec![], cues);
    assert!(bytes(&inventory) < MAX_JSON_BYTES);
    let kinds = u32::try_from(catalogue::ITEMS.len().div_ceil(3)).unwrap();
    assert_eq!(left(&inventory), 2 * kinds);
    let last = inventory.remarks.last().unwrap();
    assert!(
        last.starts_with("Remarks left out for want of space: "),
        "{last}"
    );
    assert!(
        inventory.staying.contains_key("cellar"),
        "what stays is named"
    );
}

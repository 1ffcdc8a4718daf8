//! A result stays short, and says what it leaves out.

use super::*;
use crate::inventory::{MAX_JSON_BYTES, NO_ROOM};

/// `count` kinds of the catalogue, two of each third, over `rooms` rooms.
fn large_home(count: usize, rooms: usize) -> Vec<Observation> {
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

/// Of each line, listed or in contents, its room, id, quantity and volume in litres.
fn lines(inventory: &Inventory) -> Vec<(String, String, u32, u64)> {
    let litres = |volume: f64| (volume * 1000.0).round() as u64;
    let mut lines = Vec::new();
    for object in &inventory.objects {
        for (room, contents) in &object.contents {
            for (id, (quantity, volume)) in contents {
                lines.push((room.clone(), id.clone(), *quantity, litres(*volume)));
            }
        }
        if object.contents.is_empty() {
            let room = object.room.clone().unwrap_or_else(|| NO_ROOM.to_owned());
            let id = object.catalogue_id.clone().unwrap();
            lines.push((room, id, object.quantity, litres(object.volume)));
        }
    }
    lines.sort();
    lines
}

#[test]
fn sixty_entries_keep_their_kind_room_number_and_volume() {
    for (count, rooms, whole) in [(15, 5, 15), (60, 8, 10), (70, 5, 10), (100, 8, 6)] {
        let seen = large_home(count, rooms);
        let mut expected: Vec<_> = seen
            .iter()
            .map(|seen| {
                let item = seen.item.unwrap();
                let litres = (item.volume * 1000.0).round() as u64 * u64::from(seen.count);
                let room = seen.room.unwrap().id;
                (room.to_owned(), item.id.to_owned(), seen.count, litres)
            })
            .collect();
        expected.sort();
        let inventory = home(seen, vec![]);
        assert_eq!(lines(&inventory), expected);
        let listed = inventory.objects.iter().filter(|o| o.contents.is_empty());
        assert!(listed.count() >= whole, "{}", inventory.objects.len());
    }
}

#[test]
fn the_largest_and_the_open_ones_keep_all_their_members() {
    let mut seen = large_home(60, 6);
    seen.push(see(0, "vase", "hall", 1));
    let undecided = say(Decision::Unsure, "vase", "hall", None);
    let inventory = home(seen.clone(), vec![undecided]);
    let listed: Vec<&str> = inventory
        .objects
        .iter()
        .filter_map(|object| object.catalogue_id.as_deref())
        .collect();
    assert!(listed.contains(&"vase"));
    let smallest = inventory
        .objects
        .iter()
        .filter(|object| object.catalogue_id.is_some() && object.name != "Vase")
        .map(|object| object.volume)
        .reduce(f64::min);
    let [group] = &inventory
        .objects
        .iter()
        .filter(|o| !o.contents.is_empty())
        .collect::<Vec<_>>()[..]
    else {
        panic!("one group")
    };
    let largest = group.contents.values().flat_map(|room| room.values());
    let largest = largest.map(|(_, volume)| *volume).reduce(f64::max);
    assert!(largest <= smallest);
    assert_eq!(
        (group.name.as_str(), group.catalogue_id.as_deref()),
        ("Other objects", None)
    );
    assert!(group.flags.contains(&Flag::Fragile));
}

#[test]
fn a_remark_says_what_is_grouped_and_what_is_not_even_named() {
    let inventory = home(large_home(60, 8), vec![]);
    let grouped = 61 - inventory.objects.len();
    let remark = format!("{grouped} lines of small objects are grouped as “Other objects”.");
    assert_eq!(inventory.remarks, [remark]);

    let everything: Vec<Observation> = catalogue::ROOMS
        .iter()
        .flat_map(|room| {
            catalogue::ITEMS
                .iter()
                .map(|item| see(1, item.id, room.id, 1))
        })
        .collect();
    let lines_in_all = everything.len();
    let inventory = home(everything, vec![]);
    assert!(bytes(&inventory) < MAX_JSON_BYTES);
    let grouped = lines_in_all + 1 - inventory.objects.len();
    let named = lines(&inventory).len() + 1 - inventory.objects.len();
    let unnamed = grouped - named;
    assert!(unnamed > 0);
    let remark = format!(
        "{grouped} lines of small objects are grouped as “Other objects”, {unnamed} of them without a name."
    );
    assert_eq!(inventory.remarks, [remark]);
}

#[test]
fn many_remarks_and_much_that_stays_are_cut_last_and_said() {
    let mut cues = Vec::new();
    for item in catalogue::ITEMS.iter().step_by(3) {
        cues.push(say(Decision::Leave, item.id, "cellar", Some(2)));
    }
    for item in catalogue::ITEMS.iter().skip(1).step_by(3) {
        cues.push(say(Decision::Unsure, item.id, "office", None));
    }
    let inventory = home(vec![], cues);
    assert!(bytes(&inventory) < MAX_JSON_BYTES);
    let left: u32 = inventory.staying.iter().map(|stay| stay.quantity).sum();
    let kinds = u32::try_from(catalogue::ITEMS.len().div_ceil(3)).unwrap();
    assert_eq!(left, 2 * kinds);
    let last = inventory.remarks.last().unwrap();
    assert!(
        last.starts_with("Remarks left out for want of space: "),
        "{last}"
    );
    let named: usize = inventory
        .staying
        .iter()
        .flat_map(|stay| stay.contents.values())
        .map(|room| room.len())
        .sum();
    assert!(named > 0, "what stays is named");
}

//! No more than a home can hold, and lines that say all that can be looked up.

use super::*;

/// So many sofas, as a model names them.
fn sofas(count: u32, room: &str) -> Thing {
    see(0, "sofa_3_seat", room, count)
}

#[test]
fn a_billion_sofas_are_not_believed() {
    let inventory = home(vec![sofas(u32::MAX, "living_room")], vec![]);
    let objects = inventory.objects();
    // 16 m³ of 1.7 m³ each.
    assert_eq!(objects[0].quantity, 9);
    assert_eq!(
        objects[0].conflict,
        Some(Conflict::Space {
            named: 200,
            counted: 9
        })
    );
    assert!(objects[0].flags.contains(&Flag::Contradiction));
    assert_eq!(
        inventory.remarks,
        [
            "3-seat sofa (Living room): 200 named, more than the room can hold; 9 counted, please check."
        ]
    );
    assert!(inventory.total_volume < 16.0 && inventory.vehicle.count == 1);
}

#[test]
fn a_room_full_of_everything_holds_what_it_can() {
    let everything = catalogue::ITEMS
        .iter()
        .map(|item| see(0, item.id, "office", 200));
    let inventory = home(everything.collect(), vec![]);
    assert!(inventory.total_volume <= 24.0, "{}", inventory.total_volume);
    assert!(
        inventory
            .remarks
            .iter()
            .any(|remark| remark.contains("more than the room can hold"))
    );
    // Where no room is known, there may be several.
    let everywhere = catalogue::ITEMS.iter().map(|item| see(0, item.id, "", 1));
    let inventory = home(everywhere.collect(), vec![]);
    assert!(
        (100.0..=120.0).contains(&inventory.total_volume),
        "{}",
        inventory.total_volume
    );
    // What is named less often is believed first.
    let with_lamp = home(
        vec![sofas(200, "office"), see(0, "lamp_floor", "office", 2)],
        vec![],
    );
    assert!(list(&with_lamp).contains(&("Floor lamp", Some("office"), 2)));
}

#[test]
fn a_family_s_word_is_not_cut() {
    let said = vec![say(Decision::Move, "carton", "garage", Some(150))];
    assert_eq!(
        list(&home(vec![], said)),
        [("Moving box", Some("garage"), 150)]
    );
}

#[test]
fn a_line_in_full_is_what_fusion_knew() {
    let things = vec![
        Thing {
            sizes: [1, 0, 2],
            fragile: true,
            confidence: 0.5,
            ..see(3, "chair", "kitchen", 3)
        },
        Thing {
            sizes: [0, 0, 1],
            ..see(1, "telescope", "office", 1)
        },
    ];
    let inventory = home(
        things,
        vec![say(Decision::Unsure, "chair", "kitchen", None)],
    );
    let json = serde_json::to_string(&inventory).unwrap();
    let read: Inventory = serde_json::from_str(&json).unwrap();
    assert_eq!(read, inventory);
    let objects = read.objects();
    let [chairs, telescope] = objects.as_slice() else {
        panic!("two lines")
    };
    let chair = catalogue::item("chair").unwrap();
    let (small, large) = chair.bounds;
    let volume = ((small + 2.0 * large) * 1000.0).round() / 1000.0;
    assert_eq!((chairs.quantity, chairs.volume), (3, volume));
    assert_eq!(chairs.flags, [Flag::Fragile, Flag::Unsure]);
    assert_eq!((chairs.seen_at, chairs.said), (Some(6), true));
    // 0.5 seen, and said: 0.9.
    assert_eq!(chairs.confidence, None);
    assert_eq!(
        (telescope.name.as_str(), telescope.catalogue_id.as_deref()),
        ("Telescope", None)
    );
    assert_eq!(telescope.volume_range, [0.333, 3.0]);
    // The sums of the lines are the totals.
    let sum: f64 = objects.iter().map(|object| object.volume).sum();
    assert!((sum - inventory.total_volume).abs() < 1e-9);
    let french = &read.objects_in(Locale::Fr)[0];
    assert_eq!(
        (french.name.as_str(), french.room_name.as_str()),
        ("Chaise", "Cuisine")
    );
}

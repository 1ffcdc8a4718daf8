//! What speech adds to pictures.

use super::*;

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

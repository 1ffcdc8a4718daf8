//! What speech adds to pictures.

use super::*;

#[test]
fn what_was_only_said_is_added() {
    let inventory = home(
        vec![],
        vec![say(Decision::Move, "bicycle", "cellar", Some(3))],
    );
    assert_eq!(list(&inventory), [("Bicycle", Some("cellar"), 3)]);
    assert!(inventory.objects()[0].said);
    assert_eq!(inventory.objects()[0].confidence, Some(0.8));
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
fn a_word_for_several_kinds_means_the_one_that_is_seen() {
    let sofa = || vec![see(0, "sofa_3_seat", "living_room", 1)];
    let leave = |room| say(Decision::Leave, "sofa_2_seat", room, None);
    for room in ["", "living_room"] {
        let inventory = home(sofa(), vec![leave(room)]);
        assert!(list(&inventory).is_empty());
        assert_eq!(staying(&inventory), [("3-seat sofa", LIVING, 1)]);
    }
    // Of another room, or where it may be either of two, it means what it says.
    let elsewhere = home(sofa(), vec![leave("cellar")]);
    assert_eq!(list(&elsewhere), [("3-seat sofa", LIVING, 1)]);
    assert_eq!(staying(&elsewhere), [("2-seat sofa", Some("cellar"), 1)]);
    let mut two = sofa();
    two.push(see(0, "sofa_corner", "living_room", 1));
    let either = home(two.clone(), vec![leave("")]);
    assert_eq!(staying(&either), [("2-seat sofa", None, 1)]);
    two.push(see(0, "sofa_2_seat", "living_room", 1));
    let exact = home(two, vec![leave("")]);
    assert_eq!(staying(&exact), [("2-seat sofa", LIVING, 1)]);
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
    assert!(unsure.objects()[0].flags.contains(&Flag::Unsure));
    assert_eq!(
        unsure.remarks,
        ["Upright piano (Living room): undecided, counted for now."]
    );
    assert_eq!(unsure.objects()[0].conflict, None);
}

#[test]
fn a_contradiction_is_told_with_both_sides() {
    let both = home(
        vec![see(0, "tv", "kitchen", 1)],
        vec![
            say(Decision::Leave, "tv", "", None),
            say(Decision::Move, "tv", "kitchen", None),
        ],
    );
    assert_eq!(list(&both), [("TV", KITCHEN, 1)]);
    assert!(staying(&both).is_empty());
    assert_eq!(
        both.objects()[0].flags,
        [Flag::Fragile, Flag::Contradiction]
    );
    let (moving, staying) = (1, 1);
    let conflict = Conflict::Decision { moving, staying };
    assert_eq!(both.objects()[0].conflict, Some(conflict));
    assert_eq!(
        both.remarks,
        ["TV (Kitchen): said both to move (1) and to stay (1), counted for now."]
    );

    let everywhere = home(
        vec![
            see(0, "chair", "kitchen", 4),
            see(1, "chair", "living_room", 2),
        ],
        vec![
            say(Decision::Leave, "chair", "", None),
            say(Decision::Move, "chair", "", None),
        ],
    );
    let sides: Vec<_> = everywhere
        .objects()
        .iter()
        .filter_map(|object| object.conflict)
        .collect();
    let side = |n| Conflict::Decision {
        moving: n,
        staying: n,
    };
    assert_eq!(sides, [side(2), side(4)]);
}

#[test]
fn numbers_that_differ_are_a_contradiction_of_each_entry_they_concern() {
    let here = home(
        vec![
            see(0, "chair", "kitchen", 4),
            see(1, "chair", "living_room", 2),
        ],
        vec![say(Decision::Move, "chair", "kitchen", Some(6))],
    );
    let differs = |seen, said| Some(Conflict::Quantity { seen, said });
    assert_eq!(here.objects()[0].conflict, None);
    assert_eq!(here.objects()[1].conflict, differs(4, 6));
    assert_eq!(here.objects()[1].flags, [Flag::Contradiction]);

    let anywhere = home(
        vec![
            see(0, "chair", "kitchen", 4),
            see(1, "chair", "living_room", 2),
        ],
        vec![say(Decision::Move, "chair", "", Some(9))],
    );
    assert_eq!(anywhere.objects().len(), 3);
    for object in &anywhere.objects() {
        assert_eq!(object.conflict, differs(6, 9), "{:?}", object.room);
    }
}

#[test]
fn what_moves_and_what_stays_must_be_all_there_is() {
    let chairs = |seen, moving: Option<u32>, staying| {
        let mut cues = vec![say(Decision::Leave, "chair", "kitchen", Some(staying))];
        cues.extend(moving.map(|n| say(Decision::Move, "chair", "kitchen", Some(n))));
        home(vec![see(0, "chair", "kitchen", seen)], cues)
    };
    for (seen, moving, stays, remark) in [
        (6, Some(4), 2, None),
        (
            6,
            Some(4),
            1,
            Some("Chair (Kitchen): 6 seen, 5 mentioned; 6 counted."),
        ),
        (
            6,
            Some(4),
            3,
            Some("Chair (Kitchen): 6 seen, 7 mentioned; 7 counted."),
        ),
        (6, None, 2, None),
        (
            2,
            None,
            3,
            Some("Chair (Kitchen): 2 seen, 3 mentioned; 3 counted."),
        ),
    ] {
        let inventory = chairs(seen, moving, stays);
        let told: Vec<&str> = inventory.remarks.iter().map(String::as_str).collect();
        let nothing = inventory.objects().is_empty();
        let expected = nothing.then_some("No object to move was recognised.");
        assert_eq!(told, expected.into_iter().chain(remark).collect::<Vec<_>>());
        let counted = |sum, list: Vec<(_, _, u32)>| list.iter().fold(sum, |sum, line| sum + line.2);
        let all = counted(counted(0, list(&inventory)), staying(&inventory));
        assert_eq!(all, seen.max(moving.unwrap_or(0) + stays));
    }
}

use serde_json::{Value, json};

use super::super::answers::{cues, groups, things};
use dodolens_app::ports::ModelError;
use dodolens_domain::{
    catalogue::{ITEMS, ROOMS},
    evidence::{Decision, MAX_COUNT, Sight},
};

fn seen(change: &Value) -> String {
    let seen = [
        json!({"frame": 0, "count": 2}),
        json!({"frame": 1, "count": 1}),
    ];
    let mut entry = json!({"catalogueId": ITEMS[0].id, "label": "thing", "room": ROOMS[0].id, "count": 3, "seen": seen,
        "mark": "red, by the door", "size": "large", "fragile": true, "confidence": 0.5});
    merge(&mut entry, change);
    json!({"things": [entry]}).to_string()
}

fn said(change: &Value) -> String {
    let mut entry = json!({"catalogueId": ITEMS[0].id, "label": "thing", "room": null, "count": null,
        "decision": "leave", "remark": null});
    merge(&mut entry, change);
    json!({"cues": [entry]}).to_string()
}

fn merge(entry: &mut Value, change: &Value) {
    for (name, value) in change.as_object().unwrap() {
        entry[name] = value.clone();
    }
}

#[test]
fn a_good_answer_is_read_whole() {
    let read = things(&seen(&json!({})), &(20..22)).unwrap();
    let [seen] = read.as_slice() else {
        panic!("one thing")
    };
    assert_eq!(seen.item, Some(&ITEMS[0]));
    assert_eq!(seen.room, Some(&ROOMS[0]));
    let sight = |frame, count| Sight { frame, count };
    assert_eq!(seen.seen, [sight(20, 2), sight(21, 1)]);
    assert_eq!((seen.sizes, seen.fragile), ([0, 0, 3], true));
    assert_eq!(
        (seen.mark.as_str(), seen.confidence),
        ("red, by the door", 0.5)
    );
    assert!(!seen.perhaps_again);

    let read = cues(&said(&json!({"count": 3, "remark": "heavy"}))).unwrap();
    let [said] = read.as_slice() else {
        panic!("one cue")
    };
    assert_eq!(said.item, Some(&ITEMS[0]));
    assert_eq!((said.count, said.decision), (Some(3), Decision::Leave));
    assert_eq!(said.remark.as_deref(), Some("heavy"));
}

#[test]
fn values_are_brought_into_bounds() {
    for (count, expected) in [(0, 1), (-5, 1), (201, MAX_COUNT), (i64::MAX, MAX_COUNT)] {
        let frames = json!([{"frame": 0, "count": count}]);
        let read = things(&seen(&json!({"count": count, "seen": frames})), &(0..2)).unwrap();
        assert_eq!(
            (read[0].count(), read[0].seen[0].count),
            (expected, expected)
        );
        let read = cues(&said(&json!({"count": count}))).unwrap();
        assert_eq!(read[0].count, Some(expected));
    }
    // Two are seen at once, and three in all.
    for (count, expected) in [(0, 2), (2, 2), (3, 3), (4, 3)] {
        let read = things(&seen(&json!({"count": count})), &(0..2)).unwrap();
        assert_eq!(read[0].count(), expected);
    }
    for (confidence, expected) in [(-1.0, 0.0), (7.5, 1.0), (1e300, 1.0)] {
        let read = things(&seen(&json!({"confidence": confidence})), &(0..2)).unwrap();
        assert_eq!(read[0].confidence, expected);
    }
    for frame in [-1, 2, i64::MAX] {
        let nowhere = json!({"seen": [{"frame": frame, "count": 1}]});
        assert!(things(&seen(&nowhere), &(0..2)).unwrap().is_empty());
    }
    let label = format!("a\u{0}b\u{202e}\tc\n{}", "x".repeat(100));
    let read = things(&seen(&json!({"label": label})), &(0..2)).unwrap();
    assert_eq!(read[0].label, format!("ab c {}", "x".repeat(55)));
    let read = cues(&said(&json!({"remark": "é".repeat(300)}))).unwrap();
    assert_eq!(read[0].remark, Some("é".repeat(120)));
}

#[test]
fn what_is_outside_the_catalogue_keeps_its_label() {
    let unknown =
        json!({"catalogueId": "flying_carpet", "room": "moon", "label": " Flying  carpet "});
    let read = things(&seen(&unknown), &(0..2)).unwrap();
    assert_eq!((read[0].item, read[0].room), (None, None));
    assert_eq!(read[0].label, "Flying carpet");
    assert_eq!(cues(&said(&unknown)).unwrap()[0].item, None);

    let nameless = json!({"catalogueId": null, "label": " \u{7} "});
    assert!(things(&seen(&nameless), &(0..2)).unwrap().is_empty());
    assert!(cues(&said(&nameless)).unwrap().is_empty());
}

#[test]
fn another_form_is_malformed() {
    for change in [
        json!({"count": "two"}),
        json!({"count": null}),
        json!({"count": 1.5}),
        json!({"seen": [{"frame": "0", "count": 1}]}),
        json!({"seen": [{"frame": 0}]}),
        json!({"seen": 1}),
        json!({"mark": null}),
        json!({"size": "huge"}),
        json!({"fragile": "yes"}),
        json!({"label": null}),
        json!({"confidence": "high"}),
        json!({"catalogueId": 5}),
        json!({"extra": 1}),
    ] {
        assert_eq!(
            things(&seen(&change), &(0..2)),
            Err(ModelError::Malformed),
            "{change}"
        );
    }
    for change in [
        json!({"decision": "sell"}),
        json!({"remark": 1}),
        json!({"extra": 1}),
    ] {
        assert_eq!(cues(&said(&change)), Err(ModelError::Malformed), "{change}");
    }
    for (text, expected) in [
        ("", ModelError::Empty),
        (" \n", ModelError::Empty),
        ("[]", ModelError::Malformed),
        ("{}", ModelError::Malformed),
        ("{\"cues\":[],\"more\":1}", ModelError::Malformed),
        ("{\"cues\":[{}]}", ModelError::Malformed),
        ("{\"cues\":[", ModelError::Truncated),
        ("{\"cues\":[]} and so on", ModelError::NotJson),
        ("Here it is: {\"cues\":[]}", ModelError::NotJson),
        ("```json\n{\"cues\":[]}\n```", ModelError::NotJson),
    ] {
        assert_eq!(cues(text), Err(expected), "{text}");
    }
    for name in [
        "catalogueId",
        "label",
        "room",
        "count",
        "decision",
        "remark",
    ] {
        let mut answer: Value = serde_json::from_str(&said(&json!({}))).unwrap();
        answer["cues"][0].as_object_mut().unwrap().remove(name);
        assert_eq!(
            cues(&answer.to_string()),
            Err(ModelError::Malformed),
            "{name}"
        );
    }
}

#[test]
fn groups_are_ids_and_nothing_else() {
    let text = json!({"groups": [{"ids": [1, 4]}, {"ids": [-1, 2]}, {"ids": []}]}).to_string();
    assert_eq!(groups(&text), Ok(vec![vec![1, 4], vec![2], vec![]]));
    for text in [
        r#"{"groups":[[1,2]]}"#,
        r#"{"groups":[{"ids":["1"]}]}"#,
        r#"{"ids":[1]}"#,
    ] {
        assert_eq!(groups(text), Err(ModelError::Malformed), "{text}");
    }
}

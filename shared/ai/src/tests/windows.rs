//! A long video: several calls at once.

use super::*;
use dodolens_app::ports::{ModelError, Task, VisionModel as _};
use dodolens_domain::{
    evidence::{Sight, Thing},
    joining::Open,
};
use wiremock::matchers::body_string_contains;

/// Four pictures a call at most.
fn small(base_url: &str) -> Ai {
    let limits = CallLimits {
        pictures: 4,
        ..LIMITS
    };
    Ai::new(
        &config(base_url),
        &ApiKeys::from_json(KEYS).unwrap(),
        limits,
    )
    .unwrap()
}

/// A picture that can be told from the others in a request.
fn frames() -> Vec<Frame> {
    (0..10_u8)
        .map(|n| Frame {
            jpeg: vec![b'A' + n; 30].into(),
            at: Duration::from_secs(n.into()),
        })
        .collect()
}

fn chair(frame: usize) -> String {
    json!({"things": [{"catalogueId": "chair", "label": "chair", "room": "kitchen", "count": 1,
        "seen": [{"frame": frame, "count": 1}], "mark": "white", "size": "medium", "fragile": false,
        "confidence": 0.9}]})
    .to_string()
}

/// Answers to the requests that hold a text; the others get the second answer.
async fn server_for(text: &str, answer: ResponseTemplate, others: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let mock = Mock::given(body_string_contains(text)).respond_with(answer);
    mock.with_priority(1).mount(&server).await;
    let mock = Mock::given(matchers::method("POST")).respond_with(others);
    mock.with_priority(2).mount(&server).await;
    server
}

#[tokio::test]
async fn each_call_has_its_frames_and_its_numbers_become_those_of_the_video() {
    // "Frame 1" of the last call.
    let server = server(vec![ok(&completed(&chair(1)))]).await;
    let found = unwatched();
    let read = small(&server.uri())
        .look(&frames(), &terms(Locale::En), &found)
        .await;
    let looked = read.answer.unwrap();
    assert!(looked.unanswered.is_empty());
    let frames: Vec<_> = looked
        .looks
        .iter()
        .map(|look| look.frames.clone())
        .collect();
    assert_eq!(frames, [0..3, 2..5, 4..7, 6..10]);
    let seen: Vec<_> = looked
        .looks
        .iter()
        .map(|look| look.things[0].seen[0].frame)
        .collect();
    assert_eq!(seen, [1, 3, 5, 7]);
    assert_eq!(*found.borrow(), looked.looks);
    assert_eq!((read.calls.len(), calls(&server).await), (4, 4));
}

#[tokio::test]
async fn a_call_that_fails_for_good_leaves_a_gap_and_the_others_count() {
    let first = "(0.0 s)";
    let server = server_for(first, status(400), ok(&completed(&chair(0)))).await;
    let read = small(&server.uri())
        .look(&frames(), &terms(Locale::En), &unwatched())
        .await;
    let looked = read.answer.unwrap();
    assert_eq!(looked.looks.len(), 3);
    assert_eq!(
        (looked.unanswered.len(), looked.unanswered.first()),
        (1, Some(&(0..2)))
    );
    assert_eq!(
        read.calls
            .iter()
            .filter(|call| call.failure.is_some())
            .count(),
        1
    );

    let server = self::server(vec![status(400)]).await;
    let none = small(&server.uri())
        .look(&frames(), &terms(Locale::En), &unwatched())
        .await;
    assert_eq!(none.answer, Err(ModelError::Rejected { status: 400 }));
}

#[tokio::test]
async fn all_calls_together_keep_within_the_budget_that_one_look_is_said_to_cost() {
    let server = server(vec![ok(&completed(&chair(0)))]).await;
    let ai = small(&server.uri());
    let looks = |budget| {
        let terms = Terms {
            budget,
            ..terms(Locale::En)
        };
        let ai = &ai;
        async move { ai.look(&frames(), &terms, &unwatched()).await.answer }
    };
    assert!(looks(ai.price(10)).await.unwrap().unanswered.is_empty());
    assert!(looks(ai.price(10).split(3)).await.is_err());
}

#[tokio::test]
async fn things_that_may_be_the_same_are_told_apart_without_pictures() {
    let answer = json!({"groups": [{"ids": [3, 8]}]}).to_string();
    let server = server(vec![ok(&completed(&answer))]).await;
    let open = |id, look, mark: &str| Open {
        id,
        look,
        thing: Thing {
            item: dodolens_domain::catalogue::item("chair"),
            label: "chair".into(),
            room: None,
            sizes: [0, 2, 0],
            seen: vec![Sight {
                frame: look,
                count: 2,
            }],
            mark: mark.into(),
            fragile: false,
            confidence: 0.5,
            perhaps_again: false,
        },
    };
    let things = [open(3, 0, "white \"paint\""), open(8, 1, "pale")];
    let read = ai(&config(&server.uri()))
        .tell_apart(&things, &[0.5, 1.5], &terms(Locale::En))
        .await;
    assert_eq!(read.answer, Ok(vec![vec![3, 8]]));
    assert_eq!(
        (read.calls[0].task, read.calls[0].model.as_str()),
        (Task::Join, "understands")
    );
    let body: Value = sent(&server).await.body_json().unwrap();
    let content = body["input"][0]["content"].as_array().unwrap();
    let [list] = content.as_slice() else {
        panic!("one text")
    };
    let list: Value = serde_json::from_str(list["text"].as_str().unwrap()).unwrap();
    let expected = json!({"id": 8, "call": 1, "catalogueId": "chair", "label": "chair", "room": null, "count": 2,
        "mark": "pale", "from": 1.5, "to": 1.5});
    assert_eq!(list["things"][1], expected);
    forms::assert_portable(&body["text"]["format"]["schema"]);
}

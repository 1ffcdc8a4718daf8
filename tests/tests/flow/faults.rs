use std::time::Duration;

use bytes::Bytes;
use dodolens::{
    domain::{evidence::Gap, receipt::ErasureReason, session::SessionState},
    wire::{http::Snapshot, problem::ProblemCode, ws::Event},
};
use dodolens_local::{
    peer::{Failures, Faults, Hold, PeerOptions},
    video::VideoSpec,
};
use dodolens_tests::{
    inventory::counted,
    stack::{AI_KEY, Setup, TestStack, showing, video},
};
use serde_json::json;

const REJECTED: u16 = 400;

fn failing(requests: Option<u32>) -> Faults {
    Faults {
        fail: Some(Failures {
            status: REJECTED,
            requests,
        }),
        ..Faults::default()
    }
}

/// An armchair is seen and two bicycles are said.
async fn analyzed(peer: PeerOptions) -> (TestStack, Snapshot) {
    saying("Two bicycles in the cellar.", peer).await
}

/// An armchair is seen and this is said.
async fn saying(words: &str, peer: PeerOptions) -> (TestStack, Snapshot) {
    let stack = TestStack::start(Setup {
        peer,
        ..Setup::default()
    })
    .await;
    let spec = VideoSpec {
        seconds: 4.0,
        say: Some(words.into()).filter(|words: &String| !words.is_empty()),
        ..showing(&["armchair@living_room"])
    };
    let outcome = stack.analyze(&video(&spec, ".mp4").await).await;
    assert_eq!(stack.parts().await, 0);
    (stack, outcome.last.snapshot)
}

fn objects(snapshot: &Snapshot) -> Vec<&str> {
    let result = snapshot.result.as_ref().unwrap();
    let objects = counted(result).into_iter();
    objects.map(|(id, _)| id).collect()
}

#[tokio::test]
async fn a_try_that_failed_for_a_passing_reason_is_repeated_at_once() {
    let peer = PeerOptions {
        vision: failing(Some(1)),
        transcription: failing(Some(1)),
        ..PeerOptions::new(AI_KEY)
    };
    let (stack, snapshot) = analyzed(peer).await;
    assert_eq!(snapshot.state, SessionState::Complete);
    assert_eq!(objects(&snapshot), ["armchair", "bicycle"]);
    assert_eq!(snapshot.result.unwrap().degraded, []);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn one_provider_that_is_dead_weakens_the_answer_and_the_answer_says_so() {
    let (stack, snapshot) = analyzed(PeerOptions {
        vision: failing(None),
        ..PeerOptions::new(AI_KEY)
    })
    .await;
    assert_eq!(objects(&snapshot), ["bicycle"]);
    assert_eq!(snapshot.result.unwrap().degraded, [Gap::VisionUnavailable]);
    stack.running.shutdown().await;

    let (stack, snapshot) = analyzed(PeerOptions {
        transcription: failing(None),
        ..PeerOptions::new(AI_KEY)
    })
    .await;
    assert_eq!(objects(&snapshot), ["armchair"]);
    assert_eq!(snapshot.result.unwrap().degraded, [Gap::SpeechUnavailable]);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn with_both_providers_dead_there_is_a_problem_and_nothing_is_left() {
    let peer = PeerOptions {
        vision: failing(None),
        transcription: failing(None),
        ..PeerOptions::new(AI_KEY)
    };
    let (stack, snapshot) = analyzed(peer).await;
    assert_eq!(snapshot.state, SessionState::Failed);
    assert_eq!(
        snapshot.problem.unwrap().code,
        ProblemCode::AnalysisUnavailable
    );
    assert_eq!(
        snapshot.receipt.unwrap().statement.reason,
        ErasureReason::Failed
    );
    stack.running.shutdown().await;
}

#[tokio::test]
async fn without_pictures_and_a_word_about_objects_there_is_no_inventory() {
    for words in ["", "Hello everybody.", "The piano stays."] {
        for status in [REJECTED, 500] {
            let peer = PeerOptions {
                vision: Faults {
                    fail: Some(Failures {
                        status,
                        requests: None,
                    }),
                    ..Faults::default()
                },
                ..PeerOptions::new(AI_KEY)
            };
            let (stack, snapshot) = saying(words, peer).await;
            let problem = snapshot.problem.map(|problem| problem.code);
            let unavailable = Some(ProblemCode::AnalysisUnavailable);
            assert_eq!((problem, snapshot.result), (unavailable, None), "{words}");
            let tried = stack.logged().matches("another follows").count();
            assert_eq!(tried, 1, "{words}");
            stack.running.shutdown().await;
        }
    }
}

#[tokio::test]
async fn erasing_stops_a_processing_that_is_under_way() {
    let hold = Hold::new();
    let slow = Faults {
        hold: Some(hold.clone()),
        ..Faults::default()
    };
    let stack = TestStack::start(Setup {
        peer: PeerOptions {
            vision: slow,
            ..PeerOptions::new(AI_KEY)
        },
        ..Setup::default()
    })
    .await;
    let path = video(
        &VideoSpec {
            seconds: 2.0,
            ..showing(&["armchair@living_room"])
        },
        ".mp4",
    )
    .await;
    let bytes = Bytes::from(std::fs::read(&path).unwrap());
    let session = stack.open(bytes.len() as u64).await;
    stack.upload(&session, &bytes).await;
    let mut events = stack.client.connect(&session).await.unwrap();
    stack.client.finalize(&session).await.unwrap();
    while let Some(message) = events.next().await.unwrap() {
        if matches!(message.event, Event::FramesExtracted { .. }) {
            break;
        }
    }
    let receipt = stack.client.erase(&session).await.unwrap();
    assert_eq!(receipt.statement.reason, ErasureReason::Requested);
    assert_eq!(stack.parts().await, 0);
    hold.release();
    // The worker comes back with its answer, and finds nobody who wants it.
    let process_is_idle = async {
        while !stack.logged().contains("job taken") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), process_is_idle)
        .await
        .unwrap();
    let snapshot = stack.client.snapshot(&session).await.unwrap().snapshot;
    assert_eq!(
        (snapshot.state, snapshot.result),
        (SessionState::Erased, None)
    );
    assert_eq!(stack.client.erase(&session).await.unwrap(), receipt);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn an_abandoned_upload_is_swept() {
    let stack = TestStack::start(Setup {
        parameters: vec![
            ("MediaTtlSeconds", "10".into()),
            ("SessionTtlSeconds", "40".into()),
        ],
        // Every minute is every half second.
        schedule_scale: 1.0 / 120.0,
        ..Setup::default()
    })
    .await;
    let session = stack.open(600_000).await;
    stack
        .client
        .put_chunk(&session, 0, vec![7; 256 * 1024])
        .await
        .unwrap();
    assert_eq!(stack.parts().await, 1);
    let mut states = Vec::new();
    let swept = async {
        loop {
            let snapshot = stack.client.snapshot(&session).await.unwrap().snapshot;
            if states.last() != Some(&(snapshot.state, stack.parts().await)) {
                states.push((snapshot.state, stack.parts().await));
            }
            if snapshot.receipt.is_some() {
                break snapshot;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let snapshot = tokio::time::timeout(Duration::from_secs(180), swept)
        .await
        .unwrap();
    // First the part, whose time is over; then the session.
    assert_eq!(states.first(), Some(&(SessionState::Open, 1)));
    assert!(states.contains(&(SessionState::Open, 0)), "{states:?}");
    assert_eq!(snapshot.state, SessionState::Expired);
    assert_eq!(snapshot.problem.unwrap().code, ProblemCode::SessionExpired);
    assert_eq!(
        snapshot.receipt.unwrap().statement.reason,
        ErasureReason::Expired
    );
    let late = stack
        .client
        .put_chunk(&session, 1, vec![7; 256 * 1024])
        .await
        .unwrap_err();
    assert_eq!(late.code(), Some(ProblemCode::SessionExpired));
    stack.running.shutdown().await;
}

#[tokio::test]
async fn the_session_of_a_dead_letter_fails_and_its_media_are_destroyed() {
    let stack = TestStack::start(Setup::default()).await;
    let session = stack.open(600_000).await;
    stack
        .client
        .put_chunk(&session, 0, vec![7; 256 * 1024])
        .await
        .unwrap();
    let letter = json!({"Records": [{
        "messageId": "m", "receiptHandle": "h", "body": json!({"sessionId": session.session_id}).to_string(),
        "attributes": {}, "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "eu-west-3",
    }]});
    let answer = stack
        .running
        .cloud
        .invoke("SweepFunction", &letter)
        .await
        .unwrap();
    assert_eq!(answer, r#"{"batchItemFailures":[]}"#);
    let snapshot = stack.client.snapshot(&session).await.unwrap().snapshot;
    assert_eq!(snapshot.state, SessionState::Failed);
    assert_eq!(snapshot.problem.unwrap().code, ProblemCode::Internal);
    assert_eq!(stack.parts().await, 0);
    stack.running.shutdown().await;
}

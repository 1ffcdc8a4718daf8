use std::{collections::BTreeMap, time::Duration};

use dodolens::{
    domain::{evidence::Gap, session::SessionState},
    wire::http::Snapshot,
};
use dodolens_local::{
    peer::{Failures, Faults, PeerOptions, Provider, Seen, Task},
    video::VideoSpec,
};
use dodolens_tests::{
    inventory::counted,
    stack::{AI_KEY, Setup, TestStack, showing, video},
};
use serde_json::Value;

/// A stack with these parameters, after one video with an armchair in it and two bicycles said.
async fn analyzed(
    peer: PeerOptions,
    parameters: &[(&'static str, &str)],
) -> (TestStack, Snapshot, Vec<Seen>) {
    let parameters = parameters.iter();
    let stack = TestStack::start(Setup {
        peer,
        parameters: parameters
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect(),
        ..Setup::default()
    })
    .await;
    let spec = VideoSpec {
        seconds: 8.0,
        say: Some("Two bicycles in the cellar.".into()),
        ..showing(&["armchair@living_room"])
    };
    let outcome = stack.analyze(&video(&spec, ".mp4").await).await;
    assert_eq!(stack.parts().await, 0);
    let seen = stack.running.peer.as_ref().unwrap().seen();
    (stack, outcome.last.snapshot, seen)
}

fn assert_whole(snapshot: &Snapshot) {
    assert_eq!(snapshot.state, SessionState::Complete);
    let result = snapshot.result.as_ref().unwrap();
    assert_eq!(counted(result), [("armchair", 1), ("bicycle", 2)]);
    assert_eq!(result.degraded, []);
}

/// Who was asked for what, and with which status, in any order.
fn answers(seen: &[Seen]) -> BTreeMap<(Provider, Task), Vec<u16>> {
    let mut answers = BTreeMap::<_, Vec<u16>>::new();
    for seen in seen {
        let statuses = answers.entry((seen.provider, seen.task)).or_default();
        statuses.push(seen.status);
    }
    answers
}

/// Waits for the line of the try, which comes when its client has been told.
async fn until_measured(stack: &TestStack) -> Vec<Value> {
    let wait = async {
        loop {
            let sessions = metrics(stack, "session.cost");
            if !sessions.is_empty() {
                return sessions;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), wait)
        .await
        .unwrap()
}

/// The lines of metrics that have this member.
fn metrics(stack: &TestStack, member: &str) -> Vec<Value> {
    let logs = stack.logs.lock().unwrap();
    let lines = logs
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(&line.text).ok());
    lines
        .filter(|line| line.get("_aws").is_some() && line.get(member).is_some())
        .collect()
}

#[tokio::test]
async fn nothing_is_lost_while_one_provider_of_each_chain_lives() {
    let dead = Faults {
        fail: Some(Failures {
            status: 503,
            requests: None,
        }),
        ..Faults::default()
    };
    let peer = PeerOptions {
        vision: dead.clone(),
        transcription: dead.clone(),
        cues: dead,
        ..PeerOptions::new(AI_KEY)
    };
    let (stack, snapshot, seen) = analyzed(
        peer,
        &[
            ("AiVision", "openai:gpt-6-luna,anthropic:claude-haiku-4-5"),
            (
                "AiSpeech",
                "openai:gpt-transcribe,gemini:gemini-3.1-flash-lite",
            ),
            ("AiCues", "openai:gpt-6-luna,compatible:sees-at-home"),
        ],
    )
    .await;
    assert_whole(&snapshot);
    let tries = vec![503; 4];
    let expected = [
        ((Provider::OpenAi, Task::Vision), tries.clone()),
        ((Provider::OpenAi, Task::Transcription), tries.clone()),
        ((Provider::OpenAi, Task::Cues), tries),
        ((Provider::Anthropic, Task::Vision), vec![200]),
        ((Provider::Gemini, Task::Transcription), vec![200]),
        ((Provider::Compatible, Task::Cues), vec![200]),
    ];
    assert_eq!(answers(&seen), BTreeMap::from(expected));

    let sessions = until_measured(&stack).await;
    let calls = metrics(&stack, "ai.cost");
    assert_eq!(calls.len(), seen.len());
    let costs: f64 = calls
        .iter()
        .map(|call| call["ai.cost"].as_f64().unwrap())
        .sum();
    let failures: u64 = calls
        .iter()
        .map(|call| call["ai.failures"].as_u64().unwrap())
        .sum();
    assert_eq!(failures, 12);
    let dear: Vec<&str> = calls
        .iter()
        .filter(|call| call["ai.cost"].as_f64().unwrap() > 0.0)
        .map(|call| call["Provider"].as_str().unwrap())
        .collect();
    assert_eq!(dear.len(), 2, "{dear:?}");
    assert!(dear.contains(&"anthropic") && dear.contains(&"gemini"));
    let [session] = sessions.as_slice() else {
        panic!("one try")
    };
    assert_eq!(session["ai.retries"], 9);
    assert_eq!(session["ai.fallbacks"], 3);
    let cost = session["session.cost"].as_f64().unwrap();
    assert!((cost - costs).abs() < 1e-12);
    assert!((snapshot.result.unwrap().cost.usd - cost).abs() <= 1e-6);
    assert!(!stack.logged().contains(AI_KEY));
    stack.running.shutdown().await;
}

#[tokio::test]
async fn a_server_at_home_does_it_all_for_nothing() {
    let (stack, snapshot, seen) = analyzed(
        PeerOptions::new(AI_KEY),
        &[
            ("AiVision", "compatible:sees-at-home"),
            ("AiSpeech", "compatible:hears-at-home"),
            ("AiCues", "compatible:sees-at-home"),
        ],
    )
    .await;
    assert_whole(&snapshot);
    assert!(
        seen.iter()
            .all(|seen| seen.provider == Provider::Compatible)
    );
    let cost = snapshot.result.unwrap().cost;
    assert!(cost.input_tokens > 0 && cost.audio_seconds > 0);
    assert_eq!(cost.usd, 0.0);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn a_small_budget_is_kept_by_looking_at_fewer_frames() {
    let frames = |seen: &[Seen]| -> usize { seen.iter().map(|seen| seen.pictures.len()).sum() };
    let (stack, snapshot, seen) = analyzed(PeerOptions::new(AI_KEY), &[]).await;
    assert_whole(&snapshot);
    let usual = frames(&seen);
    stack.running.shutdown().await;

    let budget = [("AiBudgetUsd", "0.02")];
    let (stack, snapshot, seen) = analyzed(PeerOptions::new(AI_KEY), &budget).await;
    assert_eq!(
        snapshot.result.as_ref().unwrap().degraded,
        [Gap::FewerPictures]
    );
    let fewer = frames(&seen);
    assert!(fewer > 0 && fewer < usual, "{fewer} of {usual}");
    assert!(snapshot.result.unwrap().cost.usd <= 0.02);
    assert!(stack.logged().contains("fewer frames are looked at"));
    stack.running.shutdown().await;
}

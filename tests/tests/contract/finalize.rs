use std::time::Duration;

use dodolens::wire::http::SessionCreated;
use dodolens::wire::problem::ProblemCode::{
    ChunksMissing, MediaUnreadable, SessionNotOpen, Unauthorized,
};
use dodolens::wire::ws::Event;
use dodolens_tests::stack::{Setup, TestStack};
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::time::timeout;

use crate::support::{Answer, CHUNK, PATIENCE, Raw, join, next, send, until_end};

#[tokio::test]
async fn finalize_refuses_gaps_and_sends_one_job() {
    let stack = TestStack::start(Setup::default()).await;
    let raw = Raw::of(&stack);
    let session = stack.open((5 * CHUNK) as u64).await;
    let path = format!("/v1/sessions/{}/finalize", session.session_id);
    send(raw.request(Method::POST, &path))
        .await
        .assert_problem(Unauthorized, "no token");

    for (index, missing) in [
        (1, json!([[0, 0], [2, 4]])),
        (3, json!([[0, 0], [2, 2], [4, 4]])),
        (4, json!([[0, 0], [2, 2]])),
        (0, json!([[2, 2]])),
    ] {
        put(&stack, &session, index).await;
        let problem = finalize(&raw, &session)
            .await
            .assert_problem(ChunksMissing, "a gap");
        assert_eq!(problem["missing"], missing);
    }
    put(&stack, &session, 2).await;

    let mut socket = stack.client.connect(&session).await.unwrap();
    join(&mut socket).await;
    let answers = join_all((0..20).map(|_| finalize(&raw, &session))).await;
    let agreed = json!({"sessionId": session.session_id, "state": "queued"});
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::ACCEPTED);
        assert_eq!(answer.json(), agreed);
    }
    let chunk = raw.on(&session, Method::PUT, "/chunks/0");
    send(chunk.body(vec![0; CHUNK]))
        .await
        .assert_problem(SessionNotOpen, "a chunk after finalize");

    let events = until_end(&mut socket).await;
    let started = |event: &Event| matches!(event, Event::ProcessingStarted {});
    let starts = events.iter().filter(|message| started(&message.event));
    assert_eq!(starts.count(), 1);
    let Event::Error(problem) = &events[events.len() - 1].event else {
        panic!("zeros became an inventory");
    };
    assert_eq!(problem.code, MediaUnreadable);

    // However late: the same answer, and no second job.
    assert_eq!(finalize(&raw, &session).await.json(), agreed);
    socket.ping().await.unwrap();
    assert_eq!(next(&mut socket).await.event, Event::Pong {});
    let ended = send(raw.on(&session, Method::GET, "")).await.json();
    assert_eq!(ended["state"], "failed");
    assert_eq!(ended["problem"]["code"], MediaUnreadable.as_str());
    assert_eq!(ended["missing"], json!([]));
    assert_eq!(jobs_taken(&stack).await, 1);
    assert_eq!(stack.parts().await, 0);
    stack.running.shutdown().await;
}

async fn finalize(raw: &Raw, session: &SessionCreated) -> Answer {
    send(raw.on(session, Method::POST, "/finalize")).await
}

async fn put(stack: &TestStack, session: &SessionCreated, index: u32) {
    let chunk = vec![0; CHUNK];
    stack.client.put_chunk(session, index, chunk).await.unwrap();
}

/// Deliveries of jobs that the process function is done with, one at least: its log comes after its last event.
async fn jobs_taken(stack: &TestStack) -> usize {
    let taken = async {
        loop {
            let count = stack.logged().matches("job taken").count();
            if count > 0 {
                return count;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, taken).await.expect("a job taken in time")
}

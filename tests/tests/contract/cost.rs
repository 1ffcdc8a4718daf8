//! What a request costs that comes to nothing: whoever guesses learns nothing, and makes nobody work.

use dodolens::wire::problem::ProblemCode::{
    BodyTooLarge, ChunkLengthMismatch, SessionNotFound, Unauthorized,
};
use dodolens::wire::ws::{Event, PROTOCOL};
use dodolens_local::aws_proxy::{Recorder, Service};
use dodolens_tests::stack::{Setup, TestStack};
use futures::SinkExt as _;
use reqwest::Method;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::{
    support::{Answer, CHUNK, Raw, other_token, send},
    websocket::{credential, hear, offer},
};
const READ: &str = "GetItem";

/// Every call on a session, with a body where one belongs.
const CALLS: [(Method, &str, usize); 4] = [
    (Method::GET, "", 0),
    (Method::DELETE, "", 0),
    (Method::POST, "/finalize", 0),
    (Method::PUT, "/chunks/0", CHUNK),
];

/// A stack and the record of what its functions ask for. They are warm, so that they ask for nothing but what a request
/// needs: connections are open.
async fn recorded() -> (TestStack, Recorder) {
    let recorder = Recorder::start().await.unwrap();
    let stack = TestStack::start(Setup {
        environment: recorder.proxy().environment(),
        // None starts beside a warm one.
        max_instances: Some(1),
        ..Setup::default()
    })
    .await;
    recorder.proxy().lead_to(&stack.running);
    let session = stack.open(CHUNK as u64).await;
    drop(stack.client.connect(&session).await.unwrap());
    let put = stack.client.put_chunk(&session, 0, vec![0; CHUNK]);
    put.await.unwrap();
    let incomplete = stack.open(CHUNK as u64).await;
    assert!(stack.client.finalize(&incomplete).await.is_err());
    assert!(!asked(&recorder).is_empty(), "nothing was recorded");
    (stack, recorder)
}

/// The operations that stores and vaults were asked for since this was asked last.
fn asked(recorder: &Recorder) -> Vec<String> {
    let calls = recorder.take().into_iter().map(|recorded| recorded.call);
    calls
        .filter(|call| matches!(call.service, Service::DynamoDb | Service::Secrets))
        .map(|call| call.operation)
        .collect()
}

fn comparable(mut answer: Answer) -> Answer {
    for name in ["date", "apigw-requestid"] {
        answer.headers.remove(name);
    }
    answer
}

/// Credentials that open nothing: what for, and which session id with which token.
async fn guesses(stack: &TestStack) -> Vec<(&'static str, String, String)> {
    let known = stack.open(CHUNK as u64).await;
    let other = stack.open(1).await;
    let erased = stack.open(CHUNK as u64).await;
    stack.client.erase(&erased).await.unwrap();
    let forgotten = stack.open(CHUNK as u64).await;
    let id = forgotten.session_id.parse().unwrap();
    let sessions = stack.sessions();
    dodolens::app::ports::SessionStore::forget(&sessions, id)
        .await
        .unwrap();
    vec![
        ("unknown id", "0".repeat(32), other_token()),
        ("wrong token", known.session_id.clone(), other_token()),
        ("another's token", known.session_id, other.token),
        ("erased, wrong token", erased.session_id, other_token()),
        ("forgotten", forgotten.session_id, forgotten.token),
    ]
}

#[tokio::test]
async fn a_miss_is_a_miss_and_costs_one_read() {
    let (stack, recorder) = recorded().await;
    let raw = Raw::of(&stack);
    let guesses = guesses(&stack).await;
    for (method, below, body) in CALLS {
        let ask = async |id: &str, token: &str| {
            let path = format!("/v1/sessions/{id}{below}");
            let request = raw.request(method.clone(), &path).bearer_auth(token);
            drop(recorder.take());
            let answer = comparable(send(request.body(vec![1; body])).await);
            (answer, asked(&recorder))
        };
        let mut miss = None;
        for (what, id, token) in &guesses {
            let (answer, cost) = ask(id, token).await;
            answer.assert_problem(SessionNotFound, what);
            assert_eq!(cost, [READ], "{method} {below}, {what}");
            assert_eq!(miss.get_or_insert(answer.clone()), &answer, "{what}");
        }
        // What has not the form of an id or a token is no guess, and costs nothing.
        let known = &guesses[1].1;
        for id in ["x", &known.to_uppercase(), &known[1..]] {
            let (answer, cost) = ask(id, &other_token()).await;
            assert_eq!(Some(&answer), miss.as_ref(), "{id}");
            assert!(cost.is_empty(), "{id}: {cost:?}");
        }
        let mut malformed = None;
        for id in [known, &"0".repeat(32), "x"] {
            let (answer, cost) = ask(id, "x").await;
            answer.assert_problem(Unauthorized, id);
            assert_eq!(malformed.get_or_insert(answer.clone()), &answer, "{id}");
            assert!(cost.is_empty(), "{id}: {cost:?}");
        }
    }
    handshakes(&stack, &recorder, &guesses).await;
    joins(&stack, &recorder, &guesses).await;
    stack.running.shutdown().await;
}

async fn handshakes(
    stack: &TestStack,
    recorder: &Recorder,
    guesses: &[(&'static str, String, String)],
) {
    let mut miss = None;
    for (what, id, token) in guesses {
        drop(recorder.take());
        let refused = offer(
            stack,
            Some(&format!("{PROTOCOL}, session.{id}.{token}")),
            None,
        )
        .await;
        let Err(Error::Http(answer)) = refused else {
            panic!("{what} is let in, or not answered");
        };
        assert_eq!(answer.status(), SessionNotFound.status(), "{what}");
        let mut headers = answer.headers().clone();
        headers.remove("date");
        let answer = (answer.status(), headers, answer.body().clone());
        assert_eq!(miss.get_or_insert(answer.clone()), &answer, "{what}");
        assert_eq!(asked(recorder), [READ], "{what}");
    }
}

async fn joins(stack: &TestStack, recorder: &Recorder, guesses: &[(&'static str, String, String)]) {
    let own = stack.open(1).await;
    let (mut socket, _) = offer(stack, Some(&credential(&own)), None).await.unwrap();
    let mut miss = None;
    for (what, id, _) in guesses {
        drop(recorder.take());
        let join = format!(r#"{{"action":"join_session","sessionId":"{id}"}}"#);
        socket.send(Message::text(join)).await.unwrap();
        let answer = hear(&mut socket).await;
        assert_eq!((answer.session_id, answer.seq), (None, 0), "{what}");
        let Event::Error(problem) = answer.event else {
            panic!("{what}: {:?}", answer.event);
        };
        assert_eq!(problem.code, SessionNotFound, "{what}");
        assert_eq!(miss.get_or_insert(problem.clone()), &problem, "{what}");
        assert_eq!(asked(recorder), [READ], "{what}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_anything_is_asked_for() {
    let (stack, recorder) = recorded().await;
    let raw = Raw::of(&stack);
    let session = stack.open(CHUNK as u64).await;
    let id = &session.session_id;
    drop(recorder.take());
    const JSON: usize = 4096;
    for (method, path, most) in [
        (Method::POST, "/v1/sessions".to_owned(), JSON),
        (Method::GET, "/v1/receipt-keys".into(), JSON),
        (Method::GET, format!("/v1/sessions/{id}"), JSON),
        (Method::DELETE, format!("/v1/sessions/{id}"), JSON),
        (Method::POST, format!("/v1/sessions/{id}/finalize"), JSON),
        (
            Method::PUT,
            format!("/v1/sessions/{id}/chunks/0"),
            4 * 1024 * 1024,
        ),
    ] {
        let what = format!("{method} {path}");
        let request = raw.request(method, &path).bearer_auth(&session.token);
        let answer = send(request.body(vec![b' '; most + 1])).await;
        answer.assert_problem(BodyTooLarge, &what);
        assert_eq!(asked(&recorder), [""; 0], "{what}");
    }

    // Of a chunk that is not as long as the plan says, nothing but the session is read.
    for len in [0, CHUNK - 1, CHUNK + 1, 4 * 1024 * 1024] {
        let request = raw.on(&session, Method::PUT, "/chunks/0");
        let answer = send(request.body(vec![1; len])).await;
        answer.assert_problem(ChunkLengthMismatch, &len.to_string());
        assert_eq!(asked(&recorder), [READ], "{len}");
    }

    let (mut socket, _) = offer(&stack, Some(&credential(&session)), None)
        .await
        .unwrap();
    drop(recorder.take());
    let join = format!(r#"{{"action":"join_session","sessionId":"{id}"}}"#);
    let padded = format!("{join}{}", " ".repeat(JSON + 1 - join.len()));
    socket.send(Message::text(padded)).await.unwrap();
    let Event::Error(problem) = hear(&mut socket).await.event else {
        panic!("a long message is taken");
    };
    assert_eq!(problem.code, BodyTooLarge);
    assert_eq!(asked(&recorder), [""; 0]);

    // The session goes on.
    socket.send(Message::text(join)).await.unwrap();
    assert!(matches!(
        hear(&mut socket).await.event,
        Event::SessionJoined(_)
    ));
    let chunk = raw.on(&session, Method::PUT, "/chunks/0");
    let stored = send(chunk.body(vec![1; CHUNK])).await;
    assert_eq!(stored.status, 204);
    stack.running.shutdown().await;
}

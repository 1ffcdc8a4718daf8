use dodolens::{
    domain::session::SessionState,
    wire::{
        http::SessionCreated,
        problem::ProblemCode::{SessionErased, Unauthorized},
        ws::Event,
    },
};
use dodolens_local::peer::{Faults, Hold, PeerOptions};
use dodolens_tests::stack::{Setup, TestStack, showing, video};
use reqwest::{Method, StatusCode};

use crate::support::{CHUNK, Raw, join, next, send};

#[tokio::test]
async fn a_session_is_erased_whatever_it_is_at() {
    let mut peer = PeerOptions::new("the key of the tests");
    let hold = Hold::new();
    peer.vision = Faults {
        hold: Some(hold.clone()),
        ..Faults::default()
    };
    let setup = Setup {
        peer,
        ..Setup::default()
    };
    let stack = TestStack::start(setup).await;
    let raw = Raw::of(&stack);

    let fresh = stack.open(CHUNK as u64).await;
    let path = format!("/v1/sessions/{}", fresh.session_id);
    send(raw.request(Method::DELETE, &path))
        .await
        .assert_problem(Unauthorized, "no token");
    erased(&stack, &raw, &fresh, "requested").await;

    let begun = stack.open((2 * CHUNK) as u64).await;
    stack
        .client
        .put_chunk(&begun, 1, vec![1; CHUNK])
        .await
        .unwrap();
    assert_eq!(stack.parts().await, 1);
    erased(&stack, &raw, &begun, "requested").await;

    let failed = stack.open(CHUNK as u64).await;
    stack
        .client
        .put_chunk(&failed, 0, vec![0; CHUNK])
        .await
        .unwrap();
    finalized_until(&stack, &failed, SessionState::Failed).await;
    erased(&stack, &raw, &failed, "failed").await;

    let file = video(&showing(&["sofa_3_seat@living_room"]), ".mp4").await;
    let bytes = std::fs::read(&file).unwrap();
    for (state, reason) in [
        (SessionState::Processing, "requested"),
        (SessionState::Complete, "completed"),
    ] {
        let session = stack.open(bytes.len() as u64).await;
        for (index, chunk) in (0..).zip(bytes.chunks(CHUNK)) {
            stack
                .client
                .put_chunk(&session, index, chunk.to_vec())
                .await
                .unwrap();
        }
        finalized_until(&stack, &session, state).await;
        erased(&stack, &raw, &session, reason).await;
        hold.release();
    }
    stack.running.shutdown().await;
}

/// Finalizes, and waits for the event that tells of `state`.
async fn finalized_until(stack: &TestStack, session: &SessionCreated, state: SessionState) {
    let mut socket = stack.client.connect(session).await.unwrap();
    join(&mut socket).await;
    stack.client.finalize(session).await.unwrap();
    loop {
        let reached = match next(&mut socket).await.event {
            Event::ProcessingStarted {} => SessionState::Processing,
            Event::AnalysisComplete(_) => SessionState::Complete,
            Event::Error(_) => SessionState::Failed,
            _ => continue,
        };
        if reached == state {
            break;
        }
    }
    let snapshot = stack.client.snapshot(session).await.unwrap().snapshot;
    assert_eq!(snapshot.state, state);
}

/// Erases; the media, the result and the key are gone, and the receipt stays the same byte for byte.
async fn erased(stack: &TestStack, raw: &Raw, session: &SessionCreated, reason: &str) {
    let first = send(raw.on(session, Method::DELETE, "")).await;
    assert_eq!(first.status, StatusCode::OK, "{reason}");
    let receipt = first.json();
    assert_eq!(receipt["sessionId"], session.session_id);
    assert_eq!(receipt["reason"], reason);
    assert_eq!(receipt["chunks"], session.total_chunks);
    assert_eq!(receipt["parts"], session.total_chunks);
    assert!(receipt["keyDestroyedAt"].as_str() <= receipt["partsVerifiedAbsentAt"].as_str());
    assert_eq!(stack.parts().await, 0);

    let again = send(raw.on(session, Method::DELETE, "")).await;
    assert_eq!((again.status, again.body), (first.status, first.body));
    let snapshot = send(raw.on(session, Method::GET, "")).await.json();
    assert_eq!(snapshot["state"], "erased");
    assert_eq!(snapshot["receipt"], receipt);
    assert!(snapshot["result"].is_null());

    let chunk = raw
        .on(session, Method::PUT, "/chunks/0")
        .body(vec![1; CHUNK]);
    send(chunk).await.assert_problem(SessionErased, "a chunk");
    let finalize = raw.on(session, Method::POST, "/finalize");
    send(finalize)
        .await
        .assert_problem(SessionErased, "finalize");
    assert_eq!(stack.parts().await, 0);
}

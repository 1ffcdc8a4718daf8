//! Everything that functions do with AWS, each way once.

use std::time::Duration;

use bytes::Bytes;
use dodolens::{
    app::ports::{Clock as _, SessionStore as _},
    aws::SystemClock,
    domain::{
        receipt::{ErasureReceipt, ErasureStatement, PartsFate},
        session::{Change, Ending, Fingerprint, ReceivedChunk, Session, SessionState},
        time::Timestamp,
    },
    wire::http::SessionCreated,
};
use dodolens_local::client::EventSocket;
use dodolens_tests::{
    session::{MEDIA_LIFETIME, opened},
    stack::TestStack,
};
use serde_json::json;

use crate::{guard::Guard, support::until};

const SWEEP: &str = "SweepFunction";
/// Longer than the life of any session.
const HOUR: Duration = Duration::from_secs(3600);

/// Goes all ways.
pub async fn all(stack: &TestStack, guard: &Guard, video: &Bytes) {
    // First, as the peer refuses the first requests: the job is tried again.
    completed(stack, video).await;
    erased(stack, video).await;
    taken_back(stack, guard, video).await;
    given_up(stack, video).await;
    outlived(stack).await;
    expired(stack).await;
    forgotten(stack).await;
    rotated(stack).await;
    stack.client.health().await.unwrap();
    stack.client.receipt_keys().await.unwrap();
}

async fn load(stack: &TestStack, session: &SessionCreated) -> Session {
    let id = session.session_id.parse().unwrap();
    stack.sessions().load(id).await.unwrap().unwrap()
}

/// A session with a client that has joined.
async fn joined(stack: &TestStack, video: &Bytes) -> (SessionCreated, EventSocket) {
    let session = stack.open(video.len() as u64).await;
    let mut socket = stack.client.connect(&session).await.unwrap();
    socket.join().await.unwrap();
    socket.ping().await.unwrap();
    socket.next().await.unwrap().unwrap();
    (session, socket)
}

/// A video becomes an inventory at the second try while its client listens. Then its job is given up all the same, as if
/// the worker had crashed at its very end.
async fn completed(stack: &TestStack, video: &Bytes) {
    let (session, socket) = joined(stack, video).await;
    stack.upload(&session, video).await;
    stack.client.finalize(&session).await.unwrap();
    until(async || load(stack, &session).await.receipt.is_some()).await;
    assert_eq!(load(stack, &session).await.state, SessionState::Complete);
    drop(socket);
    until(async || load(stack, &session).await.connections.is_empty()).await;
    bury(stack, &session).await;
}

async fn erased(stack: &TestStack, video: &Bytes) {
    let (session, _socket) = joined(stack, video).await;
    put_one(stack, &session, video).await;
    stack.client.erase(&session).await.unwrap();
}

async fn put_one(stack: &TestStack, session: &SessionCreated, video: &Bytes) {
    let chunk = video.slice(..session.chunk_bytes as usize);
    stack.client.put_chunk(session, 0, chunk).await.unwrap();
}

/// A session is erased while a chunk of it is being stored.
async fn taken_back(stack: &TestStack, guard: &Guard, video: &Bytes) {
    let session = stack.open(video.len() as u64).await;
    let mut held = guard.hold("PutItem");
    let chunk = video.slice(..session.chunk_bytes as usize);
    let put = stack.client.put_chunk(&session, 0, chunk);
    let erase = async {
        held.reached().await;
        stack.client.erase(&session).await.unwrap();
        drop(held);
    };
    let (put, ()) = tokio::join!(put, erase);
    assert!(put.is_err(), "a chunk of an erased session is taken");
}

/// The queue gives a job up whose client listens.
async fn given_up(stack: &TestStack, video: &Bytes) {
    let (session, _socket) = joined(stack, video).await;
    put_one(stack, &session, video).await;
    bury(stack, &session).await;
    assert_eq!(load(stack, &session).await.state, SessionState::Failed);
}

async fn bury(stack: &TestStack, session: &SessionCreated) {
    let letter = json!({"Records": [{
        "messageId": "m", "receiptHandle": "h", "body": json!({"sessionId": session.session_id}).to_string(),
        "attributes": {}, "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "eu-west-3",
    }]});
    stack.running.cloud.invoke(SWEEP, &letter).await.unwrap();
}

/// A session that was opened so long ago, and when that was.
async fn of_old(stack: &TestStack, ago: Duration) -> (Session, Timestamp) {
    let ago = i64::try_from(ago.as_millis()).unwrap();
    let then = Timestamp::from_millis(SystemClock.now().as_millis() - ago);
    let session = opened(then);
    stack.sessions().create(&session).await.unwrap();
    (session, then)
}

async fn sweep(stack: &TestStack) {
    stack.running.cloud.run_schedule(SWEEP).await.unwrap();
}

/// A session goes on without a chunk that has expired.
async fn outlived(stack: &TestStack) {
    let sessions = stack.sessions();
    let (session, then) = of_old(stack, MEDIA_LIFETIME + Duration::from_secs(100)).await;
    let change = Change::ReceiveChunk {
        index: 0,
        chunk: ReceivedChunk {
            fingerprint: Fingerprint([7; 16]),
            expires_at: then + MEDIA_LIFETIME,
        },
    };
    sessions.change(session.id, &change, then).await.unwrap();
    sweep(stack).await;
    let after = sessions.load(session.id).await.unwrap().unwrap();
    assert_eq!(after.state, SessionState::Open);
    assert!(after.received.is_empty());
}

async fn expired(stack: &TestStack) {
    let (session, _) = of_old(stack, HOUR).await;
    sweep(stack).await;
    let after = stack.sessions().load(session.id).await.unwrap().unwrap();
    assert_eq!(after.state, SessionState::Expired);
}

/// The record of a session that ended long ago is removed.
async fn forgotten(stack: &TestStack) {
    let sessions = stack.sessions();
    let (session, then) = of_old(stack, HOUR).await;
    let change = Change::End {
        ending: Ending::Erased,
        keep: Duration::from_secs(600),
    };
    let ended = sessions.change(session.id, &change, then).await.unwrap();
    let fate = PartsFate::Deleted {
        parts_verified_absent_at: then,
    };
    let receipt = ErasureReceipt {
        statement: ErasureStatement::of(&ended, fate).unwrap(),
        signature: "signed".into(),
    };
    let change = Change::Certify {
        receipt,
        recheck_at: then,
    };
    sessions.change(session.id, &change, then).await.unwrap();
    until(async || {
        sweep(stack).await;
        sessions.load(session.id).await.unwrap().is_none()
    })
    .await;
}

/// Both keys are rotated, and the former master key is retired.
async fn rotated(stack: &TestStack) {
    stack.rotate("MasterKey").await;
    stack.rotate("ReceiptKey").await;
    let cloud = &stack.running.cloud;
    let hours = Duration::from_secs(24 * 3600);
    cloud.age_secret(&stack.secret("MasterKey"), hours).unwrap();
    cloud.run_schedule("RotateKeyFunction").await.unwrap();
}

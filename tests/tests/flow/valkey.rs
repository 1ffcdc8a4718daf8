//! The same ways of a video with its parts on a Valkey server.

use std::time::Duration;

use bytes::Bytes;
use dodolens::{
    app::ports::{Clock as _, SessionStore as _},
    aws::SystemClock,
    domain::{receipt::ErasureReason, session::SessionState},
    wire::{
        http::{SessionCreated, Snapshot},
        problem::ProblemCode,
    },
};
use dodolens_local::video::VideoSpec;
use dodolens_tests::{
    inventory::counted,
    stack::{Setup, TestStack, showing, video},
    valkey::{Mode, ValkeyServer},
};

const CHUNK: usize = 256 * 1024;

/// Every minute is every half second.
fn swept_often() -> Setup {
    Setup {
        schedule_scale: 1.0 / 120.0,
        ..Setup::default()
    }
}

/// No schedule runs.
fn never_swept() -> Setup {
    Setup {
        schedule_scale: 1e6,
        ..Setup::default()
    }
}

/// A session whose video has arrived.
async fn uploaded(stack: &TestStack) -> SessionCreated {
    let spec = VideoSpec {
        seconds: 2.0,
        ..showing(&["armchair@living_room"])
    };
    let path = video(&spec, ".mp4").await;
    let bytes = Bytes::from(std::fs::read(&path).unwrap());
    let session = stack.open(bytes.len() as u64).await;
    stack.upload(&session, &bytes).await;
    session
}

async fn snapshot(stack: &TestStack, session: &SessionCreated) -> Snapshot {
    stack.client.snapshot(session).await.unwrap().snapshot
}

/// The snapshot, once it is as wanted.
async fn until(
    stack: &TestStack,
    session: &SessionCreated,
    so: impl Fn(&Snapshot) -> bool,
) -> Snapshot {
    let found = async {
        loop {
            let snapshot = snapshot(stack, session).await;
            if so(&snapshot) {
                break snapshot;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), found)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_video_becomes_an_inventory_or_is_erased_and_nothing_is_left() {
    let mut server = ValkeyServer::start(Mode::Cluster).await;
    let stack = server.stack(Setup::default()).await;
    let spec = VideoSpec {
        say: Some("The piano stays.".into()),
        ..showing(&["sofa_3_seat@living_room", "piano_upright@living_room"])
    };
    let outcome = stack.analyze(&video(&spec, ".mp4").await).await;
    let done = outcome.last.snapshot;
    assert_eq!(done.state, SessionState::Complete);
    let result = done.result.unwrap();
    assert_eq!(counted(&result), [("sofa_3_seat", 1)]);
    assert_eq!(result.staying.len(), 1);
    let receipt = done.receipt.unwrap();
    assert_eq!(receipt.statement.reason, ErasureReason::Completed);
    assert_eq!(server.parts().await, 0);

    let session = uploaded(&stack).await;
    assert!(server.parts().await > 0);
    assert_eq!(stack.parts().await, 0, "DynamoDB is not given any");
    let receipt = stack.client.erase(&session).await.unwrap();
    assert_eq!(receipt.statement.reason, ErasureReason::Requested);
    assert_eq!(server.parts().await, 0);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn parts_go_at_their_deadline_though_nothing_sweeps() {
    let mut server = ValkeyServer::start(Mode::Plain).await;
    let mut setup = never_swept();
    setup.parameters.push(("MediaTtlSeconds", "3".into()));
    let stack = server.stack(setup).await;
    let session = stack.open(600_000).await;
    let before = SystemClock.now();
    let sent = stack.client.put_chunk(&session, 0, vec![7; CHUNK]);
    sent.await.unwrap();
    let there = server.parts().await;
    let life = Duration::from_secs(3);
    assert!(there == 1 || SystemClock.now() >= before + life, "{there}");
    let gone = async {
        while server.parts().await > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        SystemClock.now()
    };
    let gone = tokio::time::timeout(Duration::from_secs(120), gone)
        .await
        .unwrap();
    assert!(before + life <= gone, "it went too early");
    let refused = stack.client.finalize(&session).await.unwrap_err();
    assert_eq!(refused.code(), Some(ProblemCode::ChunksMissing));
    stack.running.shutdown().await;
}

#[tokio::test]
async fn a_server_that_lost_everything_makes_the_session_fail_and_nothing_is_left() {
    let mut server = ValkeyServer::start(Mode::Plain).await;
    let stack = server.stack(Setup::default()).await;
    let session = uploaded(&stack).await;
    server.stop().await;
    server.restart().await;
    stack.client.finalize(&session).await.unwrap();
    let failed = until(&stack, &session, |now| now.receipt.is_some()).await;
    assert_eq!(failed.state, SessionState::Failed);
    assert_eq!(failed.problem.unwrap().code, ProblemCode::MediaExpired);
    assert_eq!(server.parts().await, 0);

    // The same functions go on with the new server.
    let session = uploaded(&stack).await;
    stack.client.finalize(&session).await.unwrap();
    let done = until(&stack, &session, |now| now.receipt.is_some()).await;
    assert_eq!(done.state, SessionState::Complete);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn while_the_server_is_lost_keys_are_destroyed_and_receipts_wait() {
    let mut server = ValkeyServer::start(Mode::Plain).await;
    let stack = server.stack(swept_often()).await;
    let processed = uploaded(&stack).await;
    let erased = uploaded(&stack).await;
    let open = stack.open(600_000).await;
    server.stop().await;

    let refused = stack.client.put_chunk(&open, 0, vec![7; CHUNK]).await;
    assert_eq!(
        refused.unwrap_err().code(),
        Some(ProblemCode::Unavailable),
        "a client is told to come again"
    );
    let refused = stack.client.erase(&erased).await.unwrap_err();
    assert_eq!(refused.code(), Some(ProblemCode::Unavailable));
    stack.client.finalize(&processed).await.unwrap();
    let failed = until(&stack, &processed, |now| now.state == SessionState::Failed).await;
    assert_eq!(
        failed.problem.unwrap().code,
        ProblemCode::StorageUnavailable
    );
    for session in [&processed, &erased] {
        assert_eq!(snapshot(&stack, session).await.receipt, None);
        let id = session.session_id.parse().unwrap();
        let kept = stack.sessions().load(id).await.unwrap().unwrap();
        assert_eq!(kept.key, None, "the key goes whatever the server does");
    }

    server.restart().await;
    for (session, reason) in [
        (&processed, ErasureReason::Failed),
        (&erased, ErasureReason::Requested),
    ] {
        let ended = until(&stack, session, |now| now.receipt.is_some()).await;
        assert_eq!(ended.receipt.unwrap().statement.reason, reason);
    }
    // Whoever came again is served.
    let sent = stack.client.put_chunk(&open, 0, vec![7; CHUNK]);
    sent.await.unwrap();
    assert_eq!(server.parts().await, 1);
    let logged = stack.logged();
    assert!(logged.contains("a request to the server of parts failed"));
    stack.running.shutdown().await;
}

#[tokio::test]
async fn over_tls_only_a_server_with_a_trusted_certificate_is_given_anything() {
    let mut server = ValkeyServer::start(Mode::Plain).await;
    let front = server.tls().await;
    for (trusted, parts) in [(front.certificate(), 1), (String::new(), 0)] {
        let mut setup = Setup::default();
        setup.environment.push(("VALKEY_URL", front.url()));
        setup.environment.push(("SSL_CERT_FILE", trusted));
        let stack = server.stack(setup).await;
        let session = stack.open(600_000).await;
        let sent = stack.client.put_chunk(&session, 0, vec![7; CHUNK]).await;
        assert_eq!(sent.is_ok(), parts == 1);
        assert_eq!(server.parts().await, parts);
        server.ask::<()>(&redis::cmd("FLUSHALL")).await.unwrap();
        stack.running.shutdown().await;
    }
}

#[tokio::test]
async fn a_store_that_is_not_named_right_is_no_store() {
    let url = "redis://parts:a-password@127.0.0.1:1";
    for (name, value, error) in [
        ("CHUNK_STORE", "s3", r#"Invalid("CHUNK_STORE")"#),
        ("CHUNK_STORE", "", r#"Missing("CHUNK_STORE")"#),
        ("VALKEY_URL", url, r#"Invalid("VALKEY_URL")"#),
    ] {
        let setup = Setup {
            parameters: [("ChunkStore", "valkey"), ("Network", "vpc")]
                .map(|(name, value)| (name, value.to_owned()))
                .into(),
            environment: vec![(name, value.to_owned())],
            ..never_swept()
        };
        let stack = TestStack::start(setup).await;
        assert!(stack.client.health().await.is_err());
        let logged = stack.logged();
        assert!(logged.contains(error), "{logged}");
        assert!(!logged.contains("a-password"));
        stack.running.shutdown().await;
    }
}

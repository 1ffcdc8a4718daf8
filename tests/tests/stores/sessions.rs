use std::{collections::BTreeMap, time::Duration};

use dodolens::{
    app::ports::{ChangeError, ConnectionStore as _, SessionStore},
    domain::{
        fusion::fuse,
        ids::ConnectionId,
        locale::Locale,
        receipt::{ErasureReason, ErasureReceipt, ErasureStatement, PartsFate},
        session::{
            Change, Ending, Failure, Fingerprint, Lease, MAX_CONNECTIONS, Progress, ReceivedChunk,
            Session, Stage,
        },
    },
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::{T0, after, session, stack};

fn chunk() -> impl Strategy<Value = ReceivedChunk> {
    (0..2_u8, 0..4_u64).prop_map(|(content, at)| ReceivedChunk {
        fingerprint: Fingerprint([content; 16]),
        expires_at: after(100 + at * 50),
    })
}

fn ending() -> impl Strategy<Value = Ending> {
    let owner = || prop_oneof![Just("a".to_owned()), Just("b".to_owned())];
    let result = Box::new(fuse(&Default::default(), Locale::Es, Default::default()));
    prop_oneof![
        (owner(), proptest::option::of(Just(result)))
            .prop_map(|(owner, result)| Ending::Complete { owner, result }),
        proptest::option::of(owner()).prop_map(|owner| Ending::Failed {
            owner,
            failure: Failure::MediaTooSlow
        }),
        Just(Ending::Erased),
        Just(Ending::Expired),
    ]
}

fn receipt() -> ErasureReceipt {
    let statement = ErasureStatement {
        schema: "dodolens.receipt/1".into(),
        session_id: "s".into(),
        audit_id: "a".into(),
        reason: ErasureReason::Failed,
        chunks: 1,
        parts: 2,
        bytes: 3,
        key_id: "v1".into(),
        key_destroyed_at: T0,
        fate: PartsFate::Deleted {
            parts_verified_absent_at: after(1),
        },
    };
    ErasureReceipt {
        statement,
        signature: "signed".into(),
    }
}

fn change() -> impl Strategy<Value = Change> {
    let owner = || prop_oneof![Just("a".to_owned()), Just("b".to_owned())];
    let connection = || (0..12_u32).prop_map(|id| ConnectionId::from(format!("c{id}=")));
    let time = || (0..700_u64).prop_map(after);
    prop_oneof![
        4 => (0..4_u32, chunk()).prop_map(|(index, chunk)| Change::ReceiveChunk { index, chunk }),
        2 => connection().prop_map(|connection| Change::Connect { connection }),
        1 => connection().prop_map(|connection| Change::Disconnect { connection }),
        2 => time().prop_map(|claimed_until| Change::Queue { claimed_until }),
        1 => Just(Change::JobSent),
        1 => Just(Change::JobNotSent),
        3 => (owner(), time()).prop_map(|(owner, until)| Change::Lease(Lease { owner, until })),
        2 => owner().prop_map(|owner| Change::Report {
            owner,
            progress: Progress { stage: Stage::Analysing, fraction: 0.4 },
        }),
        1 => owner().prop_map(|owner| Change::Release { owner }),
        1 => ending().prop_map(|ending| Change::End { ending, keep: Duration::from_secs(900) }),
        1 => time().prop_map(|recheck_at| Change::Certify { receipt: receipt(), recheck_at }),
        1 => proptest::collection::btree_map(0..4_u32, chunk(), 1..3).prop_map(|seen| Change::ForgetChunks { seen }),
        1 => time().prop_map(Change::SweepAt),
    ]
}

/// Makes each change in the store and in the domain, and holds the two against each other.
async fn agree(store: &impl SessionStore, changes: &[(Change, u64)]) -> Result<(), TestCaseError> {
    let mut model = session();
    store.create(&model).await.unwrap();
    let mut seconds = 0;
    for (change, wait) in changes {
        seconds += wait;
        let now = after(seconds);
        let before = model.clone();
        let expected = model
            .apply(change, now)
            .map(|()| model.clone())
            .map_err(ChangeError::from);
        let actual = store.change(model.id, change, now).await;
        prop_assert_eq!(&actual, &expected, "{:?} at {}", change, seconds);
        let stored = store.load(model.id).await.unwrap();
        prop_assert_eq!(stored.as_ref(), Some(&model));
        holds(&before, &model)?;
    }
    Ok(())
}

/// What is true of every session at any time.
fn holds(before: &Session, now: &Session) -> Result<(), TestCaseError> {
    prop_assert_eq!(now.key.is_none(), now.state.is_final());
    prop_assert_eq!(now.key_destroyed.is_some(), now.state.is_final());
    prop_assert!(now.seq >= before.seq);
    prop_assert!(!before.state.is_final() || now.state.is_final());
    prop_assert!(now.sweep_at.is_some(), "the sweep never loses sight of it");
    prop_assert!(now.connections.len() <= MAX_CONNECTIONS);
    Ok(())
}

#[test]
fn the_store_changes_sessions_just_as_the_domain_says() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let stack = runtime.block_on(stack());
    let usual = Config::default();
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let mut runner = TestRunner::new(Config {
        cases: if asked { usual.cases } else { 60 },
        failure_persistence: None,
        ..usual
    });
    let changes = proptest::collection::vec((change(), 0..25_u64), 1..40);
    let tried = runner.run(&changes, |changes| {
        runtime.block_on(agree(&stack.sessions(), &changes))
    });
    runtime.block_on(stack.running.shutdown());
    tried.unwrap();
}

#[tokio::test]
async fn of_fifty_at_once_one_gets_the_lease_and_no_chunk_is_lost() {
    let stack = stack().await;
    let store = stack.sessions();
    let session = session();
    store.create(&session).await.unwrap();

    let received = ReceivedChunk {
        fingerprint: Fingerprint([1; 16]),
        expires_at: after(300),
    };
    let chunks = (0..50).map(async |index| {
        let change = Change::ReceiveChunk {
            index,
            chunk: received,
        };
        store.change(session.id, &change, T0).await.unwrap().seq
    });
    let mut numbers = futures::future::join_all(chunks).await;
    numbers.sort_unstable();
    assert_eq!(
        numbers,
        (1..=50).collect::<Vec<_>>(),
        "every change has a number of its own"
    );
    let stored = store.load(session.id).await.unwrap().unwrap();
    assert_eq!(
        stored.received,
        (0..50)
            .map(|index| (index, received))
            .collect::<BTreeMap<_, _>>()
    );

    store
        .change(
            session.id,
            &Change::Queue {
                claimed_until: after(3),
            },
            T0,
        )
        .await
        .unwrap();
    let leases = (0..50).map(async |worker| {
        let lease = Lease {
            owner: format!("worker {worker}"),
            until: after(60),
        };
        store
            .change(session.id, &Change::Lease(lease), T0)
            .await
            .is_ok()
    });
    let won = futures::future::join_all(leases)
        .await
        .into_iter()
        .filter(|won| *won)
        .count();
    assert_eq!(won, 1);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn the_sweep_finds_what_is_due_and_nothing_else() {
    let stack = stack().await;
    let store = stack.sessions();
    let mut due = Vec::new();
    for _ in 0..40 {
        let (early, late) = (session(), session());
        store.create(&early).await.unwrap();
        store.create(&late).await.unwrap();
        store
            .change(late.id, &Change::SweepAt(after(301)), T0)
            .await
            .unwrap();
        due.push(early.id);
    }
    assert_eq!(store.due(after(299)).await.unwrap(), []);
    let mut found = store.due(after(300)).await.unwrap();
    found.sort();
    due.sort();
    assert_eq!(found, due);

    store.forget(due[0]).await.unwrap();
    assert_eq!(store.load(due[0]).await.unwrap(), None);
    let gone = store.change(due[0], &Change::JobSent, T0).await;
    assert_eq!(gone, Err(ChangeError::NotFound));
    stack.running.shutdown().await;
}

#[tokio::test]
async fn a_connection_is_bound_to_its_session_until_it_closes() {
    let stack = stack().await;
    let store = stack.sessions();
    let (connection, session) = (
        ConnectionId::from("L0SM9cOFvHcCIhw=".to_owned()),
        session().id,
    );
    assert_eq!(store.unbind(&connection).await.unwrap(), None);
    store.bind(&connection, session, after(600)).await.unwrap();
    assert_eq!(store.unbind(&connection).await.unwrap(), Some(session));
    assert_eq!(store.unbind(&connection).await.unwrap(), None);
    stack.running.shutdown().await;
}

//! What was written is read as it was; anything else in an item is refused or read, and never a panic.

use proptest::{
    array::uniform16,
    collection::{btree_map, vec},
    option,
    prelude::*,
    sample::{Index, select},
};
use serde_json::json;

use super::*;
use dodolens_domain::{
    evidence::{Evidence, Usage},
    fusion::fuse,
    ids::SessionId,
    plan::{MAX_CHUNK_BYTES, MIN_CHUNK_BYTES},
    receipt::{ErasureReason, ErasureReceipt},
    session::{Failure, Lifetimes, Opening, Progress, SessionState, Stage},
    time::Timestamp,
};

fn time() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_millis)
}

/// A session as one is opened, with chunks and connections.
fn opened() -> impl Strategy<Value = Session> {
    let opening = (
        any::<[u8; 16]>(),
        1_u64..1 << 33,
        MIN_CHUNK_BYTES..=MAX_CHUNK_BYTES,
    )
        .prop_flat_map(|(id, total, chunk_bytes)| {
            let types = select(vec![
                ContentType::Mp4,
                ContentType::QuickTime,
                ContentType::WebM,
                ContentType::Matroska,
                ContentType::ThreeGpp,
            ]);
            let locale = select(vec![Locale::Fr, Locale::En, Locale::Es]);
            let key = (any::<String>(), vec(any::<u8>(), 0..80));
            (types, locale, any::<[u8; 32]>(), key).prop_map(
                move |(content_type, locale, hash, (key_id, bytes))| Opening {
                    id: SessionId::from_bytes(id),
                    plan: UploadPlan::new(total, chunk_bytes, u64::MAX).unwrap(),
                    content_type,
                    locale,
                    token_hash: TokenHash::from_bytes(hash),
                    key: WrappedKey { key_id, bytes },
                },
            )
        });
    let lifetimes = (any::<u32>(), any::<u32>()).prop_map(|(media, session)| Lifetimes {
        media: Duration::from_millis(media.into()),
        session: Duration::from_millis(session.into()),
    });
    let chunk = (uniform16(any::<u8>()), time()).prop_map(|(print, expires_at)| ReceivedChunk {
        fingerprint: Fingerprint(print),
        expires_at,
    });
    let received = btree_map(any::<u32>(), chunk, 0..6);
    let connections = btree_map(any::<String>().prop_map(ConnectionId::from), time(), 0..4);
    (opening, lifetimes, time(), received, connections).prop_map(
        |(opening, lifetimes, now, received, connections)| Session {
            received,
            connections,
            ..Session::open(opening, &lifetimes, now)
        },
    )
}

fn receipt() -> ErasureReceipt {
    serde_json::from_value(json!({
        "schema": "dodolens.receipt/1", "sessionId": "s", "auditId": "a", "reason": "completed", "chunks": 3,
        "parts": 9, "bytes": 3_000_000, "keyId": "v1", "keyDestroyedAt": "2026-11-21T01:00:00.042Z",
        "partsVerifiedAbsentAt": "2026-11-21T01:00:01.000Z", "signature": "a..b",
    }))
    .unwrap()
}

/// A session in its later life, and its item with the attributes that the changes on the way set.
fn later() -> impl Strategy<Value = (Session, Item)> {
    let lease = option::of((any::<String>(), time())).prop_map(|lease| {
        let (owner, until) = lease?;
        Some(Lease { owner, until })
    });
    let job = prop_oneof![
        Just(Job::Unsent),
        Just(Job::Sent),
        time().prop_map(|until| Job::Claimed { until })
    ];
    let state = select(vec![
        SessionState::Processing,
        SessionState::Complete,
        SessionState::Expired,
    ]);
    let destroyed = option::of((
        time(),
        select(vec![ErasureReason::Failed, ErasureReason::Expired]),
    ));
    (opened(), lease, job, state, destroyed, any::<[bool; 4]>()).prop_map(
        |(session, lease, job, state, key_destroyed, [progress, result, failure, certified])| {
            let session = Session {
                lease,
                job,
                state,
                key_destroyed,
                key: session.key.filter(|_| key_destroyed.is_none()),
                progress: progress.then_some(Progress {
                    stage: Stage::Analysing,
                    fraction: 0.5,
                }),
                result: result.then(|| fuse(&Evidence::default(), Locale::Fr, Usage::default())),
                failure: failure.then_some(Failure::MediaTooSlow),
                receipt: certified.then(receipt),
                ..session
            };
            let item = item_of(&session);
            (session, item)
        },
    )
}

fn item_of(session: &Session) -> Item {
    let mut item = write(session);
    let job = match session.job {
        Job::Unsent => JOB_UNSENT,
        Job::Sent => JOB_SENT,
        Job::Claimed { until } => {
            item.insert(JOB_CLAIMED_UNTIL.into(), number(until.as_millis()));
            JOB_CLAIMED
        }
    };
    item.insert(JOB.into(), text(job));
    if let Some(lease) = &session.lease {
        item.insert(LEASE_OWNER.into(), text(&lease.owner));
        item.insert(LEASE_UNTIL.into(), number(lease.until.as_millis()));
    }
    if let Some((at, reason)) = &session.key_destroyed {
        item.insert(KEY_DESTROYED_AT.into(), number(at.as_millis()));
        item.insert(ERASURE_REASON.into(), json(reason));
    }
    let written = [
        (PROGRESS, session.progress.as_ref().map(json)),
        (RESULT, session.result.as_ref().map(json)),
        (FAILURE, session.failure.as_ref().map(json)),
        (RECEIPT, session.receipt.as_ref().map(json)),
    ];
    item.extend(
        written
            .into_iter()
            .filter_map(|(name, value)| Some((name.into(), value?))),
    );
    item
}

/// A value that we may or may not have written.
fn attribute() -> impl Strategy<Value = AttributeValue> {
    let leaf = prop_oneof![
        any::<String>().prop_map(AttributeValue::S),
        select(vec![
            "",
            "{",
            "{}",
            "complete",
            "unsent",
            "claimed",
            "video/mp4",
            "fr"
        ])
        .prop_map(text),
        any::<i128>().prop_map(number),
        select(vec![
            "",
            "-",
            "1e9",
            "0.5",
            "9223372036854775808",
            "18446744073709551616"
        ])
        .prop_map(|n| AttributeValue::N(n.into())),
        vec(any::<u8>(), 0..40).prop_map(bytes),
        any::<bool>().prop_map(AttributeValue::Bool),
        Just(AttributeValue::Null(true)),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(AttributeValue::L),
            vec((any::<String>(), inner), 0..4)
                .prop_map(|members| AttributeValue::M(members.into_iter().collect())),
        ]
    })
}

/// Names and values of a session that was read can all be asked for.
fn use_all(session: &Session) {
    let now = session.created_at;
    let (count, parts) = (session.plan.chunks(), session.plan.parts());
    assert!(parts >= count);
    let _ = (
        session.live_chunks(now),
        session.received_ranges(now),
        session.media_expires_at(),
    );
    let _ = (
        session.is_leased(now),
        session.audience(),
        format!("{session:?}"),
    );
    let again = read(&item_of(session));
    assert_eq!(again.map(|again| again.id), Ok(session.id));
}

proptest! {
    #[test]
    fn a_session_comes_back_from_its_item((session, item) in later()) {
        prop_assert_eq!(read(&item), Ok(session));
    }

    #[test]
    fn a_session_comes_back_from_its_first_item(session in opened()) {
        prop_assert_eq!(read(&write(&session)), Ok(session));
    }

    #[test]
    fn an_item_with_other_attributes(
        (_, mut item) in later(),
        changes in vec((any::<Index>(), option::of(attribute())), 1..4),
    ) {
        let mut names: Vec<String> = item.keys().cloned().collect();
        names.sort();
        for (at, value) in changes {
            let name = at.get(&names);
            match value {
                Some(value) => item.insert(name.clone(), value),
                None => item.remove(name),
            };
        }
        if let Ok(session) = read(&item) {
            use_all(&session);
        }
    }

    #[test]
    fn a_session_without_an_attribute_that_all_have_is_none(session in opened(), at: Index) {
        let needed = [
            KEY, STATE, TOTAL_BYTES, CHUNK_BYTES, CONTENT_TYPE, LOCALE, TOKEN_HASH, KEY_ID, RECEIVED,
            CONNECTIONS, SEQ, JOB, CREATED_AT, EXPIRES_AT,
        ];
        let mut item = write(&session);
        let name = *at.get(&needed);
        item.remove(name);
        prop_assert_eq!(read(&item), Err(Corrupt(name)));
    }

    #[test]
    fn an_attribute_of_another_kind_is_told_by_its_name(
        (_, mut item) in later().prop_filter("leased", |(session, _)| session.lease.is_some()),
        at: Index,
    ) {
        let names = [SEQ, EXPIRES_AT, SWEEP_AT, LEASE_UNTIL, RECEIVED, STATE, TOKEN_HASH];
        let names: Vec<_> = names.into_iter().filter(|name| item.contains_key(*name)).collect();
        let name = *at.get(&names);
        item.insert(name.into(), AttributeValue::Bool(true));
        prop_assert_eq!(read(&item), Err(Corrupt(name)));
    }
}

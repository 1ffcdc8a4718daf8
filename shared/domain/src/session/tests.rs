use super::*;
use crate::{
    inventory::Inventory,
    receipt::{ErasureStatement, PartsFate},
    session::sweep::SWEEP_AGAIN,
};

const T0: Timestamp = Timestamp::from_millis(1_000_000);
const MEDIA: Duration = Duration::from_secs(300);
const KEEP: Duration = Duration::from_secs(3600);

fn after(seconds: u64) -> Timestamp {
    T0 + Duration::from_secs(seconds)
}

fn session() -> Session {
    let opening = Opening {
        id: SessionId::from_bytes([1; 16]),
        plan: UploadPlan::new(3 * 1024 * 1024, 1024 * 1024, u64::MAX).unwrap(),
        content_type: ContentType::Mp4,
        locale: Locale::Fr,
        token_hash: TokenHash::from_bytes([2; 32]),
        key: WrappedKey {
            key_id: "v1".into(),
            bytes: vec![3; 61],
        },
    };
    Session::open(
        opening,
        &Lifetimes {
            media: MEDIA,
            session: Duration::from_secs(600),
        },
        T0,
    )
}

fn receive(index: u32, content: u8, now: Timestamp) -> Change {
    let chunk = ReceivedChunk {
        fingerprint: Fingerprint([content; 16]),
        expires_at: now + MEDIA,
    };
    Change::ReceiveChunk { index, chunk }
}

fn queue(now: Timestamp) -> Change {
    Change::Queue {
        claimed_until: now + Duration::from_secs(3),
    }
}

fn lease(owner: &str, until: Timestamp) -> Change {
    Change::Lease(Lease {
        owner: owner.into(),
        until,
    })
}

fn complete(owner: &str) -> Change {
    Change::End {
        ending: Ending::Complete {
            owner: owner.into(),
            result: None,
        },
        keep: KEEP,
    }
}

fn fail(owner: Option<&str>) -> Change {
    let ending = Ending::Failed {
        owner: owner.map(Into::into),
        failure: Failure::Internal,
    };
    Change::End { ending, keep: KEEP }
}

fn end(ending: Ending) -> Change {
    Change::End { ending, keep: KEEP }
}

fn applied(changes: &[(Change, u64)]) -> Session {
    let mut session = session();
    for (change, at) in changes {
        session.apply(change, after(*at)).unwrap();
    }
    session
}

#[test]
fn the_same_chunk_again_is_fine_and_another_content_is_not() {
    let mut session = applied(&[(receive(0, 7, T0), 0)]);
    assert_eq!(session.apply(&receive(0, 7, after(1)), after(1)), Ok(()));
    assert_eq!(
        session.apply(&receive(0, 8, after(2)), after(2)),
        Err(Refused::OtherContent)
    );
    // Once it has expired, it is as if it had never come.
    assert_eq!(
        session.apply(&receive(0, 8, after(302)), after(302)),
        Ok(())
    );
}

#[test]
fn an_expired_chunk_is_a_missing_chunk() {
    let session = applied(&[(receive(0, 1, T0), 0), (receive(2, 1, after(200)), 200)]);
    assert_eq!(
        session.received_ranges(after(299)),
        [(0, 0).into(), (2, 2).into()]
    );
    assert_eq!(session.missing_ranges(after(300)), [(0, 1).into()]);
}

#[test]
fn the_job_is_claimed_by_one_and_retried_by_any() {
    let mut session = applied(&[(queue(T0), 0)]);
    assert_eq!(
        session.apply(&queue(after(1)), after(1)),
        Err(Refused::JobClaimed)
    );
    // The claim of one who crashed runs out; one who failed gives it up.
    assert_eq!(session.apply(&queue(after(3)), after(3)), Ok(()));
    session.apply(&Change::JobNotSent, after(4)).unwrap();
    assert_eq!(session.apply(&queue(after(4)), after(4)), Ok(()));
    session.apply(&Change::JobSent, after(4)).unwrap();
    assert_eq!(
        session.apply(&queue(after(100)), after(100)),
        Err(Refused::JobSent)
    );
}

#[test]
fn a_lease_keeps_others_out_until_its_time_is_over() {
    let mut session = applied(&[(queue(T0), 0), (lease("a", after(60)), 1)]);
    assert_eq!(
        session.allows(&lease("b", after(90)), after(59)),
        Err(Refused::Leased)
    );
    assert_eq!(
        session.allows(&complete("b"), after(59)),
        Err(Refused::Leased)
    );
    assert_eq!(session.allows(&fail(None), after(59)), Err(Refused::Leased));
    assert_eq!(
        session.allows(&end(Ending::Expired), after(59)),
        Err(Refused::Leased)
    );
    session.apply(&lease("b", after(120)), after(60)).unwrap();
    assert_eq!(
        session.allows(&complete("a"), after(61)),
        Err(Refused::Leased)
    );
    assert_eq!(session.apply(&complete("b"), after(61)), Ok(()));
}

#[test]
fn erasing_overrules_a_lease_and_takes_the_result_along() {
    let mut session = applied(&[(queue(T0), 0), (lease("a", after(60)), 1)]);
    session.apply(&end(Ending::Erased), after(2)).unwrap();
    assert_eq!(
        session.allows(&complete("a"), after(3)),
        Err(Refused::State(SessionState::Erased))
    );
    assert_eq!(
        session.key_destroyed,
        Some((after(2), ErasureReason::Requested))
    );

    let result: Inventory =
        crate::fusion::fuse(&Default::default(), Locale::En, Default::default());
    let ending = Ending::Complete {
        owner: "a".into(),
        result: Some(Box::new(result)),
    };
    let mut session = applied(&[(queue(T0), 0), (lease("a", after(60)), 1), (end(ending), 2)]);
    assert!(session.result.is_some());
    session.apply(&end(Ending::Erased), after(9)).unwrap();
    assert_eq!(session.result, None);
    // The media went when the inventory was made, and that stays true.
    assert_eq!(
        session.key_destroyed,
        Some((after(2), ErasureReason::Completed))
    );
}

#[test]
fn the_sweep_lets_a_session_go_on_without_what_has_expired() {
    let session = applied(&[(receive(0, 1, T0), 0), (receive(1, 1, after(250)), 250)]);
    assert_eq!(session.sweep_at, Some(after(300)));
    let SweepAction::DropExpired { chunks, next } = session.sweep(after(300)) else {
        panic!("not swept")
    };
    assert_eq!(chunks.keys().copied().collect::<Vec<_>>(), [0]);
    assert_eq!(next, after(300) + SWEEP_AGAIN);
    assert_eq!(session.sweep(after(600)), SweepAction::Expire);
}

#[test]
fn the_sweep_fails_what_can_no_longer_be_read() {
    let queued = applied(&[(receive(0, 1, T0), 0), (queue(T0), 1)]);
    assert_eq!(queued.sweep(after(299)), SweepAction::Wait(after(300)));
    assert_eq!(
        queued.sweep(after(300)),
        SweepAction::Fail(Failure::MediaExpired)
    );

    let processing = applied(&[
        (receive(0, 1, T0), 0),
        (queue(T0), 1),
        (lease("a", after(310)), 190),
    ]);
    assert_eq!(processing.sweep(after(299)), SweepAction::Wait(after(300)));
    // The worker may have read it all by then, but the table holds it no longer.
    let drop = SweepAction::DropExpired {
        chunks: Default::default(),
        next: after(310),
    };
    assert_eq!(processing.sweep(after(305)), drop);
    assert_eq!(
        processing.sweep(after(310)),
        SweepAction::Fail(Failure::Internal)
    );
}

#[test]
fn the_sweep_finishes_a_destruction_looks_once_more_and_forgets() {
    let mut session = applied(&[(end(Ending::Erased), 5)]);
    assert_eq!(session.sweep(after(5)), SweepAction::Destroy);
    let statement = ErasureStatement::of(
        &session,
        PartsFate::Deleted {
            parts_verified_absent_at: after(6),
        },
    )
    .unwrap();
    assert_eq!(
        (
            statement.reason,
            statement.parts,
            statement.key_destroyed_at
        ),
        (ErasureReason::Requested, 9, after(5))
    );
    let receipt = ErasureReceipt {
        statement,
        signature: "signed".into(),
    };
    session
        .apply(
            &Change::Certify {
                receipt: receipt.clone(),
                recheck_at: after(66),
            },
            after(6),
        )
        .unwrap();
    assert_eq!(session.sweep(after(66)), SweepAction::Destroy);
    session
        .apply(&Change::SweepAt(session.expires_at), after(66))
        .unwrap();
    assert_eq!(session.sweep(after(67)), SweepAction::Wait(after(5) + KEEP));
    assert_eq!(session.sweep(after(5) + KEEP), SweepAction::Forget);
    // A receipt is written once.
    let later = ErasureReceipt {
        signature: "signed later".into(),
        ..receipt.clone()
    };
    session
        .apply(
            &Change::Certify {
                receipt: later,
                recheck_at: after(80),
            },
            after(70),
        )
        .unwrap();
    assert_eq!(session.receipt, Some(receipt));
}

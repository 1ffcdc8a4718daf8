//! Whatever happens to what was sealed, wrapped or signed: it opens as it was, in its own place, or not at all.

use proptest::{array::uniform16, collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};

use super::{
    aad::associated_data,
    receipt::{Jwk, JwkSet, NotVerified, ReceiptKeys},
    *,
};
use dodolens_domain::{
    ids::SessionId,
    plan::{MAX_CHUNK_BYTES, MIN_CHUNK_BYTES, PartIndex, UploadPlan},
    receipt::{ErasureReason, ErasureStatement, PartsFate, SCHEMA},
    session::WrappedKey,
    time::Timestamp,
};
use dodolens_testing::{damaged, damaged_json, damaged_text};

fn key() -> SessionKey {
    SessionKey::from_secret(Zeroizing::new([5; 32]))
}

/// Few values of each, so that places often differ in one of them alone.
fn place() -> impl Strategy<Value = PartContext> {
    let chunk_bytes = select(vec![MIN_CHUNK_BYTES, 1024 * 1024, MAX_CHUNK_BYTES]);
    let plan = (select(vec![1, 3_000_000, 9_999_999]), chunk_bytes);
    let at = (0_u32..3, 0_u32..3).prop_map(|(chunk, part)| PartIndex { chunk, part });
    (0_u8..2, plan, at, 0_u8..2).prop_map(|(session, (total, chunk_bytes), at, print)| {
        PartContext {
            session: SessionId::from_bytes([session; 16]),
            plan: UploadPlan::new(total, chunk_bytes, u64::MAX).unwrap(),
            at,
            chunk: Fingerprint([print; 16]),
        }
    })
}

/// A place, as what a part is bound to.
fn bound(place: &PartContext) -> impl PartialEq + use<> {
    let PartContext { session, at, .. } = *place;
    let counts = (place.plan.chunks(), place.plan.parts_of(at.chunk));
    (session, at, counts, place.chunk)
}

fn here() -> PartContext {
    PartContext {
        session: SessionId::from_bytes([1; 16]),
        plan: UploadPlan::new(3_000_000, MIN_CHUNK_BYTES, u64::MAX).unwrap(),
        at: PartIndex { chunk: 2, part: 0 },
        chunk: Fingerprint([9; 16]),
    }
}

#[test]
fn every_single_byte_changed_removed_or_added_is_noticed() {
    let sealed = key().seal(&here(), b"a short part").unwrap();
    let opens = |bytes: Vec<u8>| key().open(&here(), bytes).is_ok();
    assert!(opens(sealed.clone()));
    for at in 0..=sealed.len() {
        for value in 0..=u8::MAX {
            let mut bytes = sealed.clone();
            bytes.insert(at, value);
            assert!(!opens(bytes), "{value} added at {at}");
        }
    }
    for at in 0..sealed.len() {
        let mut bytes = sealed.clone();
        bytes.remove(at);
        assert!(!opens(bytes), "{at} removed");
        assert!(!opens(sealed[..at].to_vec()), "cut at {at}");
        for change in 1..=u8::MAX {
            let mut bytes = sealed.clone();
            bytes[at] ^= change;
            assert!(!opens(bytes), "{at} changed by {change:#x}");
        }
    }
}

fn master(id: &str) -> MasterKey {
    MasterKey::from_secret(id.into(), &[b'x'; 64]).unwrap()
}

fn statement() -> impl Strategy<Value = ErasureStatement> {
    use ErasureReason::{Completed, Expired, Failed, Requested};
    let reason = select(vec![Completed, Failed, Requested, Expired]);
    // JSON in canonical form has numbers of 53 bits (RFC 8785, section 3.2.2.3), and RFC 3339 years of four digits.
    let time = || (0_i64..250_000_000_000_000).prop_map(Timestamp::from_millis);
    let fate = prop_oneof![
        time().prop_map(|at| PartsFate::Deleted {
            parts_verified_absent_at: at
        }),
        time().prop_map(|at| PartsFate::LeftToExpire {
            parts_left_to_expire_at: at
        }),
    ];
    (
        reason,
        any::<(u32, u32)>(),
        1_u64..1 << 53,
        any::<String>(),
        time(),
        fate,
    )
        .prop_map(
            |(reason, (chunks, parts), bytes, key_id, destroyed, fate)| ErasureStatement {
                schema: SCHEMA.into(),
                session_id: "0123456789abcdef0123456789abcdef".into(),
                audit_id: "fedcba9876543210fedcba9876543210".into(),
                reason,
                chunks,
                parts,
                bytes,
                key_id,
                key_destroyed_at: destroyed,
                fate,
            },
        )
}

fn receipt_keys() -> ReceiptKeys {
    ReceiptKeys::new(&[b'x'; 64], &[]).unwrap()
}

/// A statement that some keys signed, as a JSON object.
fn signed(statement: ErasureStatement) -> Value {
    serde_json::to_value(receipt_keys().sign(statement).unwrap()).unwrap()
}

fn verify(receipt: &Value) -> Result<ErasureStatement, NotVerified> {
    let object = receipt.as_object().ok_or(NotVerified::Malformed)?;
    receipt_keys().published().verify(object)
}

fn receipt() -> Value {
    signed(ErasureStatement {
        schema: SCHEMA.into(),
        session_id: "0123456789abcdef0123456789abcdef".into(),
        audit_id: "fedcba9876543210fedcba9876543210".into(),
        reason: ErasureReason::Completed,
        chunks: 3,
        parts: 9,
        bytes: 3_000_000,
        key_id: "v1".into(),
        key_destroyed_at: Timestamp::from_millis(1_700_000_000_000),
        fate: PartsFate::Deleted {
            parts_verified_absent_at: Timestamp::from_millis(1_700_000_000_250),
        },
    })
}

proptest! {
    #[test]
    fn any_part_comes_back(part in vec(any::<u8>(), 0..2000), place in place()) {
        let sealed = key().seal(&place, &part).unwrap();
        prop_assert_eq!(sealed.len(), part.len() + SEALED_OVERHEAD);
        prop_assert_eq!(&*key().open(&place, sealed).unwrap(), &part[..]);
    }

    #[test]
    fn a_part_opens_in_its_place_alone(from in place(), to in place()) {
        let sealed = key().seal(&from, b"a part").unwrap();
        let opens = key().open(&to, sealed).is_ok();
        prop_assert_eq!(opens, bound(&from) == bound(&to));
    }

    #[test]
    fn a_damaged_part_never_opens(
        (sealed, bytes) in vec(any::<u8>(), 0..200).prop_flat_map(|part| {
            let sealed = key().seal(&here(), &part).unwrap();
            (Just(sealed.clone()), damaged(&sealed))
        }),
    ) {
        let opens = key().open(&here(), bytes.clone()).is_ok();
        prop_assert_eq!(opens, bytes == sealed);
    }

    #[test]
    fn random_bytes_never_open(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(key().open(&here(), bytes.clone()).is_err());
        let wrapped = WrappedKey { key_id: "v1".into(), bytes };
        prop_assert!(master("v1").unwrap(here().session, &wrapped).is_err());
    }

    #[test]
    fn no_two_lists_of_fields_bind_to_the_same(
        a in vec(vec(0_u8..3, 0..4), 0..4),
        b in vec(vec(0_u8..3, 0..4), 0..4),
    ) {
        let data = |fields: &[Vec<u8>]| {
            associated_data(&fields.iter().map(Vec::as_slice).collect::<Vec<_>>())
        };
        prop_assert_eq!(data(&a) == data(&b), a == b);
    }

    #[test]
    fn a_wrapped_key_comes_back_in_its_place_alone(
        secret: [u8; 32],
        (from, to) in (uniform16(0_u8..2), uniform16(0_u8..2)),
        (by, with) in ("v[12]", "v[12]"),
    ) {
        let (from, to) = (SessionId::from_bytes(from), SessionId::from_bytes(to));
        let key = SessionKey::from_secret(Zeroizing::new(secret));
        let wrapped = master(&by).wrap(from, &key).unwrap();
        let same = master(&by).unwrap(from, &wrapped).unwrap();
        prop_assert_eq!(*same.secret, secret);
        let opens = master(&with).unwrap(to, &wrapped).is_ok();
        prop_assert_eq!(opens, (from, by) == (to, with));
    }

    #[test]
    fn a_damaged_wrapped_key_never_opens(
        (sealed, bytes) in any::<[u8; 32]>().prop_flat_map(|secret| {
            let key = SessionKey::from_secret(Zeroizing::new(secret));
            let sealed = master("v1").wrap(here().session, &key).unwrap().bytes;
            (Just(sealed.clone()), damaged(&sealed))
        }),
    ) {
        let wrapped = WrappedKey { key_id: "v1".into(), bytes };
        let opens = master("v1").unwrap(here().session, &wrapped).is_ok();
        prop_assert_eq!(opens, wrapped.bytes == sealed);
    }

    #[test]
    fn any_signed_statement_is_verified(statement in statement()) {
        let text = signed(statement.clone()).to_string();
        prop_assert_eq!(verify(&serde_json::from_str(&text).unwrap()), Ok(statement));
    }

    #[test]
    fn no_signature_is_of_two_numbers(statement in statement(), bytes in (0_u32..64, any::<u64>()).prop_map(|(shift, n)| n >> shift), by in 1_u64..3) {
        let statement = ErasureStatement { bytes, ..statement };
        match receipt_keys().sign(statement) {
            Ok(receipt) => {
                let mut receipt = serde_json::to_value(receipt).unwrap();
                receipt["bytes"] = Value::from(bytes.wrapping_add(by));
                prop_assert!(verify(&receipt).is_err());
            }
            Err(_) => prop_assert!(bytes >= 1 << 53),
        }
    }

    #[test]
    fn a_receipt_with_other_members_proves_nothing(changed in damaged_json(receipt())) {
        let right = receipt();
        if changed != right {
            prop_assert!(verify(&changed).is_err(), "{}", changed);
        }
    }

    #[test]
    fn a_receipt_with_other_bytes_states_the_same_or_nothing(text in damaged_text(&receipt().to_string())) {
        if let Ok(changed) = serde_json::from_str::<Value>(&text)
            && let Ok(statement) = verify(&changed)
        {
            prop_assert_eq!(Ok(statement), verify(&receipt()));
        }
    }

    #[test]
    fn a_receipt_with_another_signature_is_refused(signature in damaged_text(receipt()["signature"].as_str().unwrap())) {
        let mut changed = receipt();
        let same = changed["signature"] == signature.as_str();
        changed["signature"] = Value::from(signature);
        prop_assert_eq!(verify(&changed).is_ok(), same);
    }

    #[test]
    fn damaged_keys_verify_what_they_signed_or_nothing(keys in damaged_json(json!(receipt_keys().published()))) {
        let right = receipt_keys().published();
        if let Ok(keys) = serde_json::from_value::<JwkSet>(keys) {
            let verified = keys.verify(receipt().as_object().unwrap()).is_ok();
            let named = |key: &&Jwk| key.kid == right.keys[0].kid;
            let same = keys.keys.iter().find(named).is_some_and(|key| key.x == right.keys[0].x);
            prop_assert_eq!(verified, same);
        }
    }

    #[test]
    fn random_objects_are_no_receipts(signature: String, x: String) {
        let object = Map::from_iter([("signature".into(), Value::from(signature))]);
        prop_assert!(receipt_keys().published().verify(&object).is_err());
        let stranger = ReceiptKeys::new(&[b'y'; 64], &[x]).unwrap().published();
        prop_assert!(stranger.verify(receipt().as_object().unwrap()).is_err());
    }
}

//! A session as a DynamoDB item. What is absent in the session is absent in the item.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use serde::Serialize;

use super::record::{self, Record};
use dodolens_app::ports::Corrupt;
use dodolens_domain::{
    ids::{ConnectionId, TokenHash},
    locale::Locale,
    media::ContentType,
    plan::UploadPlan,
    session::{Fingerprint, Job, Lease, ReceivedChunk, Session, WrappedKey},
};

pub type Item = HashMap<String, AttributeValue>;

pub const KEY: &str = "session_id";
pub const STATE: &str = "state";
pub const TOTAL_BYTES: &str = "total_bytes";
pub const CHUNK_BYTES: &str = "chunk_bytes";
pub const CONTENT_TYPE: &str = "content_type";
pub const LOCALE: &str = "locale";
pub const TOKEN_HASH: &str = "token_hash";
pub const WRAPPED_KEY: &str = "wrapped_key";
pub const KEY_ID: &str = "key_id";
pub const RECEIVED: &str = "received";
pub const FINGERPRINT: &str = "f";
pub const CHUNK_EXPIRES_AT: &str = "e";
pub const CONNECTIONS: &str = "connections";
pub const SEQ: &str = "seq";
pub const JOB: &str = "job";
pub const JOB_CLAIMED_UNTIL: &str = "job_claimed_until";
pub const LEASE_OWNER: &str = "lease_owner";
pub const LEASE_UNTIL: &str = "lease_until";
pub const PROGRESS: &str = "progress";
pub const RESULT: &str = "result";
pub const FAILURE: &str = "failure";
pub const KEY_DESTROYED_AT: &str = "key_destroyed_at";
pub const ERASURE_REASON: &str = "erasure_reason";
pub const RECEIPT: &str = "receipt";
pub const CREATED_AT: &str = "created_at";
pub const EXPIRES_AT: &str = "expires_at";
pub const SWEEP_AT: &str = "sweep_at";
pub const SWEEP_SHARD: &str = "sweep_shard";
/// The attribute of the table's TTL, seconds since the Unix epoch.
pub const TTL: &str = "ttl";

/// Index by shard and `sweep_at`.
pub const SWEEP_INDEX: &str = "sweep";
/// One partition takes 1,000 writes a second; a session's life has a handful that touch the index.
pub const SWEEP_SHARDS: u8 = 8;
/// The table's own deletion is only a backstop, so it comes well after the sweep's.
pub const TTL_GRACE: Duration = Duration::from_secs(3600);

pub const JOB_UNSENT: &str = "unsent";
pub const JOB_CLAIMED: &str = "claimed";
pub const JOB_SENT: &str = "sent";

pub fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub fn bytes(value: impl Into<Vec<u8>>) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

/// A value in its wire form; a plain enum is its name.
pub fn json<T: Serialize>(value: &T) -> AttributeValue {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => text(name),
        Ok(value) => text(value.to_string()),
        Err(_) => AttributeValue::Null(true),
    }
}

pub fn chunk(chunk: &ReceivedChunk) -> AttributeValue {
    AttributeValue::M(HashMap::from([
        (FINGERPRINT.into(), bytes(chunk.fingerprint.0)),
        (
            CHUNK_EXPIRES_AT.into(),
            number(chunk.expires_at.as_millis()),
        ),
    ]))
}

/// A new session's item.
pub fn write(session: &Session) -> Item {
    let shard = session
        .id
        .as_bytes()
        .first()
        .map_or(0, |byte| byte % SWEEP_SHARDS);
    let received = session
        .received
        .iter()
        .map(|(index, received)| (index.to_string(), chunk(received)));
    let connections = session
        .connections
        .iter()
        .map(|(id, since)| (id.to_string(), number(since.as_millis())));
    let mut item = Item::from([
        (KEY.into(), text(session.id.to_string())),
        (STATE.into(), text(session.state.as_str())),
        (TOTAL_BYTES.into(), number(session.plan.total_bytes())),
        (CHUNK_BYTES.into(), number(session.plan.chunk_bytes())),
        (CONTENT_TYPE.into(), text(session.content_type.as_str())),
        (LOCALE.into(), text(session.locale.code())),
        (TOKEN_HASH.into(), bytes(*session.token_hash.as_bytes())),
        (KEY_ID.into(), text(&session.key_id)),
        (RECEIVED.into(), AttributeValue::M(received.collect())),
        (CONNECTIONS.into(), AttributeValue::M(connections.collect())),
        (SEQ.into(), number(session.seq)),
        (JOB.into(), text(JOB_UNSENT)),
        (CREATED_AT.into(), number(session.created_at.as_millis())),
        (EXPIRES_AT.into(), number(session.expires_at.as_millis())),
        (SWEEP_SHARD.into(), text(shard.to_string())),
        (
            TTL.into(),
            number((session.expires_at + TTL_GRACE).as_secs_ceil()),
        ),
    ]);
    if let Some(key) = &session.key {
        item.insert(WRAPPED_KEY.into(), bytes(key.bytes.clone()));
    }
    if let Some(at) = session.sweep_at {
        item.insert(SWEEP_AT.into(), number(at.as_millis()));
    }
    item
}

/// The session in an item.
///
/// # Errors
/// [`Corrupt`] naming an attribute, when the item is not one that we wrote.
pub fn read(item: &Item) -> Result<Session, Corrupt> {
    let item = Record(item);
    let key_id = item.must(KEY_ID, record::string)?.to_owned();
    let wrapped = item.may(WRAPPED_KEY, record::binary)?;
    let lease_until = item.may(LEASE_UNTIL, record::time)?;
    let lease_owner = item.may(LEASE_OWNER, record::string)?;
    let job = match item.must(JOB, record::string)? {
        JOB_UNSENT => Job::Unsent,
        JOB_SENT => Job::Sent,
        JOB_CLAIMED => Job::Claimed {
            until: item.must(JOB_CLAIMED_UNTIL, record::time)?,
        },
        _ => return Err(Corrupt(JOB)),
    };
    let total_bytes = item.must(TOTAL_BYTES, record::integer)?;
    let chunk_bytes = item.must(CHUNK_BYTES, record::integer)?;
    let key_destroyed_at = item.may(KEY_DESTROYED_AT, record::time)?;
    Ok(Session {
        id: item.must(KEY, |value| record::string(value)?.parse().ok())?,
        state: item.must(STATE, record::json)?,
        plan: UploadPlan::new(total_bytes, chunk_bytes, u64::MAX)
            .map_err(|_| Corrupt(TOTAL_BYTES))?,
        content_type: item.must(CONTENT_TYPE, |value| {
            ContentType::parse(record::string(value)?)
        })?,
        locale: item.must(LOCALE, |value| Locale::from_tag(record::string(value)?))?,
        token_hash: TokenHash::from_bytes(item.must(TOKEN_HASH, record::blob)?),
        key: wrapped.map(|bytes| WrappedKey {
            key_id: key_id.clone(),
            bytes: bytes.to_vec(),
        }),
        key_id,
        received: item.map(RECEIVED, |index, chunk| {
            Some((index.parse().ok()?, read_chunk(chunk)?))
        })?,
        connections: item.map(CONNECTIONS, |id, since| {
            Some((ConnectionId::from(id.to_owned()), record::time(since)?))
        })?,
        seq: item.must(SEQ, record::integer)?,
        job,
        lease: lease_owner.zip(lease_until).map(|(owner, until)| Lease {
            owner: owner.to_owned(),
            until,
        }),
        progress: item.may(PROGRESS, record::json)?,
        result: item.may(RESULT, record::json)?,
        failure: item.may(FAILURE, record::json)?,
        key_destroyed: key_destroyed_at.zip(item.may(ERASURE_REASON, record::json)?),
        receipt: item.may(RECEIPT, record::json)?,
        created_at: item.must(CREATED_AT, record::time)?,
        expires_at: item.must(EXPIRES_AT, record::time)?,
        sweep_at: item.may(SWEEP_AT, record::time)?,
    })
}

fn read_chunk(value: &AttributeValue) -> Option<ReceivedChunk> {
    let chunk = Record(value.as_m().ok()?);
    Some(ReceivedChunk {
        fingerprint: Fingerprint(chunk.must(FINGERPRINT, record::blob).ok()?),
        expires_at: chunk.must(CHUNK_EXPIRES_AT, record::time).ok()?,
    })
}

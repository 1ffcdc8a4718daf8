//! A session as a DynamoDB item. What is absent in the session is absent in the item.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use serde::{Serialize, de::DeserializeOwned};

use dodolens_domain::{
    ids::{ConnectionId, SessionId, TokenHash},
    locale::Locale,
    media::ContentType,
    plan::UploadPlan,
    session::{Fingerprint, Job, Lease, ReceivedChunk, Session, WrappedKey},
    time::Timestamp,
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

/// The session in an item; `None` when the item is not one that we wrote.
pub fn read(item: &Item) -> Option<Session> {
    let key_id = item.get(KEY_ID)?.as_s().ok()?.clone();
    let key = match item.get(WRAPPED_KEY) {
        Some(bytes) => Some(WrappedKey {
            key_id: key_id.clone(),
            bytes: bytes.as_b().ok()?.clone().into_inner(),
        }),
        None => None,
    };
    let received = item
        .get(RECEIVED)?
        .as_m()
        .ok()?
        .iter()
        .map(|(index, chunk)| {
            let chunk = chunk.as_m().ok()?;
            let fingerprint = Fingerprint(blob(chunk.get(FINGERPRINT)?)?);
            Some((
                index.parse().ok()?,
                ReceivedChunk {
                    fingerprint,
                    expires_at: time(chunk, CHUNK_EXPIRES_AT)?,
                },
            ))
        });
    let connections = item
        .get(CONNECTIONS)?
        .as_m()
        .ok()?
        .iter()
        .map(|(id, since)| {
            Some((
                ConnectionId::from(id.clone()),
                Timestamp::from_millis(since.as_n().ok()?.parse().ok()?),
            ))
        });
    let lease = match (item.get(LEASE_OWNER), time(item, LEASE_UNTIL)) {
        (Some(owner), Some(until)) => Some(Lease {
            owner: owner.as_s().ok()?.clone(),
            until,
        }),
        _ => None,
    };
    let job = match item.get(JOB)?.as_s().ok()?.as_str() {
        JOB_UNSENT => Job::Unsent,
        JOB_SENT => Job::Sent,
        JOB_CLAIMED => Job::Claimed {
            until: time(item, JOB_CLAIMED_UNTIL)?,
        },
        _ => return None,
    };
    let key_destroyed = time(item, KEY_DESTROYED_AT).zip(from_json(item, ERASURE_REASON)?);
    Some(Session {
        id: item.get(KEY)?.as_s().ok()?.parse::<SessionId>().ok()?,
        state: from_json(item, STATE)??,
        plan: UploadPlan::new(
            integer(item, TOTAL_BYTES)?,
            integer(item, CHUNK_BYTES)?,
            u64::MAX,
        )
        .ok()?,
        content_type: ContentType::parse(item.get(CONTENT_TYPE)?.as_s().ok()?)?,
        locale: Locale::from_tag(item.get(LOCALE)?.as_s().ok()?)?,
        token_hash: TokenHash::from_bytes(blob(item.get(TOKEN_HASH)?)?),
        key,
        key_id,
        received: received.collect::<Option<_>>()?,
        connections: connections.collect::<Option<_>>()?,
        seq: integer(item, SEQ)?,
        job,
        lease,
        progress: from_json(item, PROGRESS)?,
        result: from_json(item, RESULT)?,
        failure: from_json(item, FAILURE)?,
        key_destroyed,
        receipt: from_json(item, RECEIPT)?,
        created_at: time(item, CREATED_AT)?,
        expires_at: time(item, EXPIRES_AT)?,
        sweep_at: time(item, SWEEP_AT),
    })
}

fn integer<T: std::str::FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

fn time(item: &Item, name: &str) -> Option<Timestamp> {
    integer(item, name).map(Timestamp::from_millis)
}

fn blob<const N: usize>(value: &AttributeValue) -> Option<[u8; N]> {
    value.as_b().ok()?.as_ref().try_into().ok()
}

/// `Some(None)` when it is absent, `None` when it is not what we wrote.
#[expect(clippy::option_option, reason = "absent and unreadable are told apart")]
fn from_json<T: DeserializeOwned>(item: &Item, name: &str) -> Option<Option<T>> {
    let Some(value) = item.get(name) else {
        return Some(None);
    };
    let value = value.as_s().ok()?;
    if value.starts_with('{') {
        serde_json::from_str(value).ok().map(Some)
    } else {
        serde_json::from_value(serde_json::Value::String(value.clone()))
            .ok()
            .map(Some)
    }
}

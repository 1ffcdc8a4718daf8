//! Taking a chunk in: sealed parts in the table, one write in the session.

use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use sha2::{Digest as _, Sha256};

use super::{
    access::{Credential, open_session},
    announce::announce,
};
use crate::{
    error::Error,
    metrics::{self, table},
    ports::{
        ChangeError, Clock as _, HasClock, HasNotifier, HasParts, HasSessions, HasVault, PartKey,
        PartStore as _, SessionStore as _, Unavailable,
    },
    session_key::unwrap_key,
};
use dodolens_crypto::{PartContext, SessionKey};
use dodolens_domain::{
    plan::PartIndex,
    session::{Change, Fingerprint, ReceivedChunk, Refused, Session, SessionState},
    time::Timestamp,
};
use dodolens_wire::ws::Event;

/// Parts of one chunk that are written at the same time; the largest chunk has twelve.
const PARALLEL_PUTS: usize = 12;

/// A chunk as it came.
pub struct IncomingChunk<'a> {
    /// Its index in the plan.
    pub index: u32,
    /// Its bytes, in the clear.
    pub bytes: &'a [u8],
    /// SHA-256 that the client says it has.
    pub digest: Option<[u8; 32]>,
}

/// Stores a chunk. The same chunk again is fine and changes nothing.
///
/// # Errors
/// `session_not_found`, `session_not_open`, `session_expired`, `session_erased`, `chunk_out_of_range`,
/// `chunk_length_mismatch`, `digest_mismatch`, `chunk_conflict`, `unavailable`.
pub async fn receive_chunk(
    ports: &(impl HasSessions + HasParts + HasVault + HasNotifier + HasClock),
    media_lifetime: Duration,
    credential: &Credential,
    chunk: &IncomingChunk<'_>,
) -> Result<(), Error> {
    let session = open_session(ports, credential).await?;
    let now = ports.clock().now();
    check(&session, chunk, now)?;

    let key = unwrap_key(ports, &session).await?;
    let fingerprint = key.fingerprint(chunk.index, chunk.bytes);
    if session.has_chunk(chunk.index, fingerprint, now) {
        return Ok(());
    }
    let received = ReceivedChunk {
        fingerprint,
        expires_at: now + media_lifetime,
    };
    let change = Change::ReceiveChunk {
        index: chunk.index,
        chunk: received,
    };
    session.allows(&change, now)?;

    store_parts(ports, &session, &key, chunk, &received).await?;
    let recorded = ports.clock().now();
    match ports.sessions().change(session.id, &change, recorded).await {
        Ok(after) => {
            metrics::record(&table::UPLOAD_CHUNKS, 1.0);
            metrics::record(&table::UPLOAD_BYTES, chunk.bytes.len() as f64);
            let event = Event::ChunkReceived {
                index: chunk.index,
                received: u32::try_from(after.live_chunks(now).len()).unwrap_or(u32::MAX),
                total_chunks: after.plan.chunks(),
            };
            announce(ports, &after, event).await;
            Ok(())
        }
        Err(ChangeError::Refused(refused)) => {
            take_back(ports, &session, chunk.index, fingerprint, refused).await?;
            Err(refused.into())
        }
        Err(error) => Err(error.into()),
    }
}

fn check(session: &Session, chunk: &IncomingChunk<'_>, now: Timestamp) -> Result<(), Error> {
    if session.state != SessionState::Open {
        return Err(Refused::State(session.state).into());
    }
    if session.expires_at <= now {
        return Err(Refused::Expired.into());
    }
    let planned = session
        .plan
        .chunk_len(chunk.index)
        .ok_or(Error::ChunkOutOfRange)?;
    if u32::try_from(chunk.bytes.len()) != Ok(planned) {
        return Err(Error::ChunkLength {
            index: chunk.index,
            planned,
            came: chunk.bytes.len(),
        });
    }
    match chunk.digest {
        Some(digest) if digest != *Sha256::digest(chunk.bytes) => Err(Error::DigestMismatch),
        _ => Ok(()),
    }
}

async fn store_parts(
    ports: &impl HasParts,
    session: &Session,
    key: &SessionKey,
    chunk: &IncomingChunk<'_>,
    received: &ReceivedChunk,
) -> Result<(), Error> {
    let parts = chunk
        .bytes
        .chunks(session.plan.part_bytes() as usize)
        .zip(0_u32..);
    stream::iter(parts.map(Ok))
        .try_for_each_concurrent(PARALLEL_PUTS, |(bytes, part)| async move {
            let at = PartIndex {
                chunk: chunk.index,
                part,
            };
            let context = PartContext {
                session: session.id,
                plan: session.plan,
                at,
                chunk: received.fingerprint,
            };
            let sealed = key.seal(&context, bytes)?;
            let name = PartKey {
                session: session.id,
                at,
            };
            let stored = ports.parts().put(name, sealed, received.expires_at);
            Ok(stored.await?)
        })
        .await
}

/// The session changed while the parts were being stored: they must not stay. Where another content of this chunk was
/// recorded at the same time, its parts may have been overwritten, so that the chunk counts as missing again.
async fn take_back(
    ports: &(impl HasSessions + HasParts + HasClock),
    session: &Session,
    index: u32,
    ours: Fingerprint,
    refused: Refused,
) -> Result<(), Error> {
    if refused == Refused::OtherContent {
        let current = ports.sessions().load(session.id).await?;
        let there = current.and_then(|now| now.received.get(&index).copied());
        if let Some(there) = there.filter(|there| there.fingerprint != ours) {
            let change = Change::ForgetChunks {
                seen: [(index, there)].into(),
            };
            let now = ports.clock().now();
            match ports.sessions().change(session.id, &change, now).await {
                Ok(_) | Err(ChangeError::NotFound | ChangeError::Refused(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    let deleted: Result<(), Unavailable> = stream::iter(0..session.plan.parts_of(index))
        .map(|part| PartKey {
            session: session.id,
            at: PartIndex { chunk: index, part },
        })
        .map(|key| ports.parts().delete(key, None))
        .buffer_unordered(PARALLEL_PUTS)
        .try_collect()
        .await;
    Ok(deleted?)
}

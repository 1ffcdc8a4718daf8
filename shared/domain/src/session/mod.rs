//! A session: one video, from the first byte to the receipt that it is gone.

mod apply;
mod change;
mod progress;
mod sweep;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{
    ids::{ConnectionId, SessionId, TokenHash},
    inventory::Inventory,
    locale::Locale,
    media::ContentType,
    plan::UploadPlan,
    ranges::{IndexRange, ranges},
    receipt::{ErasureReason, ErasureReceipt},
    time::Timestamp,
};

pub use change::{Change, Ending, MAX_CONNECTIONS, MAX_FORGOTTEN, Refused};
pub use progress::{Progress, Stage};
pub use sweep::SweepAction;

/// Where a session is. `open → queued → processing → complete | failed`, and from any of them `erased` or `expired`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Takes chunks.
    Open,
    /// All chunks are there; a job is on its way.
    Queued,
    /// A worker holds the lease.
    Processing,
    /// The inventory is there; the media are destroyed.
    Complete,
    /// There is no inventory; the media are destroyed.
    Failed,
    /// Destroyed at the client's request, the result too.
    Erased,
    /// Destroyed because its time was over, the result too.
    Expired,
}

impl SessionState {
    /// Whether the media are, or are being, destroyed.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Complete | Self::Failed | Self::Erased | Self::Expired
        )
    }

    /// The name on every wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Queued => "queued",
            Self::Processing => "processing",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Erased => "erased",
            Self::Expired => "expired",
        }
    }
}

/// Why a session has no inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Not a video, without pictures, or damaged and nothing that moves was found in it.
    MediaUnreadable,
    /// Too many pixels, tracks or too much memory to decode.
    MediaTooLarge,
    /// Decoding takes too long.
    MediaTooSlow,
    /// Its pictures are encrypted.
    MediaEncrypted,
    /// Parts expired before they could be read.
    MediaExpired,
    /// The store of parts did not answer, or too slowly.
    StorageUnavailable,
    /// The decoder was killed, crashed, ran out of memory, or is missing.
    DecoderFailed,
    /// A model did not answer, and nothing that moves was found without it.
    AnalysisUnavailable,
    /// The session's time was over.
    SessionExpired,
    /// Our fault.
    Internal,
}

impl Failure {
    /// Whether no service could have done better.
    #[must_use]
    pub const fn lies_in_the_video(self) -> bool {
        matches!(
            self,
            Self::MediaUnreadable | Self::MediaTooLarge | Self::MediaEncrypted
        )
    }
}

/// The session's data key, wrapped by a version of the master key. Useless without it.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Names the master key's version.
    pub key_id: String,
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WrappedKey({})", self.key_id)
    }
}

/// Tells chunks of different content apart without telling what is in them: 128 bits of a MAC under the session's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 16]);

/// A chunk that is wholly in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceivedChunk {
    /// Of its content.
    pub fingerprint: Fingerprint,
    /// From here on its parts count as missing, whatever the table still holds.
    pub expires_at: Timestamp,
}

/// What has become of the job that `finalize` sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Job {
    /// Not sent, and nobody is about to.
    #[default]
    Unsent,
    /// Somebody is sending it, or crashed in doing so when the time is over.
    Claimed {
        /// When another may send it.
        until: Timestamp,
    },
    /// In the queue, or taken from it.
    Sent,
}

/// The right to process a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The invocation that holds it.
    pub owner: String,
    /// Until when; after it another may take over.
    pub until: Timestamp,
}

/// How long things live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// A sealed part, from its arrival.
    pub media: Duration,
    /// A session, from its creation, unless it is complete.
    pub session: Duration,
}

/// One video on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// Where it is.
    pub state: SessionState,
    /// How the video is cut.
    pub plan: UploadPlan,
    /// What the client said it is.
    pub content_type: ContentType,
    /// Language of the result.
    pub locale: Locale,
    /// Of the client's token.
    pub token_hash: TokenHash,
    /// Opens the parts; gone is gone.
    pub key: Option<WrappedKey>,
    /// Names the master key's version, also when `key` is gone.
    pub key_id: String,
    /// Chunks that are there, by index.
    pub received: BTreeMap<u32, ReceivedChunk>,
    /// WebSocket connections to notify, and since when they are known.
    pub connections: BTreeMap<ConnectionId, Timestamp>,
    /// Number of the last event.
    pub seq: u64,
    /// What has become of the job.
    pub job: Job,
    /// Who processes it.
    pub lease: Option<Lease>,
    /// How far it is.
    pub progress: Option<Progress>,
    /// The inventory, once complete.
    pub result: Option<Inventory>,
    /// Why there is none, once failed or expired.
    pub failure: Option<Failure>,
    /// When and why the key was destroyed.
    pub key_destroyed: Option<(Timestamp, ErasureReason)>,
    /// That the media are gone.
    pub receipt: Option<ErasureReceipt>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends, unless it is complete by then; once final, when its record ends.
    pub expires_at: Timestamp,
    /// When the sweep must look at it next; `None` when nothing is left to do.
    pub sweep_at: Option<Timestamp>,
}

/// What a session is opened with.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its name.
    pub id: SessionId,
    /// How the video is cut.
    pub plan: UploadPlan,
    /// What the client said it is.
    pub content_type: ContentType,
    /// Language of the result.
    pub locale: Locale,
    /// Of the client's token.
    pub token_hash: TokenHash,
    /// The wrapped data key.
    pub key: WrappedKey,
}

impl Session {
    /// A new session.
    #[must_use]
    pub fn open(opening: Opening, lifetimes: &Lifetimes, now: Timestamp) -> Self {
        Self {
            id: opening.id,
            state: SessionState::Open,
            plan: opening.plan,
            content_type: opening.content_type,
            locale: opening.locale,
            token_hash: opening.token_hash,
            key_id: opening.key.key_id.clone(),
            key: Some(opening.key),
            received: BTreeMap::new(),
            connections: BTreeMap::new(),
            seq: 0,
            job: Job::Unsent,
            lease: None,
            progress: None,
            result: None,
            failure: None,
            key_destroyed: None,
            receipt: None,
            created_at: now,
            expires_at: now + lifetimes.session,
            sweep_at: Some(now + lifetimes.media.min(lifetimes.session)),
        }
    }

    /// Indices of the chunks that are there and live.
    #[must_use]
    pub fn live_chunks(&self, now: Timestamp) -> BTreeSet<u32> {
        self.received
            .iter()
            .filter(|(_, chunk)| chunk.expires_at > now)
            .map(|(index, _)| *index)
            .collect()
    }

    /// Ranges of the chunks that are there.
    #[must_use]
    pub fn received_ranges(&self, now: Timestamp) -> Vec<IndexRange> {
        ranges(self.live_chunks(now))
    }

    /// Ranges of the chunks that are not there; none when the session takes no chunks any more.
    #[must_use]
    pub fn missing_ranges(&self, now: Timestamp) -> Vec<IndexRange> {
        if self.state != SessionState::Open {
            return Vec::new();
        }
        let live = self.live_chunks(now);
        ranges((0..self.plan.chunks()).filter(|index| !live.contains(index)))
    }

    /// When the first part expires.
    #[must_use]
    pub fn media_expires_at(&self) -> Option<Timestamp> {
        self.received.values().map(|chunk| chunk.expires_at).min()
    }

    /// Whether a worker holds the lease.
    #[must_use]
    pub fn is_leased(&self, now: Timestamp) -> bool {
        self.state == SessionState::Processing
            && self.lease.as_ref().is_some_and(|lease| lease.until > now)
    }

    /// Who is to be told of the last change.
    #[must_use]
    pub fn audience(&self) -> Audience {
        Audience {
            session: self.id,
            seq: self.seq,
            connections: self.connections.clone(),
        }
    }
}

/// Whom to tell of a change, and its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// The session that changed.
    pub session: SessionId,
    /// Number of the change, rising.
    pub seq: u64,
    /// Connections, and since when they are known.
    pub connections: BTreeMap<ConnectionId, Timestamp>,
}

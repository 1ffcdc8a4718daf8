//! A session as `session` would have opened it.

use std::time::Duration;

use dodolens::{
    crypto::random,
    domain::{
        ids::{SessionId, SessionToken},
        locale::Locale,
        media::ContentType,
        plan::UploadPlan,
        session::{Lifetimes, Opening, Session, WrappedKey},
        time::Timestamp,
    },
};

/// How long its media live.
pub const MEDIA_LIFETIME: Duration = Duration::from_secs(300);

/// One that was opened then, for a video of three chunks, with a key that opens nothing.
///
/// # Panics
/// When the system has no random bytes.
#[must_use]
#[allow(clippy::unwrap_used)]
pub fn opened(at: Timestamp) -> Session {
    let opening = Opening {
        id: SessionId::from_bytes(random().unwrap()),
        plan: UploadPlan::new(3 << 20, 1 << 20, u64::MAX).unwrap(),
        content_type: ContentType::Mp4,
        locale: Locale::Fr,
        token_hash: SessionToken::from_bytes(random().unwrap()).hash(),
        key: WrappedKey {
            key_id: "v1".into(),
            bytes: vec![3; 61],
        },
    };
    let lifetimes = Lifetimes {
        media: MEDIA_LIFETIME,
        session: Duration::from_secs(600),
    };
    Session::open(opening, &lifetimes, at)
}

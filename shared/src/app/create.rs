//! Opening a session.

use crate::{
    audit::{AuditEvent, audit},
    crypto::{SessionKey, random},
    domain::{
        ids::{SessionId, SessionToken},
        locale::Locale,
        media::ContentType,
        plan::{DEFAULT_CHUNK_BYTES, UploadPlan},
        session::{Lifetimes, Opening, Session},
    },
    error::Error,
    ports::{Clock, KeyVault, SessionStore},
    wire::{
        http::{CreateSession, MAX_PARALLEL, SessionCreated},
        problem::ProblemCode,
    },
};

/// What a session may be, and where its client listens.
#[derive(Debug, Clone)]
pub struct CreateSettings {
    /// Most bytes of a video.
    pub max_video_bytes: u64,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// `wss://` address of the WebSocket API.
    pub websocket_url: String,
}

/// Opens a session with a data key of its own.
///
/// # Errors
/// `invalid_request`, `video_empty`, `video_too_large`, `invalid_chunk_bytes`, `unsupported_video_type`, `unavailable`.
pub async fn create_session(
    sessions: &impl SessionStore,
    vault: &impl KeyVault,
    clock: &impl Clock,
    settings: &CreateSettings,
    request: &CreateSession,
) -> Result<SessionCreated, Error> {
    let content_type =
        ContentType::parse(&request.content_type).ok_or(ProblemCode::UnsupportedVideoType)?;
    let chunk_bytes = request.chunk_bytes.unwrap_or(DEFAULT_CHUNK_BYTES);
    let plan = UploadPlan::new(request.total_bytes, chunk_bytes, settings.max_video_bytes)?;
    let locale = request
        .locale
        .as_deref()
        .and_then(Locale::from_tag)
        .unwrap_or_default();

    let id = SessionId::from_bytes(random()?);
    let token = SessionToken::from_bytes(random()?);
    let key = vault.current().await?.wrap(id, &SessionKey::generate()?)?;
    let opening = Opening {
        id,
        plan,
        content_type,
        locale,
        token_hash: token.hash(),
        key,
    };
    let session = Session::open(opening, &settings.lifetimes, clock.now());
    sessions.create(&session).await?;
    let (name, bytes) = (session.token_hash.audit_id(), plan.total_bytes());
    audit(name, &AuditEvent::SessionOpened { bytes });
    let key_id = &session.key_id;
    audit(name, &AuditEvent::KeyIssued { key_id });

    Ok(SessionCreated {
        session_id: id.to_string(),
        token: token.expose(),
        chunk_bytes,
        total_chunks: plan.chunks(),
        websocket_url: settings.websocket_url.clone(),
        media_expires_in: settings.lifetimes.media.as_secs(),
        session_expires_at: session.expires_at,
        max_parallel: MAX_PARALLEL,
    })
}

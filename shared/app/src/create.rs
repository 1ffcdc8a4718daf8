//! Opening a session.

use std::time::Duration;

use crate::{
    audit::{AuditEvent, audit},
    error::Error,
    metrics::{self, table},
    ports::{
        Admission, Clock as _, HasClock, HasQuotas, HasSessions, HasVault, KeyVault as _,
        QuotaStore as _, SessionStore as _,
    },
};
use dodolens_crypto::{MasterKey, SessionKey, random};
use dodolens_domain::{
    ids::{SessionId, SessionToken},
    locale::Locale,
    media::ContentType,
    plan::{DEFAULT_CHUNK_BYTES, UploadPlan},
    quota::{Principal, Quota},
    session::{Lifetimes, Opening, Session},
    time::Timestamp,
};
use dodolens_wire::http::{CreateSession, MAX_PARALLEL, SessionCreated};

/// What a session may be, and where its client listens.
#[derive(Debug, Clone)]
pub struct CreateSettings {
    /// Most bytes of a video.
    pub max_video_bytes: u64,
    /// How many sessions a client may open.
    pub quota: Quota,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// `wss://` address of the WebSocket API.
    pub websocket_url: String,
}

/// Opens a session with a data key of its own. A request that is refused as such does not count in its client's quota.
///
/// # Errors
/// `invalid_request`, `video_empty`, `video_too_large`, `invalid_chunk_bytes`, `unsupported_video_type`,
/// `too_many_sessions`, `unavailable`.
pub async fn create_session(
    ports: &(impl HasSessions + HasQuotas + HasVault + HasClock),
    settings: &CreateSettings,
    client: &Principal,
    request: &CreateSession,
) -> Result<SessionCreated, Error> {
    let content_type =
        ContentType::parse(&request.content_type).ok_or(Error::UnsupportedVideoType)?;
    let chunk_bytes = request.chunk_bytes.unwrap_or(DEFAULT_CHUNK_BYTES);
    let plan = UploadPlan::new(request.total_bytes, chunk_bytes, settings.max_video_bytes)?;
    let locale = request
        .locale
        .as_deref()
        .and_then(Locale::from_tag)
        .unwrap_or_default();

    let (vault, clock) = (ports.vault(), ports.clock());
    let master = vault.current().await?;
    admit(ports, &master, &settings.quota, client, clock.now()).await?;

    let id = SessionId::from_bytes(random()?);
    let token = SessionToken::from_bytes(random()?);
    let key = master.wrap(id, &SessionKey::generate()?)?;
    let opening = Opening {
        id,
        plan,
        content_type,
        locale,
        token_hash: token.hash(),
        key,
    };
    let session = Session::open(opening, &settings.lifetimes, clock.now());
    ports.sessions().create(&session).await?;
    let (name, bytes) = (session.token_hash.audit_id(), plan.total_bytes());
    audit(name, &AuditEvent::SessionOpened { bytes });
    let key_id = &session.key_id;
    audit(name, &AuditEvent::KeyIssued { key_id });
    metrics::record(&table::SESSIONS_OPENED, 1.0);

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

/// Counts the session in its client's quota.
async fn admit(
    ports: &impl HasQuotas,
    master: &MasterKey,
    quota: &Quota,
    client: &Principal,
    now: Timestamp,
) -> Result<(), Error> {
    let until = quota.window_end(now);
    let client = master.pseudonym(client, until);
    let quotas = ports.quotas();
    match quotas.count_session(client, quota.sessions, until).await? {
        Admission::Admitted => Ok(()),
        Admission::Refused => Err(Error::TooManySessions {
            retry_after: seconds_ceil(until.since(now)),
        }),
    }
}

fn seconds_ceil(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}

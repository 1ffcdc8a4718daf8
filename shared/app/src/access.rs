//! Who may touch a session: whoever holds its token.

use crate::{
    error::Error,
    ports::{HasSessions, SessionStore as _},
};
use dodolens_domain::{
    ids::{SessionId, SessionToken},
    session::Session,
};

/// What a client shows to be let in.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The session.
    pub session: SessionId,
    /// Its token.
    pub token: SessionToken,
}

/// The session that `credential` opens.
///
/// # Errors
/// `session_not_found` when there is none or the token is not its own: the answer and its cost are the same.
pub async fn open_session(
    ports: &impl HasSessions,
    credential: &Credential,
) -> Result<Session, Error> {
    // Computed whether there is such a session or not.
    let shown = credential.token.hash();
    let session = ports.sessions().load(credential.session).await?;
    session
        .filter(|session| session.token_hash.matches(&shown))
        .ok_or(Error::SessionNotFound)
}

//! Who may touch a session: whoever holds its token.

use crate::{
    domain::{
        ids::{SessionId, SessionToken},
        session::Session,
    },
    error::Error,
    ports::SessionStore,
    wire::problem::ProblemCode,
};

/// What a client shows to be let in.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The session.
    pub session: SessionId,
    /// Its token.
    pub token: SessionToken,
}

impl Credential {
    /// From the session id of a path or sub-protocol and the token of a header or sub-protocol.
    ///
    /// # Errors
    /// `session_not_found` for an id, `unauthorized` for a token that is not in the agreed form.
    pub fn parse(session: &str, token: Option<&str>) -> Result<Self, Error> {
        let token = token
            .and_then(|token| token.parse().ok())
            .ok_or(ProblemCode::Unauthorized)?;
        let session = session.parse().map_err(|_| ProblemCode::SessionNotFound)?;
        Ok(Self { session, token })
    }
}

/// The session that `credential` opens.
///
/// # Errors
/// `session_not_found` when there is none or the token is not its own: the answer and its cost are the same.
pub async fn open_session(
    sessions: &impl SessionStore,
    credential: &Credential,
) -> Result<Session, Error> {
    // Computed whether there is such a session or not.
    let shown = credential.token.hash();
    let session = sessions.load(credential.session).await?;
    session
        .filter(|session| session.token_hash.matches(&shown))
        .ok_or(Error::Rejected(ProblemCode::SessionNotFound))
}

//! Credentials as clients show them: in a path and a header, or in the sub-protocols of a WebSocket.

use dodolens_app::access::Credential;
use dodolens_wire::{
    problem::ProblemCode,
    ws::{CREDENTIAL_PREFIX, PROTOCOL},
};

use crate::error::Error;

/// From the session id of a path or sub-protocol and the token of a header or sub-protocol.
///
/// # Errors
/// `session_not_found` for an id, `unauthorized` for a token that is not in the agreed form.
pub fn credential(session: &str, token: Option<&str>) -> Result<Credential, Error> {
    let token = token
        .and_then(|token| token.parse().ok())
        .ok_or(ProblemCode::Unauthorized)?;
    let session = session.parse().map_err(|_| ProblemCode::SessionNotFound)?;
    Ok(Credential { session, token })
}

/// From the sub-protocols that a client offers: ours, and the one that carries its credential.
///
/// # Errors
/// `invalid_subprotocol`, `unauthorized`, `session_not_found`.
pub fn credential_of_subprotocols(offered: &str) -> Result<Credential, Error> {
    let mut offered = offered.split(',').map(str::trim);
    if !offered.clone().any(|name| name == PROTOCOL) {
        return Err(ProblemCode::InvalidSubprotocol.into());
    }
    let carrier = offered
        .find_map(|name| name.strip_prefix(CREDENTIAL_PREFIX))
        .ok_or(ProblemCode::InvalidSubprotocol)?;
    let (session, token) = carrier
        .split_once('.')
        .ok_or(ProblemCode::InvalidSubprotocol)?;
    credential(session, Some(token))
}

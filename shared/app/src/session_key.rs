//! The data key of a session, out of its record.

use dodolens_crypto::{SessionKey, Unopenable};
use dodolens_domain::session::Session;

use crate::{
    error::Error,
    ports::{HasVault, KeyVault as _},
};

/// The session's data key.
///
/// # Errors
/// `Unopenable` when the key is gone or the master key's version is; `Unavailable`.
pub(crate) async fn unwrap_key(
    ports: &impl HasVault,
    session: &Session,
) -> Result<SessionKey, Error> {
    let wrapped = session.key.as_ref().ok_or(Unopenable)?;
    let master = ports
        .vault()
        .version(&wrapped.key_id)
        .await?
        .ok_or(Unopenable)?;
    Ok(master.unwrap(session.id, wrapped)?)
}

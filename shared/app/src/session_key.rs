//! The data key of a session, out of its record.

use dodolens_crypto::{SessionKey, Unopenable};
use dodolens_domain::session::Session;

use crate::{error::Error, ports::KeyVault};

/// The session's data key.
///
/// # Errors
/// `Unopenable` when the key is gone or the master key's version is; `Unavailable`.
pub(crate) async fn unwrap_key(
    vault: &impl KeyVault,
    session: &Session,
) -> Result<SessionKey, Error> {
    let wrapped = session.key.as_ref().ok_or(Unopenable)?;
    let master = vault.version(&wrapped.key_id).await?.ok_or(Unopenable)?;
    Ok(master.unwrap(session.id, wrapped)?)
}

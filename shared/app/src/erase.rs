//! Everything gone, because the client says so.

use super::{
    access::{Credential, open_session},
    announce::announce,
    destroy::{MIN_KEEP, destroy, end},
};
use crate::{
    audit::{AuditEvent, audit},
    error::Error,
    ports::{ChangeError, HasClock, HasNotifier, HasParts, HasReceipts, HasSessions, Unavailable},
};
use dodolens_domain::{
    receipt::{ErasureReceipt, PartDeletion},
    session::{Ending, Refused, SessionState},
};
use dodolens_wire::ws::Event;

/// Ends the session whatever it is at, destroys its media and its result, and gives the receipt. Repeated, it gives the
/// same receipt.
///
/// # Errors
/// `session_not_found`, `unavailable`; trying again is safe.
pub async fn erase(
    ports: &(impl HasSessions + HasParts + HasReceipts + HasNotifier + HasClock),
    deletion: PartDeletion,
    credential: &Credential,
) -> Result<ErasureReceipt, Error> {
    let session = open_session(ports, credential).await?;
    audit(session.token_hash.audit_id(), &AuditEvent::ErasureRequested);
    let certified = match end(ports, deletion, session.id, Ending::Erased, MIN_KEEP).await {
        Ok(ended) => {
            let certified = ended.destroyed?;
            if let Some(receipt) = &certified.receipt {
                let event = Event::SessionErased(receipt.clone());
                announce(ports, &certified, event).await;
            }
            certified
        }
        Err(ChangeError::Refused(Refused::State(SessionState::Erased | SessionState::Expired))) => {
            match session.receipt {
                Some(_) => session,
                None => destroy(ports, deletion, &session).await?,
            }
        }
        Err(error) => return Err(error.into()),
    };
    Ok(certified.receipt.ok_or(Unavailable("the receipt"))?)
}

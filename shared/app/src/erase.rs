//! Everything gone, because the client says so.

use super::{
    access::{Credential, open_session},
    announce::announce,
    destroy::{Destruction, MIN_KEEP},
};
use crate::{
    audit::{AuditEvent, audit},
    error::Error,
    ports::{ChangeError, ChunkStore, Clock, Notifier, ReceiptVault, SessionStore, Unavailable},
};
use dodolens_domain::{
    receipt::ErasureReceipt,
    session::{Ending, Refused, SessionState},
};
use dodolens_wire::ws::Event;

impl<S, C, R, L> Destruction<'_, S, C, R, L>
where
    S: SessionStore,
    C: ChunkStore,
    R: ReceiptVault,
    L: Clock,
{
    /// Ends the session whatever it is at, destroys its media and its result, and gives the receipt. Repeated, it gives the
    /// same receipt.
    ///
    /// # Errors
    /// `session_not_found`, `unavailable`; trying again is safe.
    pub async fn erase(
        &self,
        notifier: &impl Notifier,
        credential: &Credential,
    ) -> Result<ErasureReceipt, Error> {
        let session = open_session(self.sessions, credential).await?;
        audit(session.token_hash.audit_id(), &AuditEvent::ErasureRequested);
        let certified = match self.end(session.id, Ending::Erased, MIN_KEEP).await {
            Ok(ended) => {
                let certified = ended.destroyed?;
                if let Some(receipt) = &certified.receipt {
                    let event = Event::SessionErased(receipt.clone());
                    let audience = certified.audience();
                    announce(notifier, self.sessions, self.clock, &audience, event).await;
                }
                certified
            }
            Err(ChangeError::Refused(Refused::State(
                SessionState::Erased | SessionState::Expired,
            ))) => match session.receipt {
                Some(_) => session,
                None => self.destroy(&session).await?,
            },
            Err(error) => return Err(error.into()),
        };
        Ok(certified.receipt.ok_or(Unavailable("the receipt"))?)
    }
}

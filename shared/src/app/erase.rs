//! Everything gone, because the client says so.

use super::{
    access::{Credential, open_session},
    announce::announce,
    destroy::{MIN_KEEP, destroy},
};
use crate::{
    domain::{
        receipt::ErasureReceipt,
        session::{Change, Ending, Refused, SessionState},
    },
    error::Error,
    ports::{ChangeError, ChunkStore, Clock, Notifier, SessionStore, Unavailable},
    wire::ws::Event,
};

/// Ends the session whatever it is at, destroys its media and its result, and gives the receipt. Repeated, it gives the
/// same receipt.
///
/// # Errors
/// `session_not_found`, `unavailable`; trying again is safe.
pub async fn erase(
    sessions: &impl SessionStore,
    chunks: &impl ChunkStore,
    notifier: &impl Notifier,
    clock: &impl Clock,
    credential: &Credential,
) -> Result<ErasureReceipt, Error> {
    let session = open_session(sessions, credential).await?;
    let change = Change::End {
        ending: Ending::Erased,
        keep: MIN_KEEP,
    };
    let (ended, is_news) = match sessions.change(session.id, &change, clock.now()).await {
        Ok(ended) => (ended, true),
        Err(ChangeError::Refused(Refused::State(SessionState::Erased | SessionState::Expired))) => {
            (session, false)
        }
        Err(error) => return Err(error.into()),
    };
    let certified = if ended.receipt.is_some() && !is_news {
        ended
    } else {
        destroy(sessions, chunks, clock, &ended).await?
    };
    let audience = certified.audience();
    let receipt = certified.receipt.ok_or(Unavailable("the receipt"))?;
    if is_news {
        announce(
            notifier,
            sessions,
            clock,
            &audience,
            Event::SessionErased(receipt.clone()),
        )
        .await;
    }
    Ok(receipt)
}

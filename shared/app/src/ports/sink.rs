//! Where results go once the media are destroyed.

use std::{future::Future, time::Duration};

use super::Unavailable;
use dodolens_domain::{ids::SessionId, inventory::Inventory, sink::SinkName, time::Timestamp};

/// The inventory of a session whose media are destroyed.
#[derive(Debug, Clone, Copy)]
pub struct CompletedResult<'a> {
    /// The session. The same session always has the same result.
    pub session: SessionId,
    /// When it was made.
    pub completed_at: Timestamp,
    /// What was found.
    pub inventory: &'a Inventory,
}

/// Why a sink did not take a result. Holds nothing of the result, of the sink's answer or of its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// It can't be reached or does not answer in time; may pass.
    #[error("the sink can't be reached or does not answer in time")]
    Unreachable,
    /// It wants no request for now.
    #[error("the sink wants fewer requests")]
    Busy {
        /// When to come again.
        retry_after: Duration,
    },
    /// It has a fault of its own; may pass.
    #[error("the sink failed with status {status}")]
    Failing {
        /// HTTP status.
        status: u16,
        /// When to come again, by its word.
        retry_after: Option<Duration>,
    },
    /// It does not want this request; won't pass before somebody changes something.
    #[error("the sink rejected the result with status {status}")]
    Rejected {
        /// HTTP status.
        status: u16,
    },
    /// Its credential is not of the right form; won't pass before somebody changes it.
    #[error("the credential of the sink is not usable")]
    Credential,
}

/// Takes results. Taking the same one again changes nothing.
pub trait ResultSink: Sync {
    /// Which it is.
    const NAME: SinkName;

    /// Hands over a result.
    ///
    /// # Errors
    /// See [`SinkError`]. The sink may have taken the result nevertheless.
    fn accept(
        &self,
        result: &CompletedResult<'_>,
    ) -> impl Future<Output = Result<(), SinkError>> + Send;
}

/// Carries orders to deliver the result of a session to a sink.
pub trait DeliveryQueue: Sync {
    /// Sends an order.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn send(
        &self,
        session: SessionId,
        sink: SinkName,
    ) -> impl Future<Output = Result<(), Unavailable>> + Send;

    /// Makes a received order visible again after `wait`, rounded up to seconds; `handle` is its receipt handle.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn retry_after(
        &self,
        handle: &str,
        wait: Duration,
    ) -> impl Future<Output = Result<(), Unavailable>> + Send;
}

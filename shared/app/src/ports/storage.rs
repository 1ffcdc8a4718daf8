//! What outlives an invocation, and not for long.

use std::{fmt, future::Future, num::NonZeroU32};

use dodolens_crypto::{MasterKey, receipt::ReceiptKeys};
use dodolens_domain::{
    ids::{ConnectionId, SessionId},
    plan::PartIndex,
    quota::Pseudonym,
    session::{Change, Refused, Session},
    time::Timestamp,
};

/// A store, queue or vault does not answer as it should; may pass. The cause is logged where it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is unavailable")]
pub struct Unavailable(pub &'static str);

/// A record is not as it was written; won't pass. Names the attribute, and nothing of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the attribute {0} of a record is corrupt")]
pub struct Corrupt(pub &'static str);

/// Why a record can't be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The store failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// It holds something else.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Why a change did not happen.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ChangeError {
    /// There is no such session.
    #[error("there is no such session")]
    NotFound,
    /// The session as it stands does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The store failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The session's record is not as it was written.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
}

/// Keeps sessions. Each method is one request; a change is atomic.
pub trait SessionStore: Send + Sync {
    /// Stores a new session.
    ///
    /// # Errors
    /// [`Unavailable`]; also when a session of this name is there already.
    fn create(&self, session: &Session) -> impl Future<Output = Result<(), Unavailable>> + Send;

    /// The session as it stands, by a consistent read.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn load(
        &self,
        id: SessionId,
    ) -> impl Future<Output = Result<Option<Session>, StoreError>> + Send;

    /// Changes the session by one conditional write, as [`Session::apply`] says, and gives it as it stands after.
    ///
    /// # Errors
    /// See [`ChangeError`].
    fn change(
        &self,
        id: SessionId,
        change: &Change,
        now: Timestamp,
    ) -> impl Future<Output = Result<Session, ChangeError>> + Send;

    /// Names of sessions whose `sweep_at` has come, from an index; eventually consistent.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn due(
        &self,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<SessionId>, Unavailable>> + Send;

    /// Removes the record of a session that has ended.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn forget(&self, id: SessionId) -> impl Future<Output = Result<(), Unavailable>> + Send;
}

/// Which session a WebSocket connection belongs to; API Gateway's `$disconnect` tells the connection alone.
pub trait ConnectionStore: Send + Sync {
    /// Remembers it until `expires_at`.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn bind(
        &self,
        connection: &ConnectionId,
        session: SessionId,
        expires_at: Timestamp,
    ) -> impl Future<Output = Result<(), Unavailable>> + Send;

    /// Forgets it, and says which session it was.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn unbind(
        &self,
        connection: &ConnectionId,
    ) -> impl Future<Output = Result<Option<SessionId>, Unavailable>> + Send;
}

/// Names a sealed part in its table: `session#chunk#part`. Every part has a partition key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartKey {
    /// The session.
    pub session: SessionId,
    /// Which part.
    pub at: PartIndex,
}

impl fmt::Display for PartKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}#{}", self.session, self.at.chunk, self.at.part)
    }
}

/// Keeps sealed parts, for minutes.
pub trait PartStore: Send + Sync {
    /// Stores a sealed part, over one of the same name.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn put(
        &self,
        key: PartKey,
        sealed: Vec<u8>,
        expires_at: Timestamp,
    ) -> impl Future<Output = Result<(), Unavailable>> + Send;

    /// A sealed part; `None` when there is none or its time is over, whatever the table still holds.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn get(
        &self,
        key: PartKey,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Unavailable>> + Send;

    /// Deletes a part; one that is not there is fine. With `expired_by`, only if its time is over by then.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn delete(
        &self,
        key: PartKey,
        expired_by: Option<Timestamp>,
    ) -> impl Future<Output = Result<(), Unavailable>> + Send;

    /// How many of these parts are in the table, expired or not, by consistent reads.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn count_present(
        &self,
        keys: &[PartKey],
    ) -> impl Future<Output = Result<usize, Unavailable>> + Send;
}

/// Whether a client may open one more session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may, and the session is counted.
    Admitted,
    /// It has had its sessions; nothing is counted.
    Refused,
}

/// Counts the sessions that clients open.
pub trait QuotaStore: Send + Sync {
    /// Counts one session more of a client by one conditional write, unless `most` are counted already. The count may be
    /// forgotten after `until`.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn count_session(
        &self,
        client: Pseudonym,
        most: NonZeroU32,
        until: Timestamp,
    ) -> impl Future<Output = Result<Admission, Unavailable>> + Send;
}

/// Holds the master key, by version.
pub trait KeyVault: Send + Sync {
    /// The version that wraps new sessions' keys.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn current(&self) -> impl Future<Output = Result<MasterKey, Unavailable>> + Send;

    /// The version with this name; `None` when it is gone.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn version(
        &self,
        key_id: &str,
    ) -> impl Future<Output = Result<Option<MasterKey>, Unavailable>> + Send;
}

/// Holds the keys of receipts.
pub trait ReceiptVault: Send + Sync {
    /// The key that signs today, and those that did before.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn keys(&self) -> impl Future<Output = Result<ReceiptKeys, Unavailable>> + Send;
}

/// Carries jobs to the process function.
pub trait JobQueue: Send + Sync {
    /// Sends the job to process this session.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn send(&self, session: SessionId) -> impl Future<Output = Result<(), Unavailable>> + Send;

    /// Makes a received job visible again at once; `handle` is its receipt handle.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn retry_now(&self, handle: &str) -> impl Future<Output = Result<(), Unavailable>> + Send;
}

/// What became of a message to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushOutcome {
    /// It is with API Gateway.
    Accepted,
    /// The connection is closed, or its `$connect` has not returned yet.
    Gone,
}

/// Tells clients over their WebSocket connections.
pub trait Notifier: Send + Sync {
    /// Sends a text message.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn push(
        &self,
        connection: &ConnectionId,
        message: &str,
    ) -> impl Future<Output = Result<PushOutcome, Unavailable>> + Send;
}

//! Every way in which a session may change. Each is one conditional write in a store.

use std::{collections::BTreeMap, time::Duration};

use super::{
    ErasureReason, ErasureReceipt, Failure, Inventory, Lease, Progress, ReceivedChunk,
    SessionState, Timestamp,
};
use crate::ids::ConnectionId;

/// One change of a session.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A chunk is wholly in the table.
    ReceiveChunk {
        /// Its index.
        index: u32,
        /// Its content and life.
        chunk: ReceivedChunk,
    },
    /// A WebSocket connection wants the events.
    Connect {
        /// Its name.
        connection: ConnectionId,
    },
    /// A WebSocket connection is gone.
    Disconnect {
        /// Its name.
        connection: ConnectionId,
    },
    /// All chunks are there, and the caller is about to send the job. Nobody else may until `claimed_until`.
    Queue {
        /// When the caller's claim ends.
        claimed_until: Timestamp,
    },
    /// The job is sent.
    JobSent,
    /// The job could not be sent; another may try at once.
    JobNotSent,
    /// A worker takes the session, or takes it over from one whose time was up.
    Lease(Lease),
    /// The worker with the lease tells how far it is.
    Report {
        /// Who holds the lease.
        owner: String,
        /// How far.
        progress: Progress,
    },
    /// The worker with the lease gives up this try; another may follow.
    Release {
        /// Who holds the lease.
        owner: String,
    },
    /// The session ends and its key is destroyed, in the same write.
    End {
        /// How.
        ending: Ending,
        /// How long its record is kept.
        keep: Duration,
    },
    /// The parts are verified absent.
    Certify {
        /// The receipt.
        receipt: ErasureReceipt,
        /// When to look once more for parts that a straggling upload may have left.
        recheck_at: Timestamp,
    },
    /// Chunks no longer count as received, if they still are as they were seen. One to
    /// [`MAX_FORGOTTEN`] at once.
    ForgetChunks {
        /// As seen, by index.
        seen: BTreeMap<u32, ReceivedChunk>,
    },
    /// The sweep has nothing to do before then.
    SweepAt(Timestamp),
}

/// How a session ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// The worker with the lease made the inventory; `None` when results are not kept.
    Complete {
        /// Who holds the lease.
        owner: String,
        /// The inventory.
        result: Option<Box<Inventory>>,
    },
    /// There will be no inventory.
    Failed {
        /// Who holds the lease; `None` when nobody does.
        owner: Option<String>,
        /// Why.
        failure: Failure,
    },
    /// The client wants it gone.
    Erased,
    /// Its time is over.
    Expired,
}

/// Why a session does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is in a state that does not allow it.
    #[error("the session is {}", .0.as_str())]
    State(SessionState),
    /// Its time is over.
    #[error("the session has expired")]
    Expired,
    /// A chunk with other content is there already.
    #[error("another chunk is there already")]
    OtherContent,
    /// Another worker holds the lease.
    #[error("another worker holds the lease")]
    Leased,
    /// Another request is sending the job.
    #[error("the job is being sent")]
    JobClaimed,
    /// The job is sent already.
    #[error("the job has been sent")]
    JobSent,
    /// The connections are at their limit.
    #[error("too many connections")]
    TooManyConnections,
}

/// Most chunks forgotten by one change: the condition of the write has its limits.
pub const MAX_FORGOTTEN: usize = 40;

/// Most connections of one session.
pub const MAX_CONNECTIONS: usize = 8;

impl Ending {
    /// The state that it leads to.
    #[must_use]
    pub const fn state(&self) -> SessionState {
        match self {
            Self::Complete { .. } => SessionState::Complete,
            Self::Failed { .. } => SessionState::Failed,
            Self::Erased => SessionState::Erased,
            Self::Expired => SessionState::Expired,
        }
    }

    /// Why the media go.
    #[must_use]
    pub const fn reason(&self) -> ErasureReason {
        match self {
            Self::Complete { .. } => ErasureReason::Completed,
            Self::Failed { .. } => ErasureReason::Failed,
            Self::Erased => ErasureReason::Requested,
            Self::Expired => ErasureReason::Expired,
        }
    }

    /// The worker that must hold the lease, if one must.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        match self {
            Self::Complete { owner, .. } => Some(owner),
            Self::Failed { owner, .. } => owner.as_deref(),
            Self::Erased | Self::Expired => None,
        }
    }

    /// Why there is no inventory, if the ending says so.
    #[must_use]
    pub const fn failure(&self) -> Option<Failure> {
        match self {
            Self::Failed { failure, .. } => Some(*failure),
            Self::Expired => Some(Failure::SessionExpired),
            Self::Complete { .. } | Self::Erased => None,
        }
    }
}

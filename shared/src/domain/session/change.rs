//! Every way in which a session may change. Each is one conditional write in a store; what is said here is what a store
//! must do.

use std::{collections::BTreeMap, time::Duration};

use super::{
    ErasureReason, ErasureReceipt, Failure, Fingerprint, Inventory, Job, Lease, Progress,
    ReceivedChunk, Session, SessionState, Timestamp,
};
use crate::domain::ids::ConnectionId;

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

impl Session {
    /// Whether `change` is allowed now; a store makes the same decision in the condition of its write.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn allows(&self, change: &Change, now: Timestamp) -> Result<(), Refused> {
        use SessionState::{Complete, Erased, Expired, Failed, Open, Processing, Queued};
        let state = Err(Refused::State(self.state));
        match change {
            Change::ReceiveChunk { index, chunk } => match self.received.get(index) {
                _ if self.state != Open => state,
                _ if self.expires_at <= now => Err(Refused::Expired),
                Some(there) if there.expires_at > now && there.fingerprint != chunk.fingerprint => {
                    Err(Refused::OtherContent)
                }
                _ => Ok(()),
            },
            Change::Connect { connection } => {
                if matches!(self.state, Erased | Expired) {
                    state
                } else if self.connections.len() >= MAX_CONNECTIONS
                    && !self.connections.contains_key(connection)
                {
                    Err(Refused::TooManyConnections)
                } else {
                    Ok(())
                }
            }
            Change::Disconnect { .. }
            | Change::SweepAt(_)
            | Change::JobSent
            | Change::JobNotSent => Ok(()),
            Change::Queue { .. } => match (self.state, self.job) {
                (Open, _) if self.expires_at <= now => Err(Refused::Expired),
                (Open, _) => Ok(()),
                (Queued, Job::Claimed { until }) if until <= now => Ok(()),
                (Queued, Job::Claimed { .. }) => Err(Refused::JobClaimed),
                (Queued, Job::Unsent) => Ok(()),
                (Queued, Job::Sent) => Err(Refused::JobSent),
                _ => state,
            },
            Change::Lease(lease) => match self.state {
                Queued => Ok(()),
                Processing if self.is_leased(now) && !self.is_leased_by(&lease.owner) => {
                    Err(Refused::Leased)
                }
                Processing => Ok(()),
                _ => state,
            },
            Change::Report { owner, .. } | Change::Release { owner } => self.held_by(owner),
            Change::End { ending, .. } => match (self.state, ending) {
                (Open | Queued | Processing | Complete | Failed, Ending::Erased) => Ok(()),
                (Processing, Ending::Expired | Ending::Failed { owner: None, .. })
                    if self.is_leased(now) =>
                {
                    Err(Refused::Leased)
                }
                (
                    Open | Queued | Processing,
                    Ending::Expired | Ending::Failed { owner: None, .. },
                ) => Ok(()),
                (
                    Processing,
                    Ending::Complete { owner, .. }
                    | Ending::Failed {
                        owner: Some(owner), ..
                    },
                ) => self.held_by(owner),
                _ => state,
            },
            Change::Certify { .. } => {
                if self.state.is_final() {
                    Ok(())
                } else {
                    state
                }
            }
            Change::ForgetChunks { seen } => {
                if self.state != Open {
                    state
                } else if seen
                    .iter()
                    .all(|(index, chunk)| self.received.get(index) == Some(chunk))
                {
                    Ok(())
                } else {
                    Err(Refused::OtherContent)
                }
            }
        }
    }

    fn is_leased_by(&self, owner: &str) -> bool {
        self.lease
            .as_ref()
            .is_some_and(|lease| lease.owner == owner)
    }

    fn held_by(&self, owner: &str) -> Result<(), Refused> {
        match self.state {
            SessionState::Processing if self.is_leased_by(owner) => Ok(()),
            SessionState::Processing => Err(Refused::Leased),
            state => Err(Refused::State(state)),
        }
    }

    /// The session after `change`.
    ///
    /// # Errors
    /// As [`Session::allows`]; the session is unchanged then.
    pub fn apply(&mut self, change: &Change, now: Timestamp) -> Result<(), Refused> {
        self.allows(change, now)?;
        match change {
            Change::ReceiveChunk { index, chunk } => {
                self.received.insert(*index, *chunk);
                self.seq += 1;
            }
            Change::Connect { connection } => {
                self.connections.insert(connection.clone(), now);
            }
            Change::Disconnect { connection } => {
                self.connections.remove(connection);
            }
            Change::Queue { claimed_until } => {
                self.state = SessionState::Queued;
                self.job = Job::Claimed {
                    until: *claimed_until,
                };
            }
            Change::JobSent => self.job = Job::Sent,
            Change::JobNotSent => self.job = Job::Unsent,
            Change::Lease(lease) => {
                self.state = SessionState::Processing;
                self.lease = Some(lease.clone());
                self.seq += 1;
            }
            Change::Report { progress, .. } => {
                self.progress = Some(*progress);
                self.seq += 1;
            }
            Change::Release { .. } => {
                self.state = SessionState::Queued;
                self.lease = None;
                self.progress = None;
            }
            Change::End { ending, keep } => self.end(ending, *keep, now),
            Change::Certify {
                receipt,
                recheck_at,
            } => {
                self.receipt.get_or_insert_with(|| receipt.clone());
                self.sweep_at = Some(*recheck_at);
            }
            Change::ForgetChunks { seen } => {
                self.received.retain(|index, _| !seen.contains_key(index))
            }
            Change::SweepAt(at) => self.sweep_at = Some(*at),
        }
        Ok(())
    }

    fn end(&mut self, ending: &Ending, keep: Duration, now: Timestamp) {
        self.state = ending.state();
        self.failure = ending.failure().or(self.failure);
        self.result = match ending {
            Ending::Complete { result, .. } => result.as_deref().cloned(),
            _ => None,
        };
        self.key = None;
        self.key_destroyed.get_or_insert((now, ending.reason()));
        self.lease = None;
        self.progress = None;
        self.expires_at = now + keep;
        self.sweep_at = Some(now);
        self.seq += 1;
    }

    /// Whether a chunk with this content is there, live.
    #[must_use]
    pub fn has_chunk(&self, index: u32, fingerprint: Fingerprint, now: Timestamp) -> bool {
        self.received
            .get(&index)
            .is_some_and(|chunk| chunk.fingerprint == fingerprint && chunk.expires_at > now)
    }
}

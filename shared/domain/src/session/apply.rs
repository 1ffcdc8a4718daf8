//! When a change is allowed and what it does: what is said here is what a store must do.

use std::time::Duration;

use super::{
    Change, Ending, Fingerprint, Job, MAX_CONNECTIONS, Progress, Refused, Session, SessionState,
    Timestamp,
};

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
                self.progress = Some(Progress::BEGUN);
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

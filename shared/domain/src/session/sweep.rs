//! What the sweep owes a session that it finds.

use std::{collections::BTreeMap, time::Duration};

use super::{Failure, ReceivedChunk, Session, SessionState, Timestamp};

/// Time after which the sweep looks again at a session that goes on.
pub const SWEEP_AGAIN: Duration = Duration::from_secs(30);

/// What is to be done with a session now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SweepAction {
    /// Nothing before then.
    Wait(Timestamp),
    /// Whatever has outlived its time is deleted, and these chunks no longer count; the session goes on without them, or
    /// with what its worker has already read.
    DropExpired {
        /// Chunks to forget, as seen.
        chunks: BTreeMap<u32, ReceivedChunk>,
        /// When to look again.
        next: Timestamp,
    },
    /// It ends without an inventory.
    Fail(Failure),
    /// Its time is over.
    Expire,
    /// It has ended; its parts are still to be deleted and verified absent.
    Destroy,
    /// Its record has outlived its time.
    Forget,
}

impl Session {
    /// What is to be done now.
    #[must_use]
    pub fn sweep(&self, now: Timestamp) -> SweepAction {
        let media_expired = self.media_expires_at().is_some_and(|at| at <= now);
        let again = now + SWEEP_AGAIN;
        match self.state {
            SessionState::Open if self.expires_at <= now => SweepAction::Expire,
            SessionState::Open => {
                let due = |chunk: &ReceivedChunk| chunk.expires_at <= now;
                let expired = self.received.iter().filter(|(_, chunk)| due(chunk));
                let live = self.received.values().filter(|chunk| !due(chunk));
                let next = live.map(|chunk| chunk.expires_at).min().unwrap_or(again);
                SweepAction::DropExpired {
                    chunks: expired.map(|(index, chunk)| (*index, *chunk)).collect(),
                    next: next.min(again).min(self.expires_at),
                }
            }
            SessionState::Queued if media_expired => SweepAction::Fail(Failure::MediaExpired),
            SessionState::Queued if self.expires_at <= now => SweepAction::Expire,
            SessionState::Queued => {
                SweepAction::Wait(self.media_expires_at().unwrap_or(again).min(again))
            }
            SessionState::Processing if self.is_leased(now) => {
                let ends = self.lease.as_ref().map_or(again, |lease| lease.until);
                if media_expired {
                    SweepAction::DropExpired {
                        chunks: BTreeMap::new(),
                        next: ends.min(again),
                    }
                } else {
                    SweepAction::Wait(self.media_expires_at().unwrap_or(ends).min(ends))
                }
            }
            SessionState::Processing if media_expired => SweepAction::Fail(Failure::Internal),
            SessionState::Processing if self.expires_at <= now => SweepAction::Expire,
            SessionState::Processing => SweepAction::Wait(again),
            SessionState::Erased
            | SessionState::Expired
            | SessionState::Complete
            | SessionState::Failed => {
                if self.receipt.is_none() || self.sweep_at.is_some_and(|at| at < self.expires_at) {
                    SweepAction::Destroy
                } else if self.expires_at <= now {
                    SweepAction::Forget
                } else {
                    SweepAction::Wait(self.expires_at)
                }
            }
        }
    }
}

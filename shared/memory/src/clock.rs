//! Time that a test moves.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use dodolens_app::ports::Clock;
use dodolens_domain::time::Timestamp;
use tokio::time::Instant;

use crate::Memory;

/// 2026-11-21T01:00:00Z
const START: Timestamp = Timestamp::from_millis(1_795_222_800_000);

/// Goes with tokio's time, which a test can pause and advance, and further where it is moved.
#[derive(Debug)]
pub struct ManualClock {
    since: Instant,
    moved: Mutex<Duration>,
}

impl ManualClock {
    pub(crate) fn new() -> Self {
        Self {
            since: Instant::now(),
            moved: Mutex::default(),
        }
    }

    /// Moves the clock on. What waits by tokio's time does not notice.
    pub fn advance(&self, by: Duration) {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let moved = *self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        START + self.since.elapsed() + moved
    }
}

impl Clock for Memory {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

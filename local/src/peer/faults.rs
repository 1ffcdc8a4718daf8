//! What tests ask to go wrong.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use axum::http::StatusCode;

use super::{Task, error::ApiError};

/// What goes wrong with one kind of task: first the delay, then throttling, then failing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// Every answer waits this long.
    pub delay: Duration,
    /// The first requests are told to come later.
    pub throttle: Option<Throttle>,
    /// Requests fail.
    pub fail: Option<Failures>,
}

/// 429 with `Retry-After`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttle {
    /// How many requests.
    pub requests: u32,
    /// When to come again.
    pub retry_after: Duration,
}

/// Failing with a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    /// The HTTP status.
    pub status: u16,
    /// How many requests; `None` for all.
    pub requests: Option<u32>,
}

/// How many requests have met their fault so far.
#[derive(Debug, Default)]
pub(super) struct Counters {
    vision: Counter,
    transcription: Counter,
    cues: Counter,
}

#[derive(Debug, Default)]
struct Counter {
    throttled: AtomicU32,
    failed: AtomicU32,
}

impl Counters {
    /// Waits, and gives the error that the next request of this task has to get.
    pub(super) async fn apply(&self, task: Task, faults: &Faults) -> Result<(), ApiError> {
        let counter = match task {
            Task::Vision => &self.vision,
            Task::Transcription => &self.transcription,
            Task::Cues => &self.cues,
        };
        if !faults.delay.is_zero() {
            tokio::time::sleep(faults.delay).await;
        }
        if let Some(throttle) = &faults.throttle
            && take(&counter.throttled, throttle.requests)
        {
            return Err(ApiError::throttled(throttle.retry_after));
        }
        if let Some(fail) = &faults.fail
            && take(&counter.failed, fail.requests.unwrap_or(u32::MAX))
        {
            let status = StatusCode::from_u16(fail.status);
            return Err(ApiError::failed(
                status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            ));
        }
        Ok(())
    }
}

/// Whether this is one of the first `most`.
fn take(count: &AtomicU32, most: u32) -> bool {
    count.fetch_add(1, Ordering::Relaxed) < most
}

//! What tests ask to go wrong.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use tokio::sync::Semaphore;

use super::{Provider, Task, error::ApiError};

/// What goes wrong with one kind of task: first the delay, then throttling, then failing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// Every answer waits this long.
    pub delay: Duration,
    /// No answer comes before this is released.
    pub hold: Option<Hold>,
    /// The first requests are told to come later.
    pub throttle: Option<Throttle>,
    /// Requests fail.
    pub fail: Option<Failures>,
    /// Each event of a streamed answer waits this long.
    pub drip: Duration,
    /// After so many events a streamed answer breaks off.
    pub cut_after: Option<usize>,
}

/// Keeps answers back until it is released.
#[derive(Debug, Clone)]
pub struct Hold(Arc<Semaphore>);

impl Hold {
    /// It holds.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Lets everything through from now on.
    pub fn release(&self) {
        self.0.close();
    }

    async fn wait(&self) {
        // It is never acquired: an error says that it is closed.
        drop(self.0.acquire().await);
    }
}

impl Default for Hold {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Hold {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Hold {}

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
pub(super) struct Counters(Mutex<HashMap<(Provider, Task), Counter>>);

#[derive(Debug, Default)]
struct Counter {
    throttled: u32,
    failed: u32,
}

impl Faults {
    /// Nothing goes wrong.
    pub(super) const NONE: Self = Self {
        delay: Duration::ZERO,
        hold: None,
        throttle: None,
        fail: None,
        drip: Duration::ZERO,
        cut_after: None,
    };
}

impl Counters {
    /// Waits, and gives the error that the next request of this task has to get.
    pub(super) async fn apply(
        &self,
        provider: Provider,
        task: Task,
        faults: &Faults,
    ) -> Result<(), ApiError> {
        if !faults.delay.is_zero() {
            tokio::time::sleep(faults.delay).await;
        }
        if let Some(hold) = &faults.hold {
            hold.wait().await;
        }
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counter = counters.entry((provider, task)).or_default();
        if let Some(throttle) = &faults.throttle
            && take(&mut counter.throttled, throttle.requests)
        {
            return Err(ApiError::throttled(throttle.retry_after));
        }
        if let Some(fail) = &faults.fail
            && take(&mut counter.failed, fail.requests.unwrap_or(u32::MAX))
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
const fn take(count: &mut u32, most: u32) -> bool {
    let is = *count < most;
    *count = count.saturating_add(1);
    is
}

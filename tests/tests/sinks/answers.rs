//! What a simulated sink answers, in order.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

/// One answer that is no success.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    pub status: u16,
    /// `Retry-After`, seconds.
    pub retry_after: Option<u64>,
    /// Before anything is answered.
    pub delay: Duration,
}

impl Answer {
    pub const fn status(status: u16) -> Self {
        Self {
            status,
            retry_after: None,
            delay: Duration::ZERO,
        }
    }

    pub const fn retry_after(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// Longer than anybody waits.
    pub const fn silence() -> Self {
        Self {
            delay: Duration::from_secs(40),
            ..Self::status(500)
        }
    }
}

/// Answers to the next requests; then all goes well.
#[derive(Debug, Default)]
pub struct Script(Mutex<VecDeque<Answer>>);

impl Script {
    pub fn then(&self, answers: impl IntoIterator<Item = Answer>) {
        let mut script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        script.extend(answers);
    }

    /// The next answer, after its delay.
    pub async fn next(&self) -> Option<(StatusCode, HeaderMap)> {
        let next = {
            let mut script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            script.pop_front()
        }?;
        tokio::time::sleep(next.delay).await;
        let mut headers = HeaderMap::new();
        if let Some(seconds) = next.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if (300..400).contains(&next.status) {
            headers.insert(header::LOCATION, HeaderValue::from_static("/elsewhere"));
        }
        Some((StatusCode::from_u16(next.status).unwrap(), headers))
    }
}

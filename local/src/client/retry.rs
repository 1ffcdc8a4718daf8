use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use tokio::sync::mpsc::UnboundedSender;

use super::{Client, ClientError, Report, listen::tell};

/// When the client does what.
#[derive(Debug, Clone)]
pub(super) struct Timing {
    pub(super) poll_connected: Duration,
    pub(super) poll_disconnected: Duration,
    /// API Gateway closes a WebSocket after 10 idle minutes.
    pub(super) ping_every: Duration,
    pub(super) pong_within: Duration,
    /// Between a session's end and its receipt.
    pub(super) settle_within: Duration,
    pub(super) retry_min: Duration,
    pub(super) retry_max: Duration,
    pub(super) retries: usize,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            poll_connected: Duration::from_secs(5),
            poll_disconnected: Duration::from_secs(2),
            ping_every: Duration::from_secs(5 * 60),
            pong_within: Duration::from_secs(15),
            settle_within: Duration::from_secs(10),
            retry_min: Duration::from_millis(200),
            retry_max: Duration::from_secs(5),
            retries: 6,
        }
    }
}

impl Timing {
    pub(super) fn poll(&self, connected: bool) -> Duration {
        if connected {
            self.poll_connected
        } else {
            self.poll_disconnected
        }
    }

    pub(super) fn reconnect(&self) -> ExponentialBuilder {
        self.retry().without_max_times()
    }

    fn retry(&self) -> ExponentialBuilder {
        ExponentialBuilder::new()
            .with_jitter()
            .with_min_delay(self.retry_min)
            .with_max_delay(self.retry_max)
            .with_max_times(self.retries)
    }
}

impl Client {
    /// Repeats a request while it may pass soon, with growing, jittered delays, never sooner than the server asks.
    pub(super) async fn persist<T, F: Future<Output = Result<T, ClientError>>>(
        &self,
        reports: &UnboundedSender<Report>,
        what: &'static str,
        request: impl FnMut() -> F,
    ) -> Result<T, ClientError> {
        request
            .retry(self.timing.retry())
            .when(ClientError::may_pass_soon)
            .adjust(|error, delay| {
                delay.map(|d| error.retry_after().map_or(d, |asked| asked.max(d)))
            })
            .notify(|error, after| {
                let error = error.to_string();
                tell(reports, Report::Retrying { what, error, after });
            })
            .await
    }
}

//! Orders to deliver results, over SQS.

use std::time::Duration;

use aws_sdk_sqs::Client;

use super::unavailable;
use dodolens_app::ports::{DeliveryQueue, Unavailable};
use dodolens_domain::{ids::SessionId, sink::SinkName};
use dodolens_wire::delivery::DeliveryOrder;

const WHAT: &str = "the queue of deliveries";

/// The Deliveries queue, or its dead-letter queue.
#[derive(Debug, Clone)]
pub struct SqsDeliveries {
    client: Client,
    url: String,
}

impl SqsDeliveries {
    /// The queue at `url`.
    #[must_use]
    pub const fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }
}

impl DeliveryQueue for SqsDeliveries {
    async fn send(&self, session: SessionId, sink: SinkName) -> Result<(), Unavailable> {
        let order = DeliveryOrder {
            session_id: session.to_string(),
            sink,
        };
        let body = serde_json::to_string(&order).map_err(|_| Unavailable(WHAT))?;
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .send()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        Ok(())
    }

    async fn retry_after(&self, handle: &str, wait: Duration) -> Result<(), Unavailable> {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.client
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(handle)
            .visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        Ok(())
    }
}

//! Jobs over SQS.

use aws_sdk_sqs::Client;

use super::unavailable;
use dodolens_app::ports::{JobQueue, Unavailable};
use dodolens_domain::ids::SessionId;
use dodolens_wire::job::Job;

const WHAT: &str = "the queue of jobs";

/// The Jobs queue.
#[derive(Debug, Clone)]
pub struct SqsJobs {
    client: Client,
    url: String,
}

impl SqsJobs {
    /// The queue at `url`.
    #[must_use]
    pub const fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }
}

impl JobQueue for SqsJobs {
    async fn send(&self, session: SessionId) -> Result<(), Unavailable> {
        let job = Job {
            session_id: session.to_string(),
        };
        let body = serde_json::to_string(&job).map_err(|_| Unavailable(WHAT))?;
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .send()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        Ok(())
    }

    async fn retry_now(&self, handle: &str) -> Result<(), Unavailable> {
        self.client
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(handle)
            .visibility_timeout(0)
            .send()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        Ok(())
    }
}

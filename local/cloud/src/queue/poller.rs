//! A queue's poller: what Lambda's event source mapping does.

use std::{sync::Arc, time::Duration};

use aws_sdk_sqs::{
    Client,
    types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName},
};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
};

use super::batch;
use crate::{lambda::Lambda, meter::Metered, stack::QueueSource};

/// Longest long poll that SQS takes, seconds.
const WAIT_SECONDS: i32 = 20;
/// Most messages that SQS gives at once.
const RECEIVED_AT_ONCE: u32 = 10;
/// Concurrent batches where the stack sets none: what the standard poller starts with.
const CONCURRENCY: u32 = 5;

/// Feeds a function from a queue.
pub(crate) struct Poller {
    pub client: Client,
    pub lambda: Arc<Lambda>,
    /// Logical id of the function.
    pub function: String,
    pub source: QueueSource,
    /// URL of the queue.
    pub url: String,
}

impl Poller {
    /// Polls until `stop` changes.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let concurrency = self.source.max_concurrency.unwrap_or(CONCURRENCY).max(1);
        let free = Arc::new(Semaphore::new(concurrency as usize));
        let poller = Arc::new(self);
        let mut batches = JoinSet::new();
        loop {
            let Ok(permit) = Arc::clone(&free).acquire_owned().await else {
                return;
            };
            let messages = tokio::select! {
                _ = stop.changed() => return,
                messages = poller.receive() => messages,
            };
            while batches.try_join_next().is_some() {}
            if !messages.is_empty() {
                let poller = Arc::clone(&poller);
                batches.spawn(async move {
                    poller.handle(&messages).await;
                    drop(permit);
                });
            }
        }
    }

    async fn receive(&self) -> Vec<Message> {
        let most = self.source.batch_size.clamp(1, RECEIVED_AT_ONCE);
        let received = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(most.cast_signed())
            .wait_time_seconds(WAIT_SECONDS)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All")
            .send()
            .await;
        match received {
            Ok(received) => received.messages.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(queue = %self.source.queue, error = %error.into_service_error(), "queue.receive_failed");
                tokio::time::sleep(Duration::from_secs(1)).await;
                Vec::new()
            }
        }
    }

    /// Invokes the function; what it is done with is deleted, the rest shows up again in time.
    async fn handle(&self, messages: &[Message]) {
        self.lambda.meter().note(Metered::Batch);
        let event = batch::event(&self.source.queue, messages).to_string();
        let done: Vec<_> = match self.lambda.invoke(&self.function, event.into()).await {
            Ok(response) if self.source.partial_batch_response => batch::done(messages, &response),
            Ok(_) => messages.iter().collect(),
            Err(error) => {
                tracing::warn!(queue = %self.source.queue, %error, "queue.batch_failed");
                return;
            }
        };
        let entries: Vec<_> = done
            .iter()
            .enumerate()
            .filter_map(|(index, message)| {
                DeleteMessageBatchRequestEntry::builder()
                    .id(index.to_string())
                    .set_receipt_handle(message.receipt_handle.clone())
                    .build()
                    .ok()
            })
            .collect();
        if entries.is_empty() {
            return;
        }
        let delete = self.client.delete_message_batch().queue_url(&self.url);
        if let Err(error) = delete.set_entries(Some(entries)).send().await {
            tracing::warn!(queue = %self.source.queue, error = %error.into_service_error(), "queue.delete_failed");
        }
    }
}

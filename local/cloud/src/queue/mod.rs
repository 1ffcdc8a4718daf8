//! SQS: an embedded server, the stack's queues, and the pollers that feed functions from them.

mod batch;
mod poller;

use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_sdk_sqs::{
    Client,
    config::{BehaviorVersion, Region},
    types::QueueAttributeName,
};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use rustack_sqs_core::{config::SqsConfig, handler::RustackSqsHandler, provider::RustackSqs};
use rustack_sqs_http::service::{SqsHttpConfig, SqsHttpService};
use serde_json::json;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

pub(super) use self::poller::Poller;
use super::{
    listeners::Urls,
    names::{ACCOUNT, REGION, queue_arn},
};
use crate::stack::Queue;

/// A server of SQS's JSON protocol, without any queue yet.
pub(super) struct Server {
    provider: Arc<RustackSqs>,
}

impl Server {
    pub fn new(urls: &Urls) -> Self {
        let config = SqsConfig {
            skip_signature_validation: true,
            default_region: REGION.into(),
            account_id: ACCOUNT.into(),
            host: urls.sqs.ip().to_string(),
            port: urls.sqs.port(),
        };
        Self {
            provider: Arc::new(RustackSqs::new(config)),
        }
    }

    /// Serves until `stop` changes.
    pub async fn serve(self, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        let handler = Arc::new(RustackSqsHandler::new(Arc::clone(&self.provider)));
        let service = SqsHttpService::new(handler, SqsHttpConfig::default());
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                _ = stop.changed() => break,
                Some(_) = connections.join_next() => {}
                accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                    // Without it an answer waits for the client's acknowledgement.
                    drop(stream.set_nodelay(true));
                    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service.clone());
                    connections.spawn(connection);
                },
            }
        }
        connections.shutdown().await;
        self.provider.shutdown_all().await;
    }
}

/// An SDK client of the embedded server.
pub(super) fn client(urls: &Urls) -> Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(urls.sqs())
        .build();
    Client::from_conf(config)
}

/// Makes the queues, in order: a dead-letter queue stands before those that name it.
///
/// # Errors
/// What the server said.
pub(super) async fn create(client: &Client, queues: &[Queue]) -> Result<(), aws_sdk_sqs::Error> {
    for queue in queues {
        let redrive = queue.redrive.as_ref().map(|(target, max_receive_count)| {
            json!({ "deadLetterTargetArn": queue_arn(target), "maxReceiveCount": max_receive_count }).to_string()
        });
        let mut request = client
            .create_queue()
            .queue_name(&queue.name)
            .attributes(
                QueueAttributeName::VisibilityTimeout,
                queue.visibility.as_secs().to_string(),
            )
            .attributes(
                QueueAttributeName::MessageRetentionPeriod,
                queue.retention.as_secs().to_string(),
            );
        if let Some(policy) = redrive {
            request = request.attributes(QueueAttributeName::RedrivePolicy, policy);
        }
        request.send().await?;
    }
    Ok(())
}

//! API Gateway's `@connections`.

use aws_config::SdkConfig;
use aws_sdk_apigatewaymanagement::{
    Client, config::Builder, operation::post_to_connection::PostToConnectionError, primitives::Blob,
};

use super::unavailable;
use dodolens_app::ports::{Notifier, PushOutcome, Unavailable};
use dodolens_domain::ids::ConnectionId;

/// Posts to the connections of one WebSocket stage.
#[derive(Debug, Clone)]
pub struct ApiGatewayNotifier {
    client: Client,
}

impl ApiGatewayNotifier {
    /// The stage whose management address is `endpoint`, such as `https://….execute-api.….amazonaws.com/v1`.
    #[must_use]
    pub fn new(config: &SdkConfig, endpoint: &str) -> Self {
        Self {
            client: Client::from_conf(Builder::from(config).endpoint_url(endpoint).build()),
        }
    }
}

impl Notifier for ApiGatewayNotifier {
    async fn push(
        &self,
        connection: &ConnectionId,
        message: &str,
    ) -> Result<PushOutcome, Unavailable> {
        let sent = self
            .client
            .post_to_connection()
            .connection_id(connection.as_str())
            .data(Blob::new(message))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(PushOutcome::Accepted),
            Err(error) => match error.as_service_error() {
                Some(PostToConnectionError::GoneException(_)) => Ok(PushOutcome::Gone),
                _ => Err(unavailable("the WebSocket API", &error)),
            },
        }
    }
}

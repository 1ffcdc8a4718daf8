//! The adapters of a function, each by the environment variable that names its resource.

use std::{future::Future, time::Duration};

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;

use super::{
    ApiGatewayNotifier, DynamoParts, DynamoQuotas, DynamoSessions, SecretsManagerReceipts,
    SecretsManagerVault, SqsDeliveries, SqsJobs, SystemClock, connector, load_config,
};
use dodolens_config::{self as config, ConfigError};

/// What is done ahead of the first event may take this long; what is not done then is done when it is needed.
const AHEAD: Duration = Duration::from_secs(2);

/// Clients of AWS under one configuration, with one pool of connections.
#[derive(Debug, Clone)]
pub struct Clients {
    config: SdkConfig,
    connector: SharedHttpConnector,
}

/// Loads the configuration that all clients share.
pub async fn load() -> Clients {
    let connector = connector::connector();
    Clients {
        config: load_config(connector::http_client(&connector)).await,
        connector,
    }
}

/// Does what the first event would else wait for: opens connections, reads keys. None of it has to succeed.
pub async fn ahead(of_first_event: impl Future) {
    if tokio::time::timeout(AHEAD, of_first_event).await.is_err() {
        tracing::warn!("the first event comes before all connections are open");
    }
}

impl Clients {
    /// Opens a connection to where a URL leads.
    pub async fn connect(&self, url: &str) {
        connector::connect(&self.connector, url).await;
    }

    /// `SESSIONS_TABLE`
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn sessions(&self) -> Result<DynamoSessions, ConfigError> {
        Ok(DynamoSessions::new(
            aws_sdk_dynamodb::Client::new(&self.config),
            config::text("SESSIONS_TABLE")?,
        ))
    }

    /// `CHUNKS_TABLE`
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn parts(&self) -> Result<DynamoParts, ConfigError> {
        Ok(DynamoParts::new(
            aws_sdk_dynamodb::Client::new(&self.config),
            config::text("CHUNKS_TABLE")?,
        ))
    }

    /// `QUOTAS_TABLE`
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn quotas(&self) -> Result<DynamoQuotas, ConfigError> {
        Ok(DynamoQuotas::new(
            aws_sdk_dynamodb::Client::new(&self.config),
            config::text("QUOTAS_TABLE")?,
        ))
    }

    /// `JOBS_QUEUE_URL`
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn jobs(&self) -> Result<SqsJobs, ConfigError> {
        Ok(SqsJobs::new(
            aws_sdk_sqs::Client::new(&self.config),
            config::text("JOBS_QUEUE_URL")?,
        ))
    }

    /// `DELIVERIES_QUEUE_URL`; `None` when it is not set: there is no sink.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn deliveries(&self) -> Result<Option<SqsDeliveries>, ConfigError> {
        Ok(config::optional("DELIVERIES_QUEUE_URL")?.map(|url| self.deliveries_at(url)))
    }

    /// `DELIVERIES_DEAD_LETTER_URL`
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn dead_deliveries(&self) -> Result<SqsDeliveries, ConfigError> {
        Ok(self.deliveries_at(config::text("DELIVERIES_DEAD_LETTER_URL")?))
    }

    fn deliveries_at(&self, url: String) -> SqsDeliveries {
        SqsDeliveries::new(aws_sdk_sqs::Client::new(&self.config), url)
    }

    /// `MASTER_KEY_SECRET`
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn vault(&self) -> Result<SecretsManagerVault, ConfigError> {
        Ok(SecretsManagerVault::new(
            self.secrets(),
            config::text("MASTER_KEY_SECRET")?,
            SystemClock,
        ))
    }

    /// `RECEIPT_KEY_SECRET`
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn receipts(&self) -> Result<SecretsManagerReceipts, ConfigError> {
        Ok(SecretsManagerReceipts::new(
            self.secrets(),
            config::text("RECEIPT_KEY_SECRET")?,
        ))
    }

    /// Secrets Manager itself.
    #[must_use]
    pub fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.config)
    }

    /// `CONNECTIONS_ENDPOINT`
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn notifier(&self) -> Result<ApiGatewayNotifier, ConfigError> {
        Ok(ApiGatewayNotifier::new(
            &self.config,
            &config::text("CONNECTIONS_ENDPOINT")?,
        ))
    }
}

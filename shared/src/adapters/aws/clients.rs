//! The adapters of a function, each by the environment variable that names its resource.

use aws_config::SdkConfig;

use super::{
    ApiGatewayNotifier, DynamoChunks, DynamoQuotas, DynamoSessions, SecretsManagerReceipts,
    SecretsManagerVault, SqsDeliveries, SqsJobs, SystemClock, load_config,
};
use crate::{
    adapters::{Chunks, ValkeyChunks},
    config::{self, ConfigError},
};

/// Clients of AWS under one configuration.
#[derive(Debug, Clone)]
pub struct Clients(SdkConfig);

/// Loads the configuration that all clients share.
pub async fn load() -> Clients {
    Clients(load_config().await)
}

impl Clients {
    /// `SESSIONS_TABLE`
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn sessions(&self) -> Result<DynamoSessions, ConfigError> {
        Ok(DynamoSessions::new(
            aws_sdk_dynamodb::Client::new(&self.0),
            config::text("SESSIONS_TABLE")?,
        ))
    }

    /// `CHUNK_STORE`: `dynamodb` has its parts in `CHUNKS_TABLE`, `valkey` on the server at `VALKEY_URL`, with the
    /// password in `VALKEY_SECRET`.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub async fn chunks(&self) -> Result<Chunks, ConfigError> {
        const NAME: &str = "CHUNK_STORE";
        match config::text(NAME)?.as_str() {
            "dynamodb" => Ok(Chunks::Dynamo(DynamoChunks::new(
                aws_sdk_dynamodb::Client::new(&self.0),
                config::text("CHUNKS_TABLE")?,
            ))),
            "valkey" => {
                let (address, secret) =
                    (config::value("VALKEY_URL")?, config::text("VALKEY_SECRET")?);
                let store = ValkeyChunks::connect(address, self.secrets(), secret).await;
                Ok(Chunks::Valkey(Box::new(store)))
            }
            _ => Err(ConfigError::Invalid(NAME)),
        }
    }

    /// `QUOTAS_TABLE`
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn quotas(&self) -> Result<DynamoQuotas, ConfigError> {
        Ok(DynamoQuotas::new(
            aws_sdk_dynamodb::Client::new(&self.0),
            config::text("QUOTAS_TABLE")?,
        ))
    }

    /// `JOBS_QUEUE_URL`
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn jobs(&self) -> Result<SqsJobs, ConfigError> {
        Ok(SqsJobs::new(
            aws_sdk_sqs::Client::new(&self.0),
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
        SqsDeliveries::new(aws_sdk_sqs::Client::new(&self.0), url)
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
        aws_sdk_secretsmanager::Client::new(&self.0)
    }

    /// `CONNECTIONS_ENDPOINT`
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn notifier(&self) -> Result<ApiGatewayNotifier, ConfigError> {
        Ok(ApiGatewayNotifier::new(
            &self.0,
            &config::text("CONNECTIONS_ENDPOINT")?,
        ))
    }
}

//! AWS behind the storage ports. SDK types end here.

pub mod clients;
mod connections;
mod connector;
mod deliveries;
mod parts;
mod queue;
mod quotas;
mod receipts;
mod rotation;
mod secret_text;
mod sessions;
mod vault;

use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

pub use aws_sdk_secretsmanager::Client as SecretsClient;
pub use connections::ApiGatewayNotifier;
pub use deliveries::SqsDeliveries;
pub use parts::DynamoParts;
pub use queue::SqsJobs;
pub use quotas::DynamoQuotas;
pub use receipts::SecretsManagerReceipts;
pub use rotation::{
    Purpose, Retirement, Rotation, RotationError, RotationStep, needed_for, retire, rotate,
};
pub use secret_text::secret_text;
pub use sessions::DynamoSessions;
pub use vault::SecretsManagerVault;

use dodolens_app::ports::{Clock, Unavailable};
use dodolens_domain::time::Timestamp;

/// Tries of one request, the first included; the SDK backs off with jitter in between.
const ATTEMPTS: u32 = 3;
/// One try takes at most this.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// All tries take at most this: below API Gateway's 30 s with time left to answer.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(10);

/// Region, credentials and endpoints from the environment; time limits and retries that fit a request.
async fn load_config(http: SharedHttpClient) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .load()
        .await
}

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Logs what kind of failure it is, and nothing of the request or the response.
fn unavailable<E: ProvideErrorMetadata, R>(
    what: &'static str,
    error: &SdkError<E, R>,
) -> Unavailable {
    let kind = match error {
        SdkError::ConstructionFailure(_) => "construction",
        SdkError::TimeoutError(_) => "timeout",
        SdkError::DispatchFailure(_) => "dispatch",
        SdkError::ResponseError(_) => "response",
        SdkError::ServiceError(_) => "service",
        _ => "unknown",
    };
    tracing::warn!(
        service = what,
        kind,
        code = error.code(),
        "a request to AWS failed"
    );
    Unavailable(what)
}

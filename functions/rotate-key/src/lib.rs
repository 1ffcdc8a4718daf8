//! A new version of the master key or of the receipts' key, by the rotation protocol of Secrets Manager.

use dodolens::{
    adapters::aws::{Purpose, RotationStep, SecretsClient, clients, rotate},
    config::{self, ConfigError},
};
use lambda_runtime::LambdaEvent;
use serde::Deserialize;

/// What this function works with.
#[derive(Debug)]
pub struct Deps {
    secrets: SecretsClient,
    master_key: String,
    receipt_key: String,
}

impl Deps {
    /// From the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable that is missing or unreadable.
    pub async fn from_environment() -> Result<Self, ConfigError> {
        Ok(Self {
            secrets: clients::load().await.secrets(),
            master_key: config::text("MASTER_KEY_SECRET")?,
            receipt_key: config::text("RECEIPT_KEY_SECRET")?,
        })
    }
}

/// One step of a rotation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Step {
    step: RotationStep,
    secret_id: String,
    client_request_token: String,
}

/// Takes the step.
///
/// # Errors
/// When it fails, or the secret is none of ours; Secrets Manager tries again.
pub async fn handle(event: LambdaEvent<Step>, deps: &Deps) -> Result<(), lambda_runtime::Error> {
    let Step {
        step,
        secret_id,
        client_request_token,
    } = event.payload;
    let purpose = if secret_id == deps.master_key {
        Purpose::Master
    } else if secret_id == deps.receipt_key {
        Purpose::Receipts
    } else {
        return Err("this secret is none of ours".into());
    };
    rotate(
        &deps.secrets,
        purpose,
        step,
        &secret_id,
        &client_request_token,
    )
    .await?;
    tracing::info!(
        ?purpose,
        ?step,
        version = client_request_token,
        "a step of the rotation is done"
    );
    Ok(())
}

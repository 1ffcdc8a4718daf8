//! A new version of the master key, by the rotation protocol of Secrets Manager.

use dodolens::{
    adapters::aws::{RotationStep, SecretsClient, clients, rotate},
    config::{self, ConfigError},
};
use lambda_runtime::LambdaEvent;
use serde::Deserialize;

/// What this function works with.
#[derive(Debug)]
pub struct Deps {
    secrets: SecretsClient,
    master_key: String,
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
/// When it fails, or the secret is not the master key; Secrets Manager tries again.
pub async fn handle(event: LambdaEvent<Step>, deps: &Deps) -> Result<(), lambda_runtime::Error> {
    let Step {
        step,
        secret_id,
        client_request_token,
    } = event.payload;
    if secret_id != deps.master_key {
        return Err("this is not the master key".into());
    }
    rotate(&deps.secrets, step, &secret_id, &client_request_token).await?;
    tracing::info!(
        ?step,
        version = client_request_token,
        "a step of the rotation is done"
    );
    Ok(())
}

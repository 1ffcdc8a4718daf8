//! A new version of the master key or of the receipts' key, by the rotation protocol of Secrets Manager; every hour, the
//! end of the master key's former version.

use std::time::Duration;

use dodolens::{
    app::ports::Clock as _,
    aws::{
        Purpose, Retirement, Rotation, RotationStep, SecretsClient, SystemClock, clients,
        needed_for, retire, rotate,
    },
    config::{self, ConfigError},
};
use lambda_runtime::{Error, LambdaEvent};
use serde::Deserialize;

/// What this function works with.
#[derive(Debug)]
pub struct Deps {
    secrets: SecretsClient,
    master_key: String,
    receipt_key: String,
    needed_for: Duration,
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
            needed_for: needed_for(config::seconds("SESSION_TTL_SECONDS")?),
        })
    }
}

/// What wakes this function.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Wake {
    /// Secrets Manager.
    Rotation(Step),
    /// The schedule.
    Schedule(Schedule),
}

/// One step of a rotation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Step {
    step: RotationStep,
    secret_id: String,
    client_request_token: String,
}

/// An event of EventBridge's schedule.
#[derive(Debug, Deserialize)]
pub struct Schedule {
    #[serde(rename = "detail-type")]
    _kind: Scheduled,
}

/// Tells a schedule's event from any other.
#[derive(Debug, Deserialize)]
enum Scheduled {
    #[serde(rename = "Scheduled Event")]
    Event,
}

/// Takes the step, or retires a version.
///
/// # Errors
/// When it fails, or the secret is none of ours; Secrets Manager, or the next hour, tries again.
pub async fn handle(event: LambdaEvent<Wake>, deps: &Deps) -> Result<(), Error> {
    match event.payload {
        Wake::Rotation(step) => take(&step, deps).await,
        Wake::Schedule(_) => tidy(deps).await,
    }
}

async fn take(step: &Step, deps: &Deps) -> Result<(), Error> {
    let purpose = if step.secret_id == deps.master_key {
        Purpose::Master
    } else if step.secret_id == deps.receipt_key {
        Purpose::Receipts
    } else {
        return Err("this secret is none of ours".into());
    };
    let rotation = Rotation {
        purpose,
        secret: &step.secret_id,
        token: &step.client_request_token,
        needed_for: deps.needed_for,
    };
    rotate(&deps.secrets, &rotation, step.step, SystemClock.now()).await?;
    tracing::info!(
        ?purpose,
        step = ?step.step,
        version = step.client_request_token,
        "a step of the rotation is done"
    );
    Ok(())
}

async fn tidy(deps: &Deps) -> Result<(), Error> {
    let now = SystemClock.now();
    match retire(&deps.secrets, &deps.master_key, deps.needed_for, now).await? {
        Retirement::Nothing => {}
        Retirement::Needed(until) => {
            tracing::info!(%until, "the former master key is still needed");
        }
        Retirement::Retired { version } => {
            tracing::info!(version, "the former master key is retired");
        }
    }
    Ok(())
}

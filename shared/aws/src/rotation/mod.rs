//! The rotation of our keys by the protocol of Secrets Manager: four steps, each of which may be repeated.
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html>

mod retire;

use std::time::Duration;

use aws_sdk_secretsmanager::{Client, operation::get_secret_value::GetSecretValueError};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{receipts::ReceiptSecret, unavailable};
use dodolens_app::ports::Unavailable;
use dodolens_crypto::{MasterKey, NoEntropy, SessionKey, Unopenable, random};
use dodolens_domain::{ids::SessionId, time::Timestamp};
use retire::Versions;

pub use retire::{Retirement, needed_for, retire};

const WHAT: &str = "the vault of keys";
const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";
const PREVIOUS: &str = "AWSPREVIOUS";

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The master key.
    Master,
    /// The key that signs receipts.
    Receipts,
}

/// A step of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum RotationStep {
    /// Makes the new version, as `AWSPENDING`.
    #[serde(rename = "createSecret")]
    Create,
    /// Would tell a service of it; there is none to tell.
    #[serde(rename = "setSecret")]
    Set,
    /// Sees that the new version works.
    #[serde(rename = "testSecret")]
    Test,
    /// Makes the new version `AWSCURRENT`; the one before becomes `AWSPREVIOUS` and opens what is under way.
    #[serde(rename = "finishSecret")]
    Finish,
}

/// Why a step failed; Secrets Manager tries again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// Secrets Manager does not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The version is not the pending one of this secret.
    #[error("this version is not pending")]
    NotPending,
    /// A session may still need the version before the current one, which a rotation would take away.
    #[error("the version before the current one is still needed")]
    PreviousNeeded,
    /// The new version, or the current one, is not of its form.
    #[error("a version does not work")]
    Unopenable(#[from] Unopenable),
    /// No random bytes.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

/// A rotation of a secret to a new version.
#[derive(Debug, Clone, Copy)]
pub struct Rotation<'a> {
    /// What the secret is for.
    pub purpose: Purpose,
    /// Its name or ARN.
    pub secret: &'a str,
    /// Names the new version.
    pub token: &'a str,
    /// How long a master key is [needed](needed_for) after its time.
    pub needed_for: Duration,
}

/// Takes one step of a rotation.
///
/// # Errors
/// See [`RotationError`].
pub async fn rotate(
    client: &Client,
    rotation: &Rotation<'_>,
    step: RotationStep,
    now: Timestamp,
) -> Result<(), RotationError> {
    match step {
        RotationStep::Create => create(client, rotation, now).await,
        RotationStep::Set => Ok(()),
        RotationStep::Test => test(client, rotation).await,
        RotationStep::Finish => finish(client, rotation, now).await,
    }
}

async fn create(
    client: &Client,
    rotation: &Rotation<'_>,
    now: Timestamp,
) -> Result<(), RotationError> {
    let &Rotation {
        purpose,
        secret,
        token,
        ..
    } = rotation;
    if pending(client, secret, token).await?.is_some() {
        return Ok(());
    }
    let versions = Versions::describe(client, secret).await?;
    spare_sessions(&versions, rotation, now)?;
    let fresh = Zeroizing::new(hex::encode(Zeroizing::new(random::<32>()?).as_slice()));
    let text = match purpose {
        Purpose::Master => fresh,
        Purpose::Receipts => {
            let current = current(client, secret).await?;
            ReceiptSecret::parse(&current)?.successor(fresh)?.text()?
        }
    };
    client
        .put_secret_value()
        .secret_id(secret)
        .client_request_token(token)
        .secret_string(text.as_str())
        .version_stages(PENDING)
        .send()
        .await
        .map_err(|error| unavailable(WHAT, &error))?;
    Ok(())
}

async fn test(client: &Client, rotation: &Rotation<'_>) -> Result<(), RotationError> {
    let &Rotation {
        purpose,
        secret,
        token,
        ..
    } = rotation;
    let value = pending(client, secret, token)
        .await?
        .ok_or(RotationError::NotPending)?;
    match purpose {
        Purpose::Master => {
            let key = MasterKey::from_secret(token.to_owned(), value.as_bytes())?;
            let session = SessionId::from_bytes(random()?);
            let wrapped = key.wrap(session, &SessionKey::generate()?)?;
            key.unwrap(session, &wrapped)?;
        }
        Purpose::Receipts => {
            ReceiptSecret::parse(&value)?.keys()?;
        }
    }
    Ok(())
}

async fn finish(
    client: &Client,
    rotation: &Rotation<'_>,
    now: Timestamp,
) -> Result<(), RotationError> {
    let &Rotation { secret, token, .. } = rotation;
    let versions = Versions::describe(client, secret).await?;
    let current = versions.current();
    if current == Some(token) {
        return Ok(());
    }
    if !versions.contains(token) {
        return Err(RotationError::NotPending);
    }
    spare_sessions(&versions, rotation, now)?;
    client
        .update_secret_version_stage()
        .secret_id(secret)
        .version_stage(CURRENT)
        .move_to_version_id(token)
        .set_remove_from_version_id(current.map(str::to_owned))
        .send()
        .await
        .map_err(|error| unavailable(WHAT, &error))?;
    Ok(())
}

/// Refuses to go on while sessions may need the version that would lose its label.
fn spare_sessions(
    versions: &Versions,
    rotation: &Rotation<'_>,
    now: Timestamp,
) -> Result<(), RotationError> {
    let is_master = rotation.purpose == Purpose::Master;
    if is_master && versions.forbid_rotation(rotation.needed_for, now) {
        return Err(RotationError::PreviousNeeded);
    }
    Ok(())
}

/// The current version's text.
async fn current(client: &Client, secret: &str) -> Result<Zeroizing<String>, Unavailable> {
    let request = client.get_secret_value().secret_id(secret);
    let value = request
        .send()
        .await
        .map_err(|error| unavailable(WHAT, &error))?;
    value
        .secret_string
        .map(Zeroizing::new)
        .ok_or(Unavailable(WHAT))
}

/// The pending version's text; `None` when there is none yet.
async fn pending(
    client: &Client,
    secret: &str,
    token: &str,
) -> Result<Option<Zeroizing<String>>, Unavailable> {
    let request = client
        .get_secret_value()
        .secret_id(secret)
        .version_id(token)
        .version_stage(PENDING);
    match request.send().await {
        Ok(value) => Ok(value.secret_string.map(Zeroizing::new)),
        Err(error) => match error.as_service_error() {
            Some(GetSecretValueError::ResourceNotFoundException(_)) => Ok(None),
            _ => Err(unavailable(WHAT, &error)),
        },
    }
}

//! The rotation of our keys by the protocol of Secrets Manager: four steps, each of which may be repeated.
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html>

use aws_sdk_secretsmanager::{Client, operation::get_secret_value::GetSecretValueError};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{receipts::ReceiptSecret, unavailable};
use crate::{
    crypto::{MasterKey, NoEntropy, SessionKey, Unopenable, random},
    domain::ids::SessionId,
    ports::Unavailable,
};

const WHAT: &str = "the vault of keys";
const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";

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
    /// The new version, or the current one, is not of its form.
    #[error("a version does not work")]
    Unopenable(#[from] Unopenable),
    /// No random bytes.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

/// Takes one step of the rotation of `secret` to the version `token`.
///
/// # Errors
/// See [`RotationError`].
pub async fn rotate(
    client: &Client,
    purpose: Purpose,
    step: RotationStep,
    secret: &str,
    token: &str,
) -> Result<(), RotationError> {
    match step {
        RotationStep::Create => create(client, purpose, secret, token).await,
        RotationStep::Set => Ok(()),
        RotationStep::Test => test(client, purpose, secret, token).await,
        RotationStep::Finish => finish(client, secret, token).await,
    }
}

async fn create(
    client: &Client,
    purpose: Purpose,
    secret: &str,
    token: &str,
) -> Result<(), RotationError> {
    if pending(client, secret, token).await?.is_some() {
        return Ok(());
    }
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

async fn test(
    client: &Client,
    purpose: Purpose,
    secret: &str,
    token: &str,
) -> Result<(), RotationError> {
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

async fn finish(client: &Client, secret: &str, token: &str) -> Result<(), RotationError> {
    let described = client
        .describe_secret()
        .secret_id(secret)
        .send()
        .await
        .map_err(|error| unavailable(WHAT, &error))?;
    let versions = described.version_ids_to_stages.unwrap_or_default();
    let current = versions
        .iter()
        .find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT))
        .map(|(id, _)| id);
    if current.is_some_and(|id| id == token) {
        return Ok(());
    }
    if !versions.contains_key(token) {
        return Err(RotationError::NotPending);
    }
    client
        .update_secret_version_stage()
        .secret_id(secret)
        .version_stage(CURRENT)
        .move_to_version_id(token)
        .set_remove_from_version_id(current.cloned())
        .send()
        .await
        .map_err(|error| unavailable(WHAT, &error))?;
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

//! Secrets Manager: the endpoint, and rotation by a function.

mod api;
mod password;
mod store;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::Router;
use serde_json::{Value, json};
use tokio::sync::watch;

use self::{
    password::Rules,
    store::{Payload, Refusal, Store},
};
use super::{
    lambda::{InvokeError, Lambda},
    names::secret_arn,
};
use crate::stack::{Secret, SecretObject, SecretValue};

/// What a rotation function is told to do, in turn.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html>
const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

/// Why a secret could not be made or rotated.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The stack has no such secret, or it has no rotation.
    #[error("no rotation for secret {0}")]
    NoRotation(String),
    /// The service refused.
    #[error("secret {secret}: {reason}")]
    Refused {
        /// Name of the secret.
        secret: String,
        /// Name of the service's error.
        reason: String,
    },
    /// A step of a rotation failed; the rest was not run.
    #[error("rotation of {secret} failed at {step}")]
    Step {
        /// Name of the secret.
        secret: String,
        /// `createSecret`, `setSecret`, `testSecret` or `finishSecret`.
        step: &'static str,
        /// How the function failed.
        source: InvokeError,
    },
}

/// The stack's secrets.
pub(super) struct Secrets {
    store: Arc<Store>,
    lambda: Arc<Lambda>,
    /// Logical id of the rotation function, by the secret's name.
    rotations: BTreeMap<String, String>,
}

impl Secrets {
    /// Makes the secrets with their first values.
    ///
    /// # Errors
    /// When a value cannot be generated.
    pub fn new(secrets: &[Secret], lambda: Arc<Lambda>) -> Result<Self, SecretError> {
        let store = Arc::new(Store::default());
        for secret in secrets {
            let value = match &secret.value {
                SecretValue::Given(text) => text.clone(),
                SecretValue::Generated { length, within } => {
                    let rules = Rules {
                        password_length: *length,
                        exclude_punctuation: true,
                        ..Rules::default()
                    };
                    let password = rules
                        .password()
                        .map_err(|refusal| refused(&secret.name, refusal))?;
                    match within.clone() {
                        None => password,
                        Some(SecretObject { mut template, key }) => {
                            template.insert(key, password.into());
                            Value::Object(template).to_string()
                        }
                    }
                }
            };
            store.create(&secret.name, Payload::Text(value));
        }
        let rotations = secrets
            .iter()
            .filter_map(|secret| Some((secret.name.clone(), secret.rotation.as_ref()?.0.clone())))
            .collect();
        Ok(Self {
            store,
            lambda,
            rotations,
        })
    }

    /// The service's endpoint.
    pub fn router(&self) -> Router {
        api::router(Arc::clone(&self.store))
    }

    /// Rotates a secret: four invocations of its function, the next one when the last has succeeded.
    ///
    /// # Errors
    /// As [`SecretError`] says.
    pub async fn rotate(&self, secret: &str) -> Result<(), SecretError> {
        let function = self
            .rotations
            .get(secret)
            .ok_or_else(|| SecretError::NoRotation(secret.to_owned()))?;
        let token = self
            .store
            .begin_rotation(secret)
            .map_err(|refusal| refused(secret, refusal))?;
        for step in STEPS {
            let event = json!({ "Step": step, "SecretId": secret_arn(secret), "ClientRequestToken": token });
            self.lambda
                .invoke(function, event.to_string().into())
                .await
                .map_err(|source| SecretError::Step {
                    secret: secret.to_owned(),
                    step,
                    source,
                })?;
        }
        self.store.end_rotation(secret);
        Ok(())
    }

    /// Makes a secret older, with all that has happened to it.
    ///
    /// # Errors
    /// When there is no such secret.
    pub fn age(&self, secret: &str, by: Duration) -> Result<(), SecretError> {
        let aged = self.store.age(secret, by);
        aged.map_err(|refusal| refused(secret, refusal))
    }

    /// Rotates a secret every so often until `stop` changes, first after one period.
    pub async fn repeat(
        self: Arc<Self>,
        secret: String,
        every: Duration,
        mut stop: watch::Receiver<bool>,
    ) {
        loop {
            tokio::select! {
                _ = stop.changed() => return,
                () = tokio::time::sleep(every) => {}
            }
            if let Err(error) = self.rotate(&secret).await {
                tracing::warn!(secret, %error, "secret.rotation_failed");
            }
        }
    }
}

fn refused(secret: &str, refusal: Refusal) -> SecretError {
    SecretError::Refused {
        secret: secret.to_owned(),
        reason: refusal.to_string(),
    }
}

//! The master key in Secrets Manager.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use aws_sdk_secretsmanager::{Client, operation::get_secret_value::GetSecretValueError};
use zeroize::Zeroizing;

use super::{SystemClock, unavailable};
use dodolens_app::ports::{Clock, KeyVault, Unavailable};
use dodolens_crypto::MasterKey;
use dodolens_domain::time::Timestamp;

const WHAT: &str = "the vault of master keys";

/// A warm function asks again after this, so that a rotation is noticed and an old version is not held for long.
pub(super) const CACHE_FOR: Duration = Duration::from_secs(300);

/// Text of a version of the secret, wiped on drop.
type Secret = Zeroizing<String>;

/// What the secret is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Which {
    Current,
    Version(String),
}

#[derive(Clone)]
struct Cached {
    id: String,
    secret: Secret,
    /// When it was asked for. By the time of day: a monotonic clock may stand still while a function is frozen.
    since: Timestamp,
}

/// The MasterKey secret, by version; what was read is kept for at most five minutes.
pub struct SecretsManagerVault<C = SystemClock> {
    client: Client,
    secret: String,
    clock: C,
    cache: Mutex<HashMap<Which, Cached>>,
}

impl<C: Clock> SecretsManagerVault<C> {
    /// The secret with this name or ARN.
    #[must_use]
    pub fn new(client: Client, secret: String, clock: C) -> Self {
        Self {
            client,
            secret,
            clock,
            cache: Mutex::default(),
        }
    }

    fn cached(&self, which: &Which, now: Timestamp) -> Option<MasterKey> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        // What seems to come from the future was read before the clock was put back.
        cache.retain(|_, cached| cached.since <= now && now < cached.since + CACHE_FOR);
        let cached = cache.get(which)?;
        MasterKey::from_secret(cached.id.clone(), cached.secret.as_bytes()).ok()
    }

    async fn fetch(&self, which: Which) -> Result<Option<MasterKey>, Unavailable> {
        let now = self.clock.now();
        if let Some(key) = self.cached(&which, now) {
            return Ok(Some(key));
        }
        let version = match &which {
            Which::Current => None,
            Which::Version(id) => Some(id.clone()),
        };
        let request = self
            .client
            .get_secret_value()
            .secret_id(&self.secret)
            .set_version_id(version);
        let value = match request.send().await {
            Ok(value) => value,
            Err(error) => match error.as_service_error() {
                Some(GetSecretValueError::ResourceNotFoundException(_))
                    if which != Which::Current =>
                {
                    return Ok(None);
                }
                _ => return Err(unavailable(WHAT, &error)),
            },
        };
        // Secrets Manager deletes a version that has no label any more, but at leisure.
        if value.version_stages.is_none_or(|labels| labels.is_empty()) {
            return Ok(None);
        }
        let id = value.version_id.ok_or(Unavailable(WHAT))?;
        let secret = Zeroizing::new(value.secret_string.ok_or(Unavailable(WHAT))?);
        let key =
            MasterKey::from_secret(id.clone(), secret.as_bytes()).map_err(|_| Unavailable(WHAT))?;
        let cached = Cached {
            id: id.clone(),
            secret,
            since: now,
        };
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if which == Which::Current {
            // Most sessions were opened with this version.
            cache.insert(Which::Version(id), cached.clone());
        }
        cache.insert(which, cached);
        drop(cache);
        Ok(Some(key))
    }
}

impl<C: Clock> KeyVault for SecretsManagerVault<C> {
    async fn current(&self) -> Result<MasterKey, Unavailable> {
        self.fetch(Which::Current).await?.ok_or(Unavailable(WHAT))
    }

    async fn version(&self, key_id: &str) -> Result<Option<MasterKey>, Unavailable> {
        self.fetch(Which::Version(key_id.to_owned())).await
    }
}

impl<C> std::fmt::Debug for SecretsManagerVault<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretsManagerVault")
    }
}

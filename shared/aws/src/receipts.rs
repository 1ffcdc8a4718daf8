//! The keys of receipts in Secrets Manager.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_sdk_secretsmanager::Client;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::unavailable;
use dodolens_app::ports::{ReceiptVault, Unavailable};
use dodolens_crypto::{Unopenable, receipt::ReceiptKeys};

const WHAT: &str = "the vault of receipt keys";

/// A warm function asks again after this, so that a new key is published soon after it signs.
const CACHE_FOR: Duration = Duration::from_secs(60);

/// The text of the secret. CloudFormation makes the first one, `rotate-key` each one after it.
#[derive(Serialize, Deserialize)]
pub(super) struct ReceiptSecret {
    seed: Zeroizing<String>,
    past: Vec<String>,
}

impl ReceiptSecret {
    /// From the secret's text.
    pub(super) fn parse(text: &str) -> Result<Self, Unopenable> {
        serde_json::from_str(text).map_err(|_| Unopenable)
    }

    /// The secret's text.
    pub(super) fn text(&self) -> Result<Zeroizing<String>, Unopenable> {
        serde_json::to_string(self)
            .map(Zeroizing::new)
            .map_err(|_| Unopenable)
    }

    /// The one that follows this one: another seed, and today's public key among the past ones.
    pub(super) fn successor(&self, seed: Zeroizing<String>) -> Result<Self, Unopenable> {
        let published = self.keys()?.published().keys;
        Ok(Self {
            seed,
            past: published.into_iter().map(|key| key.x).collect(),
        })
    }

    /// The keys that are made of it.
    pub(super) fn keys(&self) -> Result<ReceiptKeys, Unopenable> {
        ReceiptKeys::new(self.seed.as_bytes(), &self.past)
    }
}

/// The ReceiptKey secret; what was read is kept for a minute.
pub struct SecretsManagerReceipts {
    client: Client,
    secret: String,
    cache: Mutex<Option<(Instant, ReceiptSecret)>>,
}

impl SecretsManagerReceipts {
    /// The secret with this name or ARN.
    #[must_use]
    pub fn new(client: Client, secret: String) -> Self {
        Self {
            client,
            secret,
            cache: Mutex::default(),
        }
    }

    fn cached(&self) -> Option<ReceiptKeys> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.take_if(|(since, _)| since.elapsed() >= CACHE_FOR);
        cache.as_ref()?.1.keys().ok()
    }
}

impl ReceiptVault for SecretsManagerReceipts {
    async fn keys(&self) -> Result<ReceiptKeys, Unavailable> {
        if let Some(keys) = self.cached() {
            return Ok(keys);
        }
        let request = self.client.get_secret_value().secret_id(&self.secret);
        let value = request
            .send()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        let text = Zeroizing::new(value.secret_string.ok_or(Unavailable(WHAT))?);
        let secret = ReceiptSecret::parse(&text).map_err(|_| Unavailable(WHAT))?;
        let keys = secret.keys().map_err(|_| Unavailable(WHAT))?;
        *self.cache.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), secret));
        Ok(keys)
    }
}

impl std::fmt::Debug for SecretsManagerReceipts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretsManagerReceipts")
    }
}

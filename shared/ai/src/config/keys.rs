//! Providers' keys.

use std::{collections::BTreeMap, fmt};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::ConfigError;
use crate::dialects::Api;
use dodolens_http_client::secret_header;

/// A provider's key. Wiped on drop, redacted when shown.
struct ApiKey(Zeroizing<String>);

impl<'de> Deserialize<'de> for ApiKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|key| Self(Zeroizing::new(key)))
    }
}

/// The keys of all providers, by the providers' names. Wiped on drop, redacted when shown.
pub struct ApiKeys(BTreeMap<String, ApiKey>);

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[keys redacted]")
    }
}

impl ApiKeys {
    /// Reads a JSON object such as `{"openai": "sk-…"}`.
    ///
    /// # Errors
    /// [`ConfigError::Keys`] when it is none, or has something else than texts in it.
    pub fn from_json(json: &str) -> Result<Self, ConfigError> {
        serde_json::from_str(json)
            .map(Self)
            .map_err(|_| ConfigError::Keys)
    }

    /// Whether a provider has the key that it wants. A server at home may want none.
    pub(in super::super) fn suffice(&self, api: Api, provider: &str) -> bool {
        api == Api::Compatible || self.0.contains_key(provider)
    }

    /// The headers that a provider wants on each request.
    pub(in super::super) fn headers(
        &self,
        api: Api,
        provider: &str,
    ) -> Result<HeaderMap, ConfigError> {
        let (name, prefix) = match api {
            Api::OpenAi | Api::Compatible => (header::AUTHORIZATION, "Bearer "),
            Api::Anthropic => (HeaderName::from_static("x-api-key"), ""),
            Api::Gemini => (HeaderName::from_static("x-goog-api-key"), ""),
        };
        let mut headers = HeaderMap::new();
        if let Some(key) = self.0.get(provider) {
            let key = Some(&*key.0).filter(|key| !key.is_empty());
            let value = key.and_then(|key| secret_header(prefix, key));
            headers.insert(name, value.ok_or(ConfigError::Key)?);
        }
        if api == Api::Anthropic {
            // <https://docs.claude.com/en/api/versioning>
            headers.insert(
                HeaderName::from_static("anthropic-version"),
                HeaderValue::from_static("2023-06-01"),
            );
        }
        Ok(headers)
    }
}

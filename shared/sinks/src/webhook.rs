//! A webhook, signed as the Standard Webhooks specification says.
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use std::fmt;

use ::http::StatusCode;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Method, Url};
use serde::Serialize;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    SinkClient, SinkConfigError,
    http::{Refusal, checked, send, wiped_json},
};
use dodolens_app::ports::{Clock, CompletedResult, ResultSink, SinkError};
use dodolens_domain::{
    inventory::{Inventory, Object},
    sink::SinkName,
    time::Timestamp,
};

/// The kind of event.
const TYPE: &str = "inventory.completed";
/// What a serialized secret begins with.
const PREFIX: &str = "whsec_";
/// Bytes that a secret may have.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A receiver's address.
#[derive(Clone)]
pub struct WebhookUrl(Url);

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookUrl")
    }
}

impl WebhookUrl {
    /// An `https` address, or an `http` one on this machine.
    ///
    /// # Errors
    /// [`SinkConfigError::Address`].
    pub fn new(url: &str) -> Result<Self, SinkConfigError> {
        checked(url).map(Self)
    }
}

/// A receiver with the secrets that requests to it are signed by.
pub struct WebhookSink<'a, L> {
    client: &'a SinkClient,
    url: &'a WebhookUrl,
    clock: &'a L,
    secrets: Vec<Zeroizing<Vec<u8>>>,
}

impl<L> fmt::Debug for WebhookSink<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSink")
    }
}

impl<'a, L: Clock> WebhookSink<'a, L> {
    /// `secrets` are `whsec_` and base64 each. While a receiver changes from one to the next there are two, with white
    /// space between them.
    ///
    /// # Errors
    /// [`SinkError::Credential`] when there is none, or one is not of this form.
    pub fn new(
        client: &'a SinkClient,
        url: &'a WebhookUrl,
        clock: &'a L,
        secrets: &str,
    ) -> Result<Self, SinkError> {
        let secrets: Option<Vec<_>> = secrets.split_whitespace().map(secret).collect();
        let secrets = secrets.filter(|secrets| !secrets.is_empty());
        Ok(Self {
            client,
            url,
            clock,
            secrets: secrets.ok_or(SinkError::Credential)?,
        })
    }
}

fn secret(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = BASE64_STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
    Some(Zeroizing::new(bytes)).filter(|bytes| SECRET_BYTES.contains(&bytes.len()))
}

/// `v1,` and HMAC-SHA-256 (RFC 2104) of `id.timestamp.body`, for each secret.
fn signatures(
    secrets: &[Zeroizing<Vec<u8>>],
    id: &str,
    timestamp: &str,
    body: &[u8],
) -> Option<String> {
    let sign = |secret: &Zeroizing<Vec<u8>>| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        Some(format!("v1,{signature}"))
    };
    let signatures: Option<Vec<_>> = secrets.iter().map(sign).collect();
    Some(signatures?.join(" "))
}

#[derive(Serialize)]
struct Message<'a> {
    r#type: &'static str,
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    session_id: String,
    inventory: &'a Inventory,
    /// Its lines in full, for whom it is too short.
    objects: &'a [Object],
}

impl<L: Clock> ResultSink for WebhookSink<'_, L> {
    const NAME: SinkName = SinkName::Webhook;

    async fn accept(&self, result: &CompletedResult<'_>) -> Result<(), SinkError> {
        // The same for every attempt, so that the receiver can tell a repetition.
        let id = format!("inventory_{}", result.session);
        let timestamp = self.clock.now().as_millis().div_euclid(1000).to_string();
        let body = wiped_json(&Message {
            r#type: TYPE,
            timestamp: result.completed_at,
            data: Data {
                session_id: result.session.to_string(),
                inventory: result.inventory,
                objects: &result.inventory.objects(),
            },
        });
        let signature =
            signatures(&self.secrets, &id, &timestamp, &body).ok_or(SinkError::Credential)?;
        let request = self
            .client
            .json(Method::POST, &self.url.0, body)
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature);
        send(request, judge).await
    }
}

/// Whatever is not success may be mended at the receiver, but for 410: it wants no message any more.
fn judge(refusal: Refusal) -> SinkError {
    if refusal.status == StatusCode::GONE {
        refusal.lasting()
    } else {
        refusal.passing()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_openssl() {
        // printf %s '<id>.<timestamp>.<body>' | openssl dgst -sha256 -binary -mac HMAC -macopt hexkey:<secret> | base64
        let text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let made = signatures(
            &[secret(text).unwrap()],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            b"{\"test\": 2432232314}",
        );
        assert_eq!(
            made.unwrap(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_has_one_form() {
        let of = |bytes: usize| format!("whsec_{}", BASE64_STANDARD.encode(vec![7; bytes]));
        for bytes in [24, 32, 64] {
            assert_eq!(secret(&of(bytes)).unwrap().len(), bytes);
        }
        for bad in [
            "unset",
            "whsec_",
            "whsec_***",
            &of(23),
            &of(65),
            &of(32)[6..],
        ] {
            assert!(secret(bad).is_none(), "{bad}");
        }
    }
}

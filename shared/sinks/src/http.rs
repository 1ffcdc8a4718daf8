//! One request to a sink. Only the head of its answer is read.

use std::{fmt, time::Duration};

use ::http::{StatusCode, header};
use bytes::Bytes;
use jiff::Timestamp;
use reqwest::{Client, RequestBuilder, Url};
use serde::Serialize;
use zeroize::Zeroizing;

use super::SinkConfigError;
use dodolens_app::ports::SinkError;
use dodolens_http_client::retry_after;

/// Time to open a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// All of a request: the least of what the Standard Webhooks specification recommends.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// An HTTP client that follows no redirect and keeps no connection.
#[derive(Clone)]
pub struct SinkClient(Client);

impl fmt::Debug for SinkClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SinkClient")
    }
}

impl SinkClient {
    /// Makes no connection yet.
    ///
    /// # Errors
    /// [`SinkConfigError::Client`].
    pub fn new() -> Result<Self, SinkConfigError> {
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            // A connection that is kept would keep the last result in its buffer.
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("DodoLens")
            .build()
            .map_err(|_| SinkConfigError::Client)?;
        Ok(Self(client))
    }

    /// A request with a JSON body to a checked address.
    pub(super) fn json(&self, method: reqwest::Method, to: &Url, body: Bytes) -> RequestBuilder {
        self.0
            .request(method, to.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
    }
}

/// What a sink answered other than success.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) retry_after: Option<Duration>,
}

impl Refusal {
    /// It may pass.
    pub(super) fn passing(self) -> SinkError {
        SinkError::Failing {
            status: self.status.as_u16(),
            retry_after: self.retry_after,
        }
    }

    /// It won't pass by itself.
    pub(super) fn lasting(self) -> SinkError {
        SinkError::Rejected {
            status: self.status.as_u16(),
        }
    }
}

/// Sends a request; `judge` says what a status other than 2xx means. The errors of the HTTP client, which can name
/// addresses, end here.
pub(super) async fn send(
    request: RequestBuilder,
    judge: impl FnOnce(Refusal) -> SinkError,
) -> Result<(), SinkError> {
    let answer = request.send().await.map_err(|_| SinkError::Unreachable)?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(judge(Refusal {
        status: answer.status(),
        retry_after: retry_after(answer.headers(), Timestamp::now()),
    }))
}

/// The JSON of a body, wiped once the request is gone.
pub(super) fn wiped_json(body: &impl Serialize) -> Bytes {
    let mut json = Zeroizing::new(Vec::with_capacity(16 << 10));
    // Writing text and finite numbers into memory does not fail; if it did, the sink would reject what is left.
    drop(serde_json::to_writer(&mut *json, body));
    Bytes::from_owner(json)
}

/// An address that may be given a result: `https`, or `http` on this machine.
pub(super) fn checked(address: &str) -> Result<Url, SinkConfigError> {
    let url = Url::parse(address).map_err(|_| SinkConfigError::Address)?;
    let here = matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
    let safe = url.scheme() == "https" || (url.scheme() == "http" && here);
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (safe && bare && url.has_host())
        .then_some(url)
        .ok_or(SinkConfigError::Address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_addresses_are_used() {
        for good in [
            "https://mover.example/hooks?tenant=7",
            "http://127.0.0.1:8080/hooks",
            "http://localhost/hooks",
        ] {
            assert!(checked(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "mover.example/hooks",
            "http://mover.example/hooks",
            "http://127.0.0.1.mover.example/",
            "http://127.0.0.2/",
            "ftp://mover.example/",
            "file:///etc/passwd",
            "https://user@mover.example/",
            "https://:secret@mover.example/",
            "https://mover.example/#part",
        ] {
            assert_eq!(checked(bad), Err(SinkConfigError::Address), "{bad}");
        }
    }
}

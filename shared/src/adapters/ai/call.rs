//! One call to a provider, with its retries, within its deadline.

use std::{fmt, future::Future, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{Client, RequestBuilder, Response, Url};
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout_at};
use zeroize::Zeroizing;

use super::{ApiKey, ConfigError};
use crate::ports::ModelError;

/// Most attempts of a call.
const ATTEMPTS: u32 = 6;
/// Upper bound of the wait before the second attempt; doubles with each attempt.
const FIRST_WAIT: Duration = Duration::from_millis(400);
/// Upper bound of any wait of our own choice.
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// Time to open a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes of an answer that are read.
const MAX_ANSWER: usize = 2 << 20;

/// Plaintext that is wiped once the last request that sends it is gone.
pub(super) fn wiped_body(bytes: Zeroizing<Vec<u8>>) -> Bytes {
    Bytes::from_owner(bytes)
}

/// Makes calls to one provider.
pub(super) struct Caller {
    client: Client,
    base: String,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

/// A failed attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure {
    error: ModelError,
    transient: bool,
}

impl Failure {
    /// Another attempt may succeed.
    pub(super) const fn transient(error: ModelError) -> Self {
        Self {
            error,
            transient: true,
        }
    }

    /// Another attempt would fail the same way.
    pub(super) const fn lasting(error: ModelError) -> Self {
        Self {
            error,
            transient: false,
        }
    }
}

impl Caller {
    pub(super) fn new(base_url: &str, key: ApiKey) -> Result<Self, ConfigError> {
        let url = Url::parse(base_url).map_err(|_| ConfigError::BaseUrl)?;
        if !matches!(url.scheme(), "http" | "https")
            || !url.has_host()
            || !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(ConfigError::BaseUrl);
        }
        let client = Client::builder()
            .default_headers(HeaderMap::from_iter([(
                header::AUTHORIZATION,
                bearer(key)?,
            )]))
            .connect_timeout(CONNECT_TIMEOUT)
            // A connection that is kept would keep the last answer in its buffer.
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| ConfigError::Client)?;
        Ok(Self {
            client,
            base: url.as_str().trim_end_matches('/').to_owned(),
        })
    }

    /// A `POST` to `path`, which starts with a slash.
    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.base))
    }
}

fn bearer(key: ApiKey) -> Result<HeaderValue, ConfigError> {
    if key.0.is_empty() {
        return Err(ConfigError::Key);
    }
    let mut text = Zeroizing::new(Vec::with_capacity("Bearer ".len() + key.0.len()));
    text.extend_from_slice(b"Bearer ");
    text.extend_from_slice(key.0.as_bytes());
    let mut value =
        HeaderValue::from_maybe_shared(wiped_body(text)).map_err(|_| ConfigError::Key)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Repeats `attempt` while its failures are transient: exponential backoff with full jitter
/// (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>), no sooner than the provider's
/// `Retry-After`. A wait that would pass the deadline is not begun.
pub(super) async fn with_retries<T, F>(
    deadline: Duration,
    mut attempt: impl FnMut() -> F,
) -> Result<T, ModelError>
where
    F: Future<Output = Result<T, Failure>>,
{
    let deadline = Instant::now() + deadline;
    let mut ceiling = FIRST_WAIT;
    for last in (1..=ATTEMPTS).map(|n| n == ATTEMPTS) {
        let failure = match timeout_at(deadline, attempt()).await {
            Err(_) => return Err(ModelError::TimedOut),
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(failure)) => failure,
        };
        let wait = match failure.error {
            ModelError::RateLimited { retry_after } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        }
        .saturating_add(jitter(ceiling));
        let too_late = deadline.saturating_duration_since(Instant::now()) <= wait;
        if last || !failure.transient || too_late {
            return Err(failure.error);
        }
        tracing::warn!(error = %failure.error, wait_ms = wait.as_millis(), "model call is repeated");
        sleep(wait).await;
        ceiling = ceiling.saturating_mul(2).min(LONGEST_WAIT);
    }
    Err(ModelError::Unavailable)
}

/// A random part of `ceiling`.
fn jitter(ceiling: Duration) -> Duration {
    let random = getrandom::u32().unwrap_or(u32::MAX);
    ceiling.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

/// Sends a request and reads its successful answer. The errors of the HTTP client, which can name URLs, end here.
pub(super) async fn send(request: RequestBuilder) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut response = request
        .send()
        .await
        .map_err(|_| Failure::transient(ModelError::Unavailable))?;
    if !response.status().is_success() {
        return Err(rejection(response).await);
    }
    let mut body = Zeroizing::new(Vec::with_capacity(MAX_ANSWER.min(
        usize::try_from(response.content_length().unwrap_or(64 << 10)).unwrap_or(MAX_ANSWER),
    )));
    while let Some(piece) = response
        .chunk()
        .await
        .map_err(|_| Failure::transient(ModelError::Unavailable))?
    {
        append_wiping(&mut body, &piece).ok_or(Failure::lasting(ModelError::Malformed))?;
    }
    Ok(body)
}

/// Appends without leaving a copy behind when the buffer has to grow; `None` past [`MAX_ANSWER`].
fn append_wiping(body: &mut Zeroizing<Vec<u8>>, piece: &[u8]) -> Option<()> {
    let needed = body.len().checked_add(piece.len())?;
    if needed > MAX_ANSWER {
        return None;
    }
    if needed > body.capacity() {
        let mut larger =
            Zeroizing::new(Vec::with_capacity(needed.saturating_mul(2).min(MAX_ANSWER)));
        larger.extend_from_slice(body);
        *body = larger;
    }
    body.extend_from_slice(piece);
    Some(())
}

/// What a status other than 2xx means
/// (<https://platform.openai.com/docs/guides/error-codes>).
async fn rejection(response: Response) -> Failure {
    let status = response.status();
    match status.as_u16() {
        429 => {
            let retry_after = retry_after(response.headers(), Timestamp::now());
            let error = ModelError::RateLimited { retry_after };
            if out_of_quota(response).await {
                Failure::lasting(error)
            } else {
                Failure::transient(error)
            }
        }
        408 | 409 | 500..=599 => Failure::transient(ModelError::Unavailable),
        status => Failure::lasting(ModelError::Rejected { status }),
    }
}

/// A used-up quota also has status 429, but does not pass by waiting.
async fn out_of_quota(mut response: Response) -> bool {
    #[derive(Deserialize)]
    struct Body {
        error: Error,
    }
    #[derive(Deserialize)]
    struct Error {
        code: Option<String>,
    }
    let mut body = Zeroizing::new(Vec::with_capacity(4 << 10));
    while let Ok(Some(piece)) = response.chunk().await {
        if append_wiping(&mut body, &piece).is_none() {
            return false;
        }
    }
    serde_json::from_slice::<Body>(&body)
        .is_ok_and(|body| body.error.code.as_deref() == Some("insufficient_quota"))
}

/// `retry-after-ms`, or `Retry-After` as seconds or as a date (RFC 9110, section 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(ms) = text("retry-after-ms").and_then(|ms| ms.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(ms / 1e3).ok();
    }
    let value = text("retry-after")?;
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let at = rfc2822::parse(value).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

//! One request to a provider and its answer.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, header};
use jiff::Timestamp;
use reqwest::{Client, RequestBuilder, Response, Url};
use zeroize::Zeroizing;

use super::{ConfigError, hints};
use dodolens_app::ports::ModelError;
use dodolens_domain::evidence::Usage;

/// Time to open a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes of an answer that are read, and of one event of a streamed answer.
const MAX_ANSWER: usize = 2 << 20;
/// Most bytes of a streamed answer: each of its tokens comes in an envelope of some hundred bytes.
const MAX_STREAM: usize = 32 * MAX_ANSWER;

/// Plaintext that is wiped once the last request that sends it is gone.
pub(super) fn wiped_body(bytes: Zeroizing<Vec<u8>>) -> Bytes {
    Bytes::from_owner(bytes)
}

/// Makes requests to one provider.
pub(super) struct Caller {
    client: Client,
    base: String,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

/// A request that brought no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failed {
    /// Why.
    pub(super) error: ModelError,
    /// What it used, by the provider's word; its cost is not in it yet.
    pub(super) used: Option<Usage>,
}

impl From<ModelError> for Failed {
    /// Nothing is known of what it used.
    fn from(error: ModelError) -> Self {
        Self { error, used: None }
    }
}

/// An answer that was read.
pub(super) struct Good<T> {
    /// What it says.
    pub(super) answer: T,
    /// What it used; its cost is not in it yet.
    pub(super) used: Usage,
    /// The provider can't be asked again for this long.
    pub(super) rest: Option<Duration>,
}

/// A successful answer whose body is still to come.
pub(super) struct Begun {
    response: Response,
    /// Bytes that have come.
    length: usize,
    /// The provider can't be asked again for this long.
    pub(super) rest: Option<Duration>,
}

impl Begun {
    /// Whether it comes as server-sent events. A server that can't stream answers in one piece, whatever it is asked.
    pub(super) fn is_stream(&self) -> bool {
        let kind = self.response.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()?.split(';').next());
        kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/event-stream"))
    }

    /// The next piece of a streamed body; `None` at its end.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, ModelError> {
        let piece = self.response.chunk().await;
        let piece = piece.map_err(|_| ModelError::Interrupted)?;
        self.length = self
            .length
            .saturating_add(piece.as_ref().map_or(0, Bytes::len));
        if self.length > MAX_STREAM {
            return Err(ModelError::Malformed);
        }
        Ok(piece)
    }

    /// All of the body.
    pub(super) async fn whole(self) -> Result<Reply, Failed> {
        Ok(Reply {
            body: whole(self.response).await?,
            rest: self.rest,
        })
    }
}

/// The body of a successful answer.
pub(super) struct Reply {
    /// As it came.
    pub(super) body: Zeroizing<Vec<u8>>,
    /// The provider can't be asked again for this long.
    pub(super) rest: Option<Duration>,
}

impl Caller {
    /// To the provider at `base_url`, with these headers on each request.
    pub(super) fn new(base_url: &str, headers: HeaderMap) -> Result<Self, ConfigError> {
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
            .default_headers(headers)
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

/// Sends a request and reads its successful answer.
pub(super) async fn send(request: RequestBuilder) -> Result<Reply, Failed> {
    begin(request).await?.whole().await
}

/// Sends a request that is answered with success. The errors of the HTTP client, which can name URLs, end here.
pub(super) async fn begin(request: RequestBuilder) -> Result<Begun, Failed> {
    let response = request.send().await.map_err(|error| {
        if error.is_connect() {
            ModelError::Unavailable
        } else {
            ModelError::Interrupted
        }
    })?;
    if !response.status().is_success() {
        return Err(rejection(response).await.into());
    }
    let rest = hints::used_up(response.headers(), Timestamp::now());
    Ok(Begun {
        response,
        length: 0,
        rest,
    })
}

/// The whole body.
async fn whole(mut response: Response) -> Result<Zeroizing<Vec<u8>>, ModelError> {
    let length = usize::try_from(response.content_length().unwrap_or(64 << 10));
    let mut body = Zeroizing::new(Vec::with_capacity(
        length.unwrap_or(MAX_ANSWER).min(MAX_ANSWER),
    ));
    while let Some(piece) = response
        .chunk()
        .await
        .map_err(|_| ModelError::Interrupted)?
    {
        append_wiping(&mut body, &piece).ok_or(ModelError::Malformed)?;
    }
    Ok(body)
}

/// Appends without leaving a copy behind when the buffer has to grow; `None` past [`MAX_ANSWER`].
pub(super) fn append_wiping(body: &mut Zeroizing<Vec<u8>>, piece: &[u8]) -> Option<()> {
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

/// What a status other than 2xx means. OpenAI: <https://platform.openai.com/docs/guides/error-codes>; Anthropic, with 529
/// for overload: <https://docs.claude.com/en/api/errors>; Gemini: <https://ai.google.dev/gemini-api/docs/troubleshooting>.
async fn rejection(response: Response) -> ModelError {
    match response.status().as_u16() {
        429 => {
            let headers = response.headers();
            let now = Timestamp::now();
            let hint = hints::retry_after(headers, now).or_else(|| hints::used_up(headers, now));
            let body = whole(response).await;
            let told =
                body.map_or_else(|_| hints::Throttled::default(), |it| hints::throttled(&it));
            if told.out_of_quota {
                return ModelError::OutOfQuota;
            }
            ModelError::RateLimited {
                retry_after: hint.or(told.retry_after),
            }
        }
        408 | 409 | 500..=599 => ModelError::Unavailable,
        status => ModelError::Rejected { status },
    }
}

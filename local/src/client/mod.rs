//! A client of the service, as a good mobile client would behave: parallel chunks with digests, retries with jitter,
//! resuming, events by WebSocket and polling where there is none.

mod api;
mod error;
mod follow;
mod listen;
mod retry;
mod socket;
#[cfg(test)]
pub(crate) mod tests;
mod upload;
mod video;

use std::time::Duration;

use dodolens::{
    domain::{locale::Locale, session::Progress},
    wire::ws::ServerMessage,
};
use reqwest::{Url, header::HeaderValue};

pub use api::FetchedSnapshot;
pub use error::ClientError;
pub use follow::Outcome;
pub use socket::EventSocket;
pub use video::VideoFile;

/// Speaks to one deployment of the service.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    endpoint: Url,
    /// Says who opens sessions.
    authorization: Option<HeaderValue>,
    timing: retry::Timing,
}

impl Client {
    /// A client of the service at `endpoint`: an `http` or `https` URL, with its stage if it has one, without `/v1`.
    ///
    /// # Errors
    /// [`ClientError::Endpoint`]; [`ClientError::Transport`] when TLS can't be set up.
    pub fn new(endpoint: Url) -> Result<Self, ClientError> {
        if !matches!(endpoint.scheme(), "http" | "https") {
            return Err(ClientError::Endpoint);
        }
        let mut http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(60));
        if matches!(
            endpoint.host_str(),
            Some("localhost" | "127.0.0.1" | "[::1]")
        ) {
            http = http.no_proxy();
        }
        Ok(Self {
            http: http.build().map_err(ClientError::Transport)?,
            endpoint,
            authorization: None,
            timing: retry::Timing::default(),
        })
    }

    /// Opens sessions with this token of the service's OIDC issuer (RFC 6750), a JWT.
    ///
    /// # Errors
    /// [`ClientError::Jwt`] when it can't be one.
    pub fn with_jwt(mut self, jwt: &str) -> Result<Self, ClientError> {
        let value = HeaderValue::try_from(format!("Bearer {jwt}"));
        let mut value = value.map_err(|_| ClientError::Jwt)?;
        value.set_sensitive(true);
        self.authorization = Some(value);
        Ok(self)
    }
}

/// What a caller may choose.
#[derive(Debug, Clone)]
pub struct Options {
    /// Bytes of a chunk; the server's choice when absent.
    pub chunk_bytes: Option<u32>,
    /// Chunks on their way at the same time, at most; never more than the server allows.
    pub parallel: Option<u32>,
    /// Language of the result.
    pub locale: Locale,
    /// How long to follow a session, at most.
    pub timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            chunk_bytes: None,
            parallel: None,
            locale: Locale::default(),
            timeout: Duration::from_secs(15 * 60),
        }
    }
}

/// What happens on the way.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// So many bytes are stored.
    Uploaded {
        /// Of the video.
        bytes: u64,
        /// Bytes of the video.
        total: u64,
    },
    /// The whole video is handed over.
    Finalized,
    /// A request did not pass and is repeated.
    Retrying {
        /// Which.
        what: &'static str,
        /// Why.
        error: String,
        /// After how long.
        after: Duration,
    },
    /// Events come by WebSocket.
    Connected,
    /// Events don't come; the client polls and tries to connect again.
    Disconnected,
    /// An event came.
    Event(Box<ServerMessage>),
    /// How far the processing is, by polling.
    Polled(Progress),
}

use std::{io, path::PathBuf, time::Duration};

use dodolens::wire::problem::{Problem, ProblemCode};
use tokio_tungstenite::tungstenite;

/// Longest pause that a server may ask for before a request is repeated.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Why the client has nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The endpoint is not an absolute `http` or `https` URL.
    #[error("the endpoint must be an http or https URL")]
    Endpoint,
    /// The token is none that a header can carry.
    #[error("the JWT has characters that no JWT has")]
    Jwt,
    /// The server refused, and says why.
    #[error("{} ({}, HTTP {})", .0.title, .0.code.as_str(), .0.status)]
    Problem(Box<Problem>),
    /// The server, or a gateway before it, refused without a problem body.
    #[error("HTTP {status} without a problem")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The `Retry-After` header, seconds.
        retry_after: Option<u32>,
    },
    /// The server's answer or event is not in the agreed form.
    #[error("the server's {0} is not in the agreed form")]
    Malformed(&'static str),
    /// No HTTP exchange took place.
    #[error("the server could not be reached")]
    Transport(#[source] reqwest::Error),
    /// The WebSocket failed.
    #[error("the WebSocket failed")]
    Socket(#[source] Box<tungstenite::Error>),
    /// The video can't be read from disk.
    #[error("{} can't be read", path.display())]
    File {
        /// The video.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Neither the name nor the first bytes of the file tell a video type that the service takes.
    #[error("{} is not a kind of video that the service takes", .0.display())]
    UnknownVideoType(PathBuf),
    /// The overall time limit is over.
    #[error("no result after {} s", .0.as_secs())]
    TimedOut(Duration),
}

impl ClientError {
    /// Whether the same request may succeed a little later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transport(error) => !error.is_builder() && !error.is_decode(),
            Self::Problem(problem) => may_pass(problem.status),
            Self::Status { status, .. } => may_pass(*status),
            Self::Socket(error) => match error.as_ref() {
                tungstenite::Error::Http(answer) => may_pass(answer.status().as_u16()),
                tungstenite::Error::Url(_) | tungstenite::Error::HttpFormat(_) => false,
                _ => true,
            },
            Self::Endpoint
            | Self::Jwt
            | Self::Malformed(_)
            | Self::File { .. }
            | Self::UnknownVideoType(_)
            | Self::TimedOut(_) => false,
        }
    }

    /// Whether it is worth to wait for that. A server that asks for more patience, such as one where a quota is used up,
    /// has answered.
    pub(super) fn may_pass_soon(&self) -> bool {
        self.is_transient() && self.retry_after() <= Some(LONGEST_WAIT)
    }

    /// How long the server asks to wait before the next try.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = match self {
            Self::Problem(problem) => problem.retry_after?,
            Self::Status { retry_after, .. } => (*retry_after)?,
            _ => return None,
        };
        Some(Duration::from_secs(seconds.into()))
    }

    /// The problem's code, when the server named one.
    #[must_use]
    pub fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            _ => None,
        }
    }
}

impl From<tungstenite::Error> for ClientError {
    fn from(error: tungstenite::Error) -> Self {
        Self::Socket(Box::new(error))
    }
}

/// Request timeout, too many requests, and every server error.
const fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        for (status, transient) in [
            (400, false),
            (404, false),
            (408, true),
            (429, true),
            (503, true),
        ] {
            let error = ClientError::Status {
                status,
                retry_after: Some(2),
            };
            assert_eq!(error.is_transient(), transient, "{status}");
            assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
        }
        let problem = ClientError::Problem(Box::new(ProblemCode::ChunksMissing.into()));
        assert!(!problem.is_transient());
        assert_eq!(problem.code(), Some(ProblemCode::ChunksMissing));
    }
}

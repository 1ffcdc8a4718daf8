//! Why a use case does not do what it is asked, and the problem that the client is told.

use std::borrow::Cow;

use crate::{
    crypto::{NoEntropy, Unopenable},
    domain::{
        plan::PlanError,
        ranges::IndexRange,
        session::{Refused, SessionState},
    },
    ports::{ChangeError, Unavailable},
    wire::problem::{Problem, ProblemCode},
};

/// Why a request is not done. Holds nothing of the request's body.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The client's mistake.
    #[error("{}", .0.as_str())]
    Rejected(ProblemCode),
    /// The client's mistake, and where it lies.
    #[error("{code}: {1}", code = .0.as_str())]
    RejectedFor(ProblemCode, Cow<'static, str>),
    /// Finalize before all chunks are there.
    #[error("chunks are missing")]
    ChunksMissing(Vec<IndexRange>),
    /// The client has opened as many sessions as it may.
    #[error("too many sessions")]
    TooManySessions {
        /// Seconds until it may open one again.
        retry_after: u32,
    },
    /// The session as it stands does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Something that we need does not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The session's key does not open.
    #[error(transparent)]
    Unopenable(#[from] Unopenable),
    /// No random bytes.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

impl From<ChangeError> for Error {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound => Self::Rejected(ProblemCode::SessionNotFound),
            ChangeError::Refused(refused) => Self::Refused(refused),
            ChangeError::Unavailable(unavailable) => Self::Unavailable(unavailable),
        }
    }
}

impl From<ProblemCode> for Error {
    fn from(code: ProblemCode) -> Self {
        Self::Rejected(code)
    }
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        let code = match error {
            PlanError::Empty => ProblemCode::VideoEmpty,
            PlanError::TooLarge { .. } => ProblemCode::VideoTooLarge,
            PlanError::ChunkBytes => ProblemCode::InvalidChunkBytes,
        };
        Self::RejectedFor(code, error.to_string().into())
    }
}

impl Error {
    /// The kind of problem.
    #[must_use]
    pub const fn code(&self) -> ProblemCode {
        match self {
            Self::Rejected(code) | Self::RejectedFor(code, _) => *code,
            Self::ChunksMissing(_) => ProblemCode::ChunksMissing,
            Self::TooManySessions { .. } => ProblemCode::TooManySessions,
            Self::Refused(refused) => match refused {
                Refused::State(SessionState::Erased) => ProblemCode::SessionErased,
                Refused::State(SessionState::Expired) | Refused::Expired => {
                    ProblemCode::SessionExpired
                }
                Refused::State(_) => ProblemCode::SessionNotOpen,
                Refused::OtherContent => ProblemCode::ChunkConflict,
                Refused::TooManyConnections => ProblemCode::TooManyConnections,
                Refused::Leased | Refused::JobClaimed | Refused::JobSent => {
                    ProblemCode::Unavailable
                }
            },
            Self::Unavailable(_) | Self::NoEntropy(_) => ProblemCode::Unavailable,
            Self::Unopenable(_) => ProblemCode::Internal,
        }
    }

    /// What the client is told.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let problem = Problem::new(self.code());
        match self {
            Self::RejectedFor(_, detail) => problem.with_detail(detail.clone()),
            Self::ChunksMissing(missing) => Problem {
                missing: Some(missing.clone()),
                ..problem
            },
            Self::TooManySessions { retry_after } => Problem {
                retry_after: Some(*retry_after),
                ..problem
            },
            Self::Rejected(_)
            | Self::Refused(_)
            | Self::Unavailable(_)
            | Self::Unopenable(_)
            | Self::NoEntropy(_) => problem,
        }
    }
}

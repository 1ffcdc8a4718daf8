//! From what went wrong to the problem that the client is told.

use std::borrow::Cow;

use dodolens_app::{error::Error as AppError, ports::Unavailable};
use dodolens_domain::{
    plan::PlanError,
    session::{Refused, SessionState},
};
use dodolens_wire::problem::{Problem, ProblemCode};

/// Why a request is not done. Holds nothing of the request's body.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The request is not as agreed.
    #[error("{}", .0.as_str())]
    Rejected(ProblemCode),
    /// The request is not as agreed, and where that lies.
    #[error("{code}: {1}", code = .0.as_str())]
    RejectedFor(ProblemCode, Cow<'static, str>),
    /// The use case does not do it.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<ProblemCode> for Error {
    fn from(code: ProblemCode) -> Self {
        Self::Rejected(code)
    }
}

impl From<Unavailable> for Error {
    fn from(unavailable: Unavailable) -> Self {
        Self::App(unavailable.into())
    }
}

impl Error {
    /// The kind of problem.
    #[must_use]
    pub const fn code(&self) -> ProblemCode {
        match self {
            Self::Rejected(code) | Self::RejectedFor(code, _) => *code,
            Self::App(error) => code_of(error),
        }
    }

    /// What the client is told.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let problem = Problem::new(self.code());
        match self {
            Self::Rejected(_) => problem,
            Self::RejectedFor(_, detail) => problem.with_detail(detail.clone()),
            Self::App(error) => match error {
                AppError::Plan(_) | AppError::ChunkLength { .. } => {
                    problem.with_detail(error.to_string())
                }
                AppError::ChunksMissing(missing) => Problem {
                    missing: Some(missing.clone()),
                    ..problem
                },
                AppError::TooManySessions { retry_after } => Problem {
                    retry_after: Some(*retry_after),
                    ..problem
                },
                AppError::SessionNotFound
                | AppError::UnsupportedVideoType
                | AppError::ChunkOutOfRange
                | AppError::DigestMismatch
                | AppError::Refused(_)
                | AppError::Unavailable(_)
                | AppError::Corrupt(_)
                | AppError::Unopenable(_)
                | AppError::NoEntropy(_) => problem,
            },
        }
    }
}

const fn code_of(error: &AppError) -> ProblemCode {
    match error {
        AppError::SessionNotFound => ProblemCode::SessionNotFound,
        AppError::UnsupportedVideoType => ProblemCode::UnsupportedVideoType,
        AppError::Plan(PlanError::Empty) => ProblemCode::VideoEmpty,
        AppError::Plan(PlanError::TooLarge { .. }) => ProblemCode::VideoTooLarge,
        AppError::Plan(PlanError::ChunkBytes) => ProblemCode::InvalidChunkBytes,
        AppError::ChunkOutOfRange => ProblemCode::ChunkOutOfRange,
        AppError::ChunkLength { .. } => ProblemCode::ChunkLengthMismatch,
        AppError::DigestMismatch => ProblemCode::DigestMismatch,
        AppError::ChunksMissing(_) => ProblemCode::ChunksMissing,
        AppError::TooManySessions { .. } => ProblemCode::TooManySessions,
        AppError::Refused(refused) => match refused {
            Refused::State(SessionState::Erased) => ProblemCode::SessionErased,
            Refused::State(SessionState::Expired) | Refused::Expired => ProblemCode::SessionExpired,
            Refused::State(_) => ProblemCode::SessionNotOpen,
            Refused::OtherContent => ProblemCode::ChunkConflict,
            Refused::TooManyConnections => ProblemCode::TooManyConnections,
            Refused::Leased | Refused::JobClaimed | Refused::JobSent => ProblemCode::Unavailable,
        },
        AppError::Unavailable(_) | AppError::NoEntropy(_) => ProblemCode::Unavailable,
        AppError::Corrupt(_) | AppError::Unopenable(_) => ProblemCode::Internal,
    }
}

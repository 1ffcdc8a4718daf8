//! Why a use case does not do what it is asked.

use dodolens_crypto::{NoEntropy, Unopenable};
use dodolens_domain::{plan::PlanError, ranges::IndexRange, session::Refused};

use crate::ports::{ChangeError, Corrupt, StoreError, Unavailable};

/// Why a use case does not do what it is asked. Holds nothing of what a client sent, and knows nothing of how it came.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// There is no such session, or it has another token: which of them is not told.
    #[error("there is no such session")]
    SessionNotFound,
    /// No kind of video that we read.
    #[error("the type is none of a video that is read here")]
    UnsupportedVideoType,
    /// The video can't be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plan has no chunk of this index.
    #[error("the plan has no such chunk")]
    ChunkOutOfRange,
    /// The chunk is shorter or longer than planned.
    #[error("chunk {index} has {planned} bytes, {came} came")]
    ChunkLength {
        /// Its index in the plan.
        index: u32,
        /// Bytes that it should have.
        planned: u32,
        /// Bytes that it has.
        came: usize,
    },
    /// The chunk is not what its sender says it is.
    #[error("the chunk has another digest")]
    DigestMismatch,
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
    /// A record is not as it was written.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
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
            ChangeError::NotFound => Self::SessionNotFound,
            ChangeError::Refused(refused) => Self::Refused(refused),
            ChangeError::Unavailable(unavailable) => Self::Unavailable(unavailable),
            ChangeError::Corrupt(corrupt) => Self::Corrupt(corrupt),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(unavailable) => Self::Unavailable(unavailable),
            StoreError::Corrupt(corrupt) => Self::Corrupt(corrupt),
        }
    }
}

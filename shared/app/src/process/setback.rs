//! Why a try gives no inventory, and whether another may.

use crate::{
    error::Error,
    ports::{ChangeError, MediaError, ReadError},
};
use dodolens_domain::session::Failure;

/// Why a try gives no inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setback {
    /// There will be none.
    Final(Failure),
    /// Another try may; if there is none, it is this.
    Passing(Failure),
    /// The session ended or another worker has it.
    Overtaken,
}

impl From<Error> for Setback {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(_) => Self::Passing(Failure::StorageUnavailable),
            _ => Self::Final(Failure::Internal),
        }
    }
}

impl From<ChangeError> for Setback {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound | ChangeError::Refused(_) => Self::Overtaken,
            ChangeError::Unavailable(_) => Self::Passing(Failure::StorageUnavailable),
            ChangeError::Corrupt(_) => Self::Final(Failure::Internal),
        }
    }
}

impl From<MediaError> for Setback {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Unreadable | MediaError::NoPictures => {
                Self::Final(Failure::MediaUnreadable)
            }
            MediaError::TooLarge => Self::Final(Failure::MediaTooLarge),
            MediaError::TooSlow => Self::Final(Failure::MediaTooSlow),
            MediaError::Encrypted => Self::Final(Failure::MediaEncrypted),
            MediaError::Read(ReadError::Expired) => Self::Final(Failure::MediaExpired),
            MediaError::Read(ReadError::Unopenable) => Self::Final(Failure::Internal),
            MediaError::Read(ReadError::Unavailable | ReadError::TooSlow) => {
                Self::Passing(Failure::StorageUnavailable)
            }
            MediaError::Decoder(_) => Self::Passing(Failure::DecoderFailed),
        }
    }
}

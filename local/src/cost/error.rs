//! Why nothing could be counted.

use std::io;

use dodolens::domain::session::SessionState;

use super::{PriceError, UnknownModel};
use crate::{client::ClientError, launch::LaunchError};
use dodolens_cloud::{InvokeError, template::TemplateError};
use dodolens_video::{VideoError, toolchain::ToolchainError};

/// Why nothing could be counted.
#[derive(Debug, thiserror::Error)]
pub enum CostError {
    /// The stack does not start.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// ffmpeg can't be had.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// The video can't be made.
    #[error("the video can't be made")]
    Video(#[from] VideoError),
    /// The session failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The session ended otherwise than it should.
    #[error("the counted session is {}, so that it tells nothing of one that works", .0.as_str())]
    Ended(SessionState),
    /// A function failed.
    #[error("a function failed")]
    Function(#[from] InvokeError),
    /// What a session ends with did not come to its end.
    #[error("the functions are still busy after the session")]
    Unsettled,
    /// The template can't be counted.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The local database refused a change.
    #[error("the local database refused a change: {0}")]
    Database(String),
    /// No price of it is known.
    #[error(transparent)]
    Price(#[from] PriceError),
    /// No price of a model is known.
    #[error(transparent)]
    Model(#[from] UnknownModel),
    /// A port or file can't be used.
    #[error("a port or file can't be used")]
    Io(#[from] io::Error),
}

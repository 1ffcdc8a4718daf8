//! How well models do: films whose truth is known, through the real stack, by each of several models.

mod plot;
mod report;
mod run;
mod score;
mod truth;

use std::{io, path::PathBuf};

pub use report::{Report, Row};
pub use run::{Films, run};
pub use score::Score;
pub use truth::Truth;

use crate::{client::ClientError, launch::LaunchError};

/// Why nothing could be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The folder can't be read.
    #[error("{} can't be read", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no film with its truth.
    #[error("{} has no film with a truth beside it, such as walk.mp4 and walk.json", .0.display())]
    NoFilms(PathBuf),
    /// A truth is not in the form that `make-video --truth` writes.
    #[error("{} is no truth about a home", path.display())]
    Truth {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The stack does not start.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// A session could not be had.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A result can't be written.
    #[error("a result can't be written")]
    Io(#[from] io::Error),
    /// The plot can't be drawn.
    #[error("the plot can't be drawn: {0}")]
    Plot(String),
}

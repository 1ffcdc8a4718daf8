use std::{error::Error, io, path::PathBuf, process::ExitCode};

use dodolens::{
    crypto::receipt::NotVerified, domain::session::SessionState, wire::problem::Problem,
};

use crate::{client::ClientError, cost::CostError, evaluate::EvaluateError, launch::LaunchError};
use dodolens_video::{VideoError, toolchain::ToolchainError};

/// Why a command did not work.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{} ({})", .0.title, .0.code.as_str())]
    Problem(Box<Problem>),
    #[error("the session is {}, and its inventory was not delivered", .0.as_str())]
    NoInventory(SessionState),
    #[error(transparent)]
    Launch(#[from] LaunchError),
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    #[error("the video can't be made")]
    Video(#[from] VideoError),
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    #[error(transparent)]
    Cost(#[from] CostError),
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    #[error("interrupted")]
    Interrupted,
    #[error("standard output or signals can't be used")]
    Io(#[from] io::Error),
}

/// Why a receipt can't be kept or proves nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReceiptError {
    #[error("{} can't be read or written", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} is not what it should be", path.display())]
    Form {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error(transparent)]
    NotVerified(#[from] NotVerified),
}

impl CliError {
    /// What the user is told: the problem, its detail, and what lies under it.
    pub(super) fn report(&self) -> String {
        let mut text = format!("error: {self}");
        if let Self::Problem(problem) | Self::Client(ClientError::Problem(problem)) = self {
            if let Some(detail) = &problem.detail {
                text.push_str(&format!("\n  {detail}"));
            }
            if let Some(seconds) = problem.retry_after {
                text.push_str(&format!("\n  try again in {seconds} s"));
            }
        }
        let mut source = self.source();
        while let Some(cause) = source {
            text.push_str(&format!("\n  caused by: {cause}"));
            source = cause.source();
        }
        text
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            // As shells do: 128 + SIGINT.
            Self::Interrupted => ExitCode::from(130),
            _ => ExitCode::FAILURE,
        }
    }
}

#[cfg(test)]
mod tests {
    use dodolens::wire::problem::ProblemCode;

    use super::*;

    #[test]
    fn a_problem_is_told_with_title_code_and_detail() {
        let problem = Problem::new(ProblemCode::MediaUnreadable).with_detail("no moov box");
        let ended = CliError::Problem(Box::new(problem.clone()));
        assert_eq!(
            ended.report(),
            "error: The video can’t be read (media_unreadable)\n  no moov box"
        );
        let busy = CliError::Problem(Box::new(Problem::new(ProblemCode::AnalysisUnavailable)));
        assert!(busy.report().ends_with("\n  try again in 60 s"));
        let refused = CliError::from(ClientError::Problem(Box::new(problem)));
        assert_eq!(
            refused.report(),
            "error: The video can’t be read (media_unreadable, HTTP 422)\n  no moov box"
        );
    }

    #[test]
    fn causes_are_told() {
        let error = CliError::from(ClientError::File {
            path: "v.mp4".into(),
            source: io::Error::other("disk on fire"),
        });
        assert_eq!(
            error.report(),
            "error: v.mp4 can't be read\n  caused by: disk on fire"
        );
    }
}

//! Why a stack does not start.

use super::{dynamodb::TableError, secrets::SecretError};

/// Why a stack could not be started.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// A function's bootstrap is not where it should be.
    #[error("function {function}: no bootstrap {binary} in the directory of bootstraps")]
    NoBootstrap {
        /// Logical id.
        function: String,
        /// Name of the Cargo binary.
        binary: String,
    },
    /// A route, schedule or rotation names a function that the stack does not have.
    #[error("{user} names function {function}, which the stack does not have")]
    NoFunction {
        /// What names it.
        user: String,
        /// Logical id.
        function: String,
    },
    /// The embedded database does not start.
    #[error("the embedded database does not start: {0}")]
    Database(String),
    /// A table cannot be made.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A queue cannot be made.
    #[error("a queue cannot be made")]
    Queue(#[source] Box<aws_sdk_sqs::Error>),
    /// A secret cannot be made.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The system refuses a thread or a socket.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

//! How an invocation fails.

use std::{process::ExitStatus, time::Duration};

use serde::Deserialize;

/// Why an invocation gave no response.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The stack has no such function.
    #[error("no function {0}")]
    UnknownFunction(String),
    /// The event is over Lambda's limit of 6 MB.
    #[error("the event is over 6 MB")]
    RequestTooLarge,
    /// The function's reserved concurrency is used up.
    #[error("rate exceeded")]
    Throttled,
    /// The stack is being shut down.
    #[error("shutting down")]
    ShuttingDown,
    /// The function, or its instance, failed.
    #[error(transparent)]
    Function(#[from] FunctionError),
}

/// `X-Amz-Function-Error` and the payload that comes with it.
///
/// `Display` and `Debug` leave the message out: a function may put anything into it.
#[derive(Clone, PartialEq, Eq, thiserror::Error, Deserialize)]
#[error("the function failed: {error_type}")]
#[serde(rename_all = "camelCase")]
pub struct FunctionError {
    /// `errorType`, such as `Runtime.ExitError` or `Sandbox.Timedout`.
    #[serde(default)]
    pub error_type: String,
    /// `errorMessage`.
    #[serde(default)]
    pub error_message: String,
}

impl std::fmt::Debug for FunctionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FunctionError")
            .field("error_type", &self.error_type)
            .finish_non_exhaustive()
    }
}

impl FunctionError {
    /// What a runtime reported.
    pub(super) fn reported(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_else(|_| Self {
            error_type: "Runtime.Unknown".into(),
            error_message: String::new(),
        })
    }

    pub(super) fn timed_out(request: &str, after: Duration) -> Self {
        let seconds = after.as_secs_f64();
        Self {
            error_type: "Sandbox.Timedout".into(),
            error_message: format!(
                "RequestId: {request} Error: Task timed out after {seconds:.2} seconds"
            ),
        }
    }

    pub(super) fn init_timed_out(after: Duration) -> Self {
        let seconds = after.as_secs_f64();
        Self {
            error_type: "Sandbox.Timedout".into(),
            error_message: format!("Init phase timed out after {seconds:.2} seconds"),
        }
    }

    pub(super) fn exited(request: &str, status: Option<ExitStatus>) -> Self {
        use std::os::unix::process::ExitStatusExt;
        let how = match status {
            Some(status) => match (status.code(), status.signal()) {
                (Some(code), _) => format!(" with error: exit status {code}"),
                (_, Some(9)) => " with error: signal: killed".into(),
                (_, Some(signal)) => format!(" with error: signal: {signal}"),
                _ => String::new(),
            },
            None => String::new(),
        };
        Self {
            error_type: "Runtime.ExitError".into(),
            error_message: format!("RequestId: {request} Error: Runtime exited{how}"),
        }
    }

    pub(super) fn response_too_large() -> Self {
        Self {
            error_type: "Function.ResponseSizeTooLarge".into(),
            error_message: format!(
                "Response payload size exceeded maximum allowed payload size ({} bytes).",
                super::RESPONSE_LIMIT
            ),
        }
    }

    pub(super) fn not_started(error: &std::io::Error) -> Self {
        Self {
            error_type: "Runtime.InvalidEntrypoint".into(),
            error_message: format!("the bootstrap could not be started: {error}"),
        }
    }
}

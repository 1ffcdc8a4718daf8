//! Where the template, the functions, the embedded cloud and the AI peer are put together.

use reqwest::Url;
use tempfile::NamedTempFile;

/// Why there is no local stack.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// It is not part of this build.
    #[error("this build has no local stack and no video maker; give a VIDEO and an --endpoint")]
    NotBuilt,
}

/// The service, running on this machine.
#[derive(Debug)]
pub struct RunningStack {
    /// URL of the HTTP API, without `/v1`.
    pub endpoint: Url,
    /// URL of the WebSocket API.
    pub websocket: Url,
    /// Whether the AI peer is simulated, for want of a key.
    pub simulated_ai: bool,
}

impl RunningStack {
    /// Ends the functions and frees the ports.
    pub async fn shutdown(self) {
        drop(self);
    }
}

/// Starts the service on 127.0.0.1; on any free port when `port` is 0.
///
/// # Errors
/// See [`StackError`].
pub async fn start(_port: u16) -> Result<RunningStack, StackError> {
    Err(StackError::NotBuilt)
}

/// Makes the sample video, which is deleted when dropped.
///
/// # Errors
/// See [`StackError`].
pub async fn sample_video() -> Result<NamedTempFile, StackError> {
    Err(StackError::NotBuilt)
}

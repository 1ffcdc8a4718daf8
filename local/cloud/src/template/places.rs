//! Where on this machine the things are that a deployed function finds at AWS addresses.

use std::path::PathBuf;

use super::names::{REGION, URL_SUFFIX};

/// Local addresses, URLs without a `/` at their end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The HTTP API, such as `http://127.0.0.1:3000`.
    pub http: String,
    /// The WebSocket API without its stage, such as `ws://127.0.0.1:3001`.
    pub websocket: String,
    /// Its management API without the stage, such as `http://127.0.0.1:3001`.
    pub connections: String,
    /// The queue service.
    pub sqs: String,
    /// What Lambda would unpack the layers into `/opt` from.
    pub layers: PathBuf,
}

impl Places {
    /// Puts a local address or path in the place of an AWS one; any other value stays as it is.
    pub(super) fn localize(
        &self,
        value: &str,
        http_id: &str,
        websocket_id: &str,
    ) -> Result<String, String> {
        let host = |id: &str| format!("{id}.execute-api.{REGION}.{URL_SUFFIX}");
        let apis = [
            (format!("https://{}", host(http_id)), &self.http),
            (format!("https://{}", host(websocket_id)), &self.connections),
            (format!("wss://{}", host(websocket_id)), &self.websocket),
        ];
        for (aws, local) in apis {
            if let Some(rest) = value.strip_prefix(&aws)
                && (rest.is_empty() || rest.starts_with('/'))
            {
                return Ok(format!("{local}{rest}"));
            }
        }
        if let Some(rest) = value.strip_prefix("/opt/") {
            return Ok(self.layers.join(rest).to_string_lossy().into_owned());
        }
        if value.contains(".execute-api.") {
            return Err("is the address of an API that has no place on this machine".to_owned());
        }
        Ok(value.to_owned())
    }
}

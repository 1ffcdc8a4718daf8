//! Systems of the mover behind the port for results: a table of Airtable, and a signed webhook.
//!
//! Requests are wiped after use; neither they nor addresses, credentials and answers are ever logged.

mod airtable;
mod http;
mod pace;
mod webhook;

pub use airtable::{AirtableSink, AirtableTable};
pub use http::SinkClient;
pub use pace::Pace;
pub use webhook::{WebhookSink, WebhookUrl};

/// A sink can't be used with this configuration. Shows nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SinkConfigError {
    /// Neither `https` nor `http` on this machine, or with a user name or a fragment.
    #[error("the address of the sink is not usable")]
    Address,
    /// TLS could not be set up.
    #[error("the HTTP client can't be set up")]
    Client,
}

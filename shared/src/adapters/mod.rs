//! What stands behind the ports.

pub mod ai;
pub mod aws;
pub mod media;
mod retry_after;
mod secret_header;
pub mod sinks;

//! What stands behind the ports.

pub mod ai;
pub mod aws;
pub mod media;
mod retry_after;
pub mod sinks;

//! What stands behind the ports.

pub mod ai;
pub mod aws;
pub mod media;
pub mod sinks;

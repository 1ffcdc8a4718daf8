//! What stands behind the ports.

pub mod ai;
pub mod aws;
mod chunks;
pub mod media;
mod retry_after;
mod secret_header;
pub mod sinks;
mod valkey;

pub use chunks::Chunks;
pub use valkey::{ValkeyAddress, ValkeyChunks};

//! Use cases, one a file: free functions over one value that has the ports which their bounds name.

pub mod access;
pub mod analyse;
pub mod announce;
pub mod audit;
pub mod budget;
pub mod connect;
pub mod create;
pub mod deliver;
pub mod destroy;
pub mod erase;
pub mod error;
pub mod finalize;
pub mod metrics;
pub mod ports;
pub mod process;
pub mod receive_chunk;
mod session_key;
pub mod sweep;
mod video;

pub use video::SealedVideo;

//! Use cases, one a file: free functions over one value that has the ports which their bounds name. What several of them
//! share is private.

pub mod access;
mod analyse;
mod announce;
pub mod audit;
mod budget;
pub mod connect;
pub mod create;
pub mod deliver;
mod destroy;
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

//! What the tests share: the real bootstraps on the local stack, videos, and a client.

pub mod boxes;
pub mod cold;
pub mod disk;
pub mod ebml;
pub mod gate;
pub mod inventory;
pub mod media;
pub mod session;
pub mod stack;
pub mod valkey;
pub mod watch;

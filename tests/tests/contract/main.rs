//! The contract: every endpoint and every problem, over the real bootstraps on the local stack.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "clippy.toml allows it in tests, but not in the functions that they share"
)]

mod chunks;
mod cors;
mod cost;
mod documented;
mod erase;
mod finalize;
mod quota;
mod receipts;
mod routes;
mod sessions;
mod support;
mod websocket;

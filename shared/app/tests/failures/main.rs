//! Every use case over ports in memory, with each call to a port failing: before anything is done, after it is done, and
//! again when it is repeated. Whoever called tries again, as clients, queues and schedules do; then all is as if nothing had
//! failed, and in the end nothing is left.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "../common/mod.rs"]
mod common;
mod matrix;
mod usecases;
mod world;

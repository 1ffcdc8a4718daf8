//! Whole ways of a video over the real bootstraps on the local stack.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod audit;
mod cost;
mod fallbacks;
mod faults;
mod happy;
mod rotation;
mod shred;
mod streaming;
mod valkey;

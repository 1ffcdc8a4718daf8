//! Videos of every kind over the real bootstraps: each gives just what was put into it, or a clear problem.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod bad;
mod good;

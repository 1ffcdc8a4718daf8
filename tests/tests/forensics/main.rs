//! After sessions of every ending, the memory of each function that still runs, the database, the logs and the machine's
//! files hold nothing of the families' videos.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod data_key;
mod files;
mod memory;
mod patterns;
mod providers;
mod sessions;
mod tap;

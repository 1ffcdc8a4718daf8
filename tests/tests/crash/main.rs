//! The crash matrix: every function is ended with SIGKILL at each of its requests, before the service has it and after the
//! service has done it. Whatever is left then, within one sweep of the deadline nothing of the video can be read, and
//! after the next sweep nothing of it is there.
//!
//! The requests are recorded first, so that a new one in the code is a new cell here.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

mod aftermath;
mod cell;
mod decoder;
mod matrix;
mod player;
mod remains;
mod scenario;

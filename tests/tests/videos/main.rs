//! Every kind of video, good and bad, from its file to the inventory or the problem, over the real bootstraps on the
//! local stack.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

mod bad;
mod containers;
mod endless;
mod matrix;
mod objects;
mod speech;
mod support;
mod walks;

//! The template as it is, deployed by AWS's own tool into a cloud that nobody of this project wrote: `sam build` and
//! `sam deploy` into MiniStack, then videos through what was deployed. docs/decisions/0024 says what this shows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod deployment;
mod events;
mod flow;
mod jobs;
mod layer;
mod ministack;
mod rotation;
mod sam;
mod schedule;
mod tools;

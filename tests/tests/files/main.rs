//! Neither the function that works on a video nor its ffmpeg makes or writes a file: whatever comes of the video, and
//! wherever they are killed.
//!
//! Two watches, and for each the proof that it would see a file:
//! - [`sessions`]: a trace of every system call of both ([`dodolens_tests::watch`]). It sees files that exist for a moment
//!   or have no name. [`ways`] tries it on every way of writing that it knows.
//! - [`traces`] by [`dodolens_tests::disk`]: a walk over every filesystem afterwards, for files that hold something of
//!   the videos, whoever wrote them by whatever call. [`machine`] tries it on files that are planted meanwhile.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

mod machine;
mod sessions;
mod support;
mod traces;
mod ways;

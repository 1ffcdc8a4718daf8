//! Frames and sound of every kind of video, through a real ffmpeg.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

mod bad;
mod good;
mod videos;

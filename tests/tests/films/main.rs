//! Films of every kind that people send, each with its truth, through a real ffmpeg.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

#[macro_use]
mod film;
mod clocks;
mod codecs;
mod editors;
mod edits;
mod fuzz;
mod keys;
mod large;
mod layout;
mod sounds;
mod tracks;
mod webm;

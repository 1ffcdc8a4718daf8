//! tests

pub mod media;

//! What was put into a video is read out of it again.

mod files;
mod pictures;
mod read;
mod refused;
mod sounds;
mod trouble;
mod walks;

//! What a hostile decoder, and a video that reaches out, get out of the jail: nothing. And an honest decoder: all that it
//! needs.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

mod attempts;
mod flow;
mod honest;
mod reaching;
mod stand_in;
mod strictness;

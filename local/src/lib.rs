//! DodoLens on one machine: what `template.yaml` asks of AWS, embedded; a simulated AI peer; a video maker; a client.

pub mod calls;
pub mod cli;
pub mod client;
pub mod cloud;
mod codes;
pub mod cost;
#[cfg(test)]
mod fixture;
pub mod launch;
pub mod markers;
pub mod peer;
pub mod stack;
pub mod template;
pub mod toolchain;
pub mod video;

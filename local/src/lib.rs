//! DodoLens on one machine: what `template.yaml` asks of AWS, embedded; a simulated AI peer; a video maker; a client.

pub mod aws_proxy;
pub mod cli;
pub mod client;
pub mod cost;
pub mod evaluate;
#[cfg(test)]
mod fixture;
pub mod launch;

pub use dodolens_cloud::{self as cloud, stack, template};
pub use dodolens_peer as peer;
pub use dodolens_video::{self as video, markers, toolchain};

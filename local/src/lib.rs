//! DodoLens on one machine: what `template.yaml` asks of AWS, embedded; a simulated AI peer; a video maker; a client.

<<<<<<< HEAD
pub mod cloud;
pub mod markers;
pub mod peer;
=======
pub mod cli;
pub mod client;
#[cfg(test)]
mod fixture;
>>>>>>> client
pub mod stack;
pub mod template;
pub mod toolchain;
pub mod video;

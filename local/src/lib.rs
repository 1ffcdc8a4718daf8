//! DodoLens on one machine: what `template.yaml` asks of AWS, embedded; a simulated AI peer; a video maker; a client.

pub mod cli;
pub mod client;
#[cfg(test)]
mod fixture;
pub mod stack;

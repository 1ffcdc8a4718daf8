//! DodoLens on one machine: what `template.yaml` asks of AWS, embedded; a simulated AI peer; a video maker; a client.

pub mod codes;
pub mod markers;
pub mod stack;
pub mod video;

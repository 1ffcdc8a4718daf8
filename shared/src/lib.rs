//! DodoLens: a video of a home in, a moving inventory out, and nothing kept.
//!
//! One way through: functions → [`app`] → [`ports`] and [`crypto`] → [`domain`]; [`adapters`] implement the ports.

pub mod adapters;
pub mod app;
pub mod audit;
pub mod config;
pub mod crypto;
pub mod domain;
pub mod error;
pub mod metrics;
pub mod ports;
pub mod runtime;
#[cfg(test)]
mod testing;
pub mod wire;

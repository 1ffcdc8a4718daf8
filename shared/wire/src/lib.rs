//! What goes over a wire, said once. JSON is camelCase everywhere.

pub mod delivery;
pub mod http;
pub mod job;
pub mod problem;
#[cfg(test)]
mod tests;
pub mod ws;

//! What goes over a wire, said once. JSON is camelCase everywhere.

pub mod delivery;
pub mod http;
pub mod job;
pub mod origin;
pub mod problem;
pub mod request;
pub mod response;
#[cfg(test)]
mod tests;
pub mod ws;

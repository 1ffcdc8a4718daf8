//! The edge: what is read of a request, and what is answered, over HTTP and WebSocket alike.

pub mod credential;
pub mod error;
pub mod origin;
pub mod request;
pub mod response;
#[cfg(test)]
mod tests;

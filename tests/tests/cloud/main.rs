//! The local cloud, with real processes: the probe function behind every service of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod http;
mod lambda;
mod limits;
mod queue;
mod services;
mod support;
mod websocket;

//! Results on their way to Airtable and to a webhook: the form of each request, and what becomes of them over the real
//! functions and queues.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod airtable;
mod answers;
mod crash;
mod flow;
mod orders;
mod receiver;
mod requests;
mod support;

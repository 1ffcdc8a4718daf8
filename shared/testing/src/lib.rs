//! What tests of several layers share: damaged copies of right values, and published forms to hold results against.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "only tests link it"
)]

mod damage;
mod form;

pub use damage::{cases, damaged, damaged_json, damaged_text, edge};
pub use form::Form;

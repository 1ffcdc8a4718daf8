//! The rules of a move, with no I/O, no async and no AWS in them.

pub mod catalogue;
pub mod evidence;
pub mod fusion;
pub mod ids;
pub mod inventory;
pub mod joining;
pub mod labels;
pub mod locale;
pub mod media;
pub mod money;
pub mod plan;
pub mod quota;
pub mod ranges;
pub mod receipt;
pub mod session;
pub mod sink;
pub mod time;

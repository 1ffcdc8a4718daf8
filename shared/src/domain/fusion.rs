//! From evidence to inventory: pure, total and deterministic.

use super::{
    evidence::{Evidence, Usage},
    inventory::Inventory,
    locale::Locale,
};

/// Makes the inventory that `evidence` supports.
#[must_use]
pub fn fuse(evidence: &Evidence, locale: Locale, usage: Usage) -> Inventory {
    let _ = (evidence, locale, usage);
    unimplemented!()
}

use super::Item;

/// Every object kind.
pub static ITEMS: &[Item] = &[];

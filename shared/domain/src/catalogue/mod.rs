//! Household objects and rooms, with volumes from published cubic sheets.

mod families;
mod items;
mod rooms;

use std::{collections::HashMap, sync::LazyLock};

use super::locale::Localized;

pub use families::akin;
pub use items::ITEMS;
pub use rooms::ROOMS;

/// A kind of household object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item {
    /// Stable name on every wire: lower-case ASCII letters, digits and underscores.
    pub id: &'static str,
    /// What it is called, singular.
    pub name: Localized,
    /// Usual volume, m³, as packed for the van.
    pub volume: f64,
    /// Volume of a small and of a large one, m³.
    pub bounds: (f64, f64),
    /// Usual weight, kg.
    pub weight: f64,
    /// Needs careful handling.
    pub fragile: bool,
    /// Needs two people or a trolley.
    pub heavy: bool,
    /// Usually taken apart for the move.
    pub dismantle: bool,
}

/// A kind of room.
#[derive(Debug, PartialEq)]
pub struct Room {
    /// Stable name on every wire: lower-case ASCII letters, digits and underscores.
    pub id: &'static str,
    /// What it is called.
    pub name: Localized,
}

/// The object kind with this id.
#[must_use]
pub fn item(id: &str) -> Option<&'static Item> {
    static BY_ID: LazyLock<HashMap<&str, &Item>> =
        LazyLock::new(|| ITEMS.iter().map(|item| (item.id, item)).collect());
    BY_ID.get(id).copied()
}

/// The room with this id.
#[must_use]
pub fn room(id: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::locale::Locale;

    const LOCALES: [Locale; 3] = [Locale::Fr, Locale::En, Locale::Es];

    fn well_formed(id: &str) -> bool {
        id.starts_with(|c: char| c.is_ascii_lowercase())
            && id
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            && id.len() <= 32
    }

    fn assert_names<'a>(names: impl Iterator<Item = &'a Localized> + Clone) {
        for locale in LOCALES {
            let mut seen = HashSet::new();
            for name in names.clone() {
                let name = name.get(locale);
                assert!(
                    !name.is_empty() && name == name.trim() && name.chars().count() <= 40,
                    "{name:?}"
                );
                assert!(seen.insert(name.to_lowercase()), "{name} twice");
            }
        }
    }

    #[test]
    fn every_id_is_well_formed_unique_and_found() {
        assert!(ITEMS.len() >= 120, "{}", ITEMS.len());
        for entry in ITEMS {
            assert!(well_formed(entry.id), "{}", entry.id);
            assert!(std::ptr::eq(item(entry.id).unwrap(), entry), "{}", entry.id);
        }
        for entry in ROOMS {
            assert!(well_formed(entry.id), "{}", entry.id);
            assert!(std::ptr::eq(room(entry.id).unwrap(), entry), "{}", entry.id);
        }
        assert_eq!(item("spaceship"), None);
        assert_eq!(room(""), None);
    }

    #[test]
    fn every_name_is_there_once_in_each_language() {
        assert_names(ITEMS.iter().map(|item| &item.name));
        assert_names(ROOMS.iter().map(|room| &room.name));
    }

    #[test]
    fn every_volume_lies_within_its_bounds() {
        for item in ITEMS {
            let (small, large) = item.bounds;
            assert!(0.0 < small && small <= item.volume && item.volume <= large && large <= 5.0);
            assert!(0.5 <= item.weight && item.weight <= 500.0, "{}", item.id);
            let millis = item.volume * 1000.0;
            assert!((millis - millis.round()).abs() < 1e-9, "{}", item.id);
        }
    }
}

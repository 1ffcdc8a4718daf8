//! What is found so far, in short: kinds and how many of each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{judge, kind::Kind};
use crate::domain::{evidence::Evidence, locale::Locale};

/// Most kinds that are listed.
const MOST_KINDS: usize = 40;
/// Most bytes of the list as JSON, so that a message with it stays below
/// [`MAX_JSON_BYTES`](crate::domain::inventory::MAX_JSON_BYTES).
const MOST_BYTES: usize = 4 * 1024;

/// What is found so far: always all of it, none of it final.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// One entry per kind, in the order of the catalogue's ids; those outside of it follow, by name.
    pub objects: Vec<FoundObject>,
    /// How many more objects there are, of kinds that are not listed to keep the message short.
    pub more: u32,
}

/// Objects of one kind, in all rooms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundObject {
    /// The catalogue's id; null for an object outside of it.
    pub catalogue_id: Option<String>,
    /// In the session's language.
    pub name: String,
    /// How many.
    pub quantity: u32,
}

/// What moves by the evidence so far, counted as [`fuse`](super::fuse) counts it.
#[must_use]
pub fn found(evidence: &Evidence, locale: Locale) -> Found {
    let mut kinds = BTreeMap::<Kind, u32>::new();
    for entry in judge(evidence, locale).entries {
        let quantity = kinds.entry(entry.kind).or_default();
        *quantity = quantity.saturating_add(entry.quantity);
    }
    let (mut found, mut bytes) = (Found::default(), 0);
    for (kind, quantity) in kinds {
        let object = FoundObject {
            catalogue_id: kind.id(),
            name: kind.name(locale),
            quantity,
        };
        bytes += serde_json::to_string(&object).map_or(MOST_BYTES, |json| json.len() + 1);
        if bytes > MOST_BYTES || found.objects.len() >= MOST_KINDS {
            found.more = found.more.saturating_add(quantity);
        } else {
            found.objects.push(object);
        }
    }
    found
}

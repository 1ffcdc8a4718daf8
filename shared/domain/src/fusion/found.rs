//! What is found so far, in short: kinds and how many of each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{judge, kind::Kind};
use crate::{evidence::Evidence, locale::Locale};

/// Most kinds that are listed.
const MOST_KINDS: usize = 40;
/// Most bytes of the list as JSON, so that a message with it stays below
/// [`MAX_JSON_BYTES`](crate::inventory::MAX_JSON_BYTES).
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
        let more = entry.quantity();
        let quantity = kinds.entry(entry.kind).or_default();
        *quantity = quantity.saturating_add(more);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalogue,
        evidence::{Cue, Decision, Thing, Usage},
        fusion::{
            fuse,
            tests::{joined, see},
        },
    };

    /// One of four rooms, so that each has space for its share.
    fn room(n: u32) -> &'static str {
        ["office", "hall", "kitchen", "garage"][n as usize % 4]
    }

    fn evidence(things: Vec<Thing>) -> Evidence {
        Evidence {
            things: joined(things),
            frame_seconds: vec![0.0, 1.0],
            ..Evidence::default()
        }
    }

    #[test]
    fn it_is_counted_as_in_the_result() {
        let mut evidence = evidence(vec![
            see(0, "chair", "kitchen", 4),
            see(1, "chair", "kitchen", 3),
            see(1, "chair", "office", 2),
            see(1, "telescope", "office", 1),
            see(1, "piano_upright", "office", 1),
        ]);
        evidence.cues.push(Cue {
            item: catalogue::item("piano_upright"),
            label: String::new(),
            room: None,
            count: None,
            decision: Decision::Leave,
            remark: None,
        });
        let found = found(&evidence, Locale::Fr);
        let objects = found.objects.iter();
        let objects: Vec<_> = objects
            .map(|it| (it.catalogue_id.as_deref(), it.name.as_str(), it.quantity))
            .collect();
        assert_eq!(
            objects,
            [(Some("chair"), "Chaise", 6), (None, "Telescope", 1)]
        );
        let result = fuse(&evidence, Locale::Fr, Usage::default());
        let quantities = |it: u32| result.objects().iter().map(|o| o.quantity).sum::<u32>() == it;
        assert!(found.more == 0 && quantities(7));
    }

    #[test]
    fn what_is_too_long_is_counted_at_least() {
        for (kinds, rest) in [
            (40, "x".repeat(20)),
            (41, "x".repeat(20)),
            (90, "x".repeat(20)),
            (40, "\u{1f3b9}".repeat(57)),
        ] {
            let all = (0..kinds).map(|n| see(0, &format!("{n:03}{rest}"), room(n), 2));
            let found = found(&evidence(all.collect()), Locale::Es);
            let json = serde_json::to_string(&found.objects).unwrap();
            assert!(found.objects.len() <= MOST_KINDS && json.len() <= MOST_BYTES + 1);
            let listed: u32 = found.objects.iter().map(|it| it.quantity).sum();
            assert_eq!(listed + found.more, 2 * kinds);
            assert_eq!(found.more == 0, kinds == 40 && rest.is_ascii(), "{kinds}");
        }
    }
}

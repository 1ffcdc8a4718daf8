//! One entry for things of several kinds, which names them.

use super::{
    entry::{Entry, cubic_metres, hundredths, kilograms, mean},
    texts,
    verdict::Stay,
};
use crate::{
    inventory::{Contents, Flag, Object, Staying, Support},
    locale::Locale,
};

/// The entry for `all`, of which it names some.
pub fn objects(all: &[Entry], named: &[Entry], locale: Locale) -> Object {
    let mut litres = [0_u64; 3];
    let (mut quantity, mut weight) = (0_u32, 0_u64);
    let mut flags: Vec<Flag> = Vec::new();
    for entry in all {
        for (sum, more) in litres.iter_mut().zip(entry.litres) {
            *sum = sum.saturating_add(more);
        }
        quantity = quantity.saturating_add(entry.quantity);
        weight = weight.saturating_add(entry.weight);
        flags.extend(&entry.flags);
    }
    flags.sort_unstable();
    flags.dedup();
    let mut contents = Contents::new();
    for entry in named {
        let line: &mut (u32, f64) = contents
            .entry(entry.place.key())
            .or_default()
            .entry(entry.kind.key(locale))
            .or_default();
        *line = (entry.quantity, cubic_metres(entry.litres[1]));
    }
    let [low, volume, high] = litres;
    let confidence = all.iter().map(|entry| entry.confidence).reduce(f64::min);
    Object {
        catalogue_id: None,
        name: texts::OTHER_OBJECTS.get(locale).to_owned(),
        room: None,
        quantity,
        unit_volume: cubic_metres(mean(volume, quantity)),
        volume: cubic_metres(volume),
        volume_range: [cubic_metres(low), cubic_metres(high)],
        weight_kg: kilograms(weight),
        flags,
        evidence: Support {
            seen_at: Vec::new(),
            said: all.iter().any(|entry| entry.said),
        },
        confidence: hundredths(confidence.unwrap_or(0.0)),
        conflict: None,
        contents,
    }
}

/// The entry for `all` that stay, of which it names some.
pub fn staying(all: &[Stay], named: &[Stay], locale: Locale) -> Staying {
    let mut contents = Contents::new();
    for stay in named {
        let line: &mut u32 = contents
            .entry(stay.place.key())
            .or_default()
            .entry(stay.kind.key(locale))
            .or_default();
        *line = line.saturating_add(stay.quantity);
    }
    Staying {
        catalogue_id: None,
        name: texts::OTHER_OBJECTS.get(locale).to_owned(),
        room: None,
        quantity: all
            .iter()
            .fold(0, |sum, stay| sum.saturating_add(stay.quantity)),
        contents,
    }
}

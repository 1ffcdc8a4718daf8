//! What the pictures show, object kind by object kind and room by room.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    entry::{litres, resized, total},
    kind::{Kind, Place},
    rooms,
};
use crate::evidence::{Evidence, MAX_COUNT, Thing};

/// Objects of one kind in one place.
#[derive(Debug, Clone, Default)]
pub struct Sighting {
    /// How many small, usual and large ones.
    sizes: [u32; 3],
    /// How many of them may be the same as others of them.
    again: u32,
    /// How many a model named, if that is more than are counted.
    pub named: Option<u32>,
    /// When the first is seen, whole seconds.
    pub at: Option<u32>,
    /// Whether a model took one for fragile.
    pub fragile: bool,
    /// How sure we are of the least sure.
    pub confidence: Option<f64>,
}

impl Sighting {
    /// How many there are.
    pub fn quantity(&self) -> u32 {
        total(self.sizes)
    }

    /// How many there are at least: if those that may be the same are the same.
    pub fn least(&self) -> u32 {
        let quantity = self.quantity();
        quantity.saturating_sub(self.again).max(1).min(quantity)
    }

    /// As many of them as `wanted`, by size.
    pub fn sizes(&self, wanted: u32) -> [u32; 3] {
        resized(self.sizes, wanted)
    }

    /// Litres of the largest of them; at least 1.
    pub fn unit(&self, kind: &Kind) -> u64 {
        let largest = match self.sizes {
            [_, 0, 0] => [1, 0, 0],
            [_, _, 0] => [0, 1, 0],
            _ => [0, 0, 1],
        };
        let [_, litres, _] = litres(kind, largest);
        litres.max(1)
    }

    /// Counts no more than `most`.
    pub fn cut(&mut self, most: u32) {
        let named = self.quantity();
        if named > most {
            self.named = Some(self.named.unwrap_or(named));
            self.sizes = resized(self.sizes, most);
        }
    }

    fn add(&mut self, thing: &Thing, at: Option<u32>) {
        let count = thing.count().clamp(1, MAX_COUNT);
        for (sum, more) in self.sizes.iter_mut().zip(resized(thing.sizes, count)) {
            *sum = sum.saturating_add(more);
        }
        if thing.perhaps_again {
            self.again = self.again.saturating_add(count);
        }
        let confidence = match f64::from(thing.confidence) {
            unknown if unknown.is_nan() => 0.0,
            confidence => confidence.clamp(0.0, 1.0),
        };
        self.merge(Self {
            at,
            fragile: thing.fragile,
            confidence: Some(confidence),
            ..Self::default()
        });
    }

    /// Adds objects that turned out to stand in the same place.
    fn merge(&mut self, other: Self) {
        for (sum, more) in self.sizes.iter_mut().zip(other.sizes) {
            *sum = sum.saturating_add(more);
        }
        self.again = self.again.saturating_add(other.again);
        self.at = self.at.into_iter().chain(other.at).min();
        self.fragile |= other.fragile;
        let confidences = self.confidence.into_iter().chain(other.confidence);
        self.confidence = confidences.min_by(f64::total_cmp);
    }
}

/// Objects of one kind by place.
pub type ByPlace = BTreeMap<Place, Sighting>;

/// Everything seen, by kind and place.
pub fn collect(evidence: &Evidence) -> BTreeMap<Kind, ByPlace> {
    let mut seen = BTreeMap::<Kind, ByPlace>::new();
    for (thing, place) in evidence.things.iter().zip(rooms::places(evidence)) {
        let seconds = thing.seen.iter().filter_map(|sight| {
            let seconds = evidence.frame_seconds.get(sight.frame)?;
            (seconds.is_finite() && *seconds >= 0.0).then_some(*seconds as u32)
        });
        seen.entry(Kind::of(thing.item, &thing.label))
            .or_default()
            .entry(place)
            .or_default()
            .add(thing, seconds.min());
    }
    seen
}

/// Puts what was seen in no known room where the kind surely stands: in the one room where it is seen, or else the one
/// of which it is said.
pub fn settle(seen: &mut ByPlace, said: &BTreeSet<Place>) {
    let Some(lost) = seen.remove(&Place::UNKNOWN) else {
        return;
    };
    let rooms: BTreeSet<Place> = seen.keys().copied().collect();
    let rooms = if rooms.is_empty() { said } else { &rooms };
    let place = match (rooms.first(), rooms.len()) {
        (Some(only), 1) => *only,
        _ => Place::UNKNOWN,
    };
    seen.entry(place).or_default().merge(lost);
}

//! One line of an inventory while it is being made. Volumes are whole litres and weights whole 100 g, so that sums are
//! exact and don't depend on an order.

use super::{
    kind::{Kind, Place},
    sighting::Sighting,
};
use crate::{
    evidence::SizeClass,
    inventory::{Conflict, Contents, Flag, Object, Support},
    locale::Locale,
};

/// Litres of a small, a usual and a large object outside the catalogue: a carton, a chair, a cupboard.
const UNLISTED: [u64; 3] = [60, 250, 1000];

/// How far the volume of an object outside the catalogue may be off, either way.
const UNLISTED_FACTOR: u64 = 3;

/// Units of 100 g in a litre where no weight is known: the carriers' 7 lb per cu ft.
const UNLISTED_DENSITY: f64 = 1.12;

/// From this weight (units of 100 g) on, an object outside the catalogue is heavy: what one person should not lift.
const UNLISTED_HEAVY: u64 = 250;

/// Objects of one kind in one place.
#[derive(Debug, Clone)]
pub struct Entry {
    pub place: Place,
    pub kind: Kind,
    pub quantity: u32,
    /// Of all: lower bound, value, upper bound.
    pub litres: [u64; 3],
    /// Of all, in units of 100 g.
    pub weight: u64,
    pub flags: Vec<Flag>,
    /// Tenths of seconds, in order, none twice.
    pub seen_at: Vec<u64>,
    pub said: bool,
    pub confidence: f64,
    pub conflict: Option<Conflict>,
}

/// How sure a spoken word alone makes us.
const SAID: f64 = 0.8;

/// No evidence of this sort makes us surer.
const SUREST: f64 = 0.99;

impl Entry {
    /// `quantity` objects of which `seen` is what pictures show, if they do.
    pub fn new(kind: Kind, place: Place, quantity: u32, seen: Option<&Sighting>) -> Self {
        let mix = seen.map_or([0, 1, 0], Sighting::mix);
        let unit = unit_litres(&kind, mix);
        let all = u64::from(quantity);
        let [_, litres, _] = unit;
        let (unit_weight, fragile, heavy, dismantle) = match &kind {
            Kind::Known(item) => {
                let scale = litres as f64 / (item.volume * 1000.0);
                let weight = (item.weight * 10.0 * scale).round() as u64;
                (weight, item.fragile, item.heavy, item.dismantle)
            }
            Kind::Other(_) => {
                let weight = (litres as f64 * UNLISTED_DENSITY).round() as u64;
                (weight, false, weight >= UNLISTED_HEAVY, false)
            }
        };
        let fragile = fragile || seen.is_some_and(|seen| seen.fragile);
        let flags = [
            (Flag::Fragile, fragile),
            (Flag::Heavy, heavy),
            (Flag::Dismantle, dismantle),
        ];
        Self {
            place,
            kind,
            quantity,
            litres: unit.map(|litres| litres.saturating_mul(all)),
            weight: unit_weight.saturating_mul(all),
            flags: flags
                .iter()
                .filter(|(_, set)| *set)
                .map(|(flag, _)| *flag)
                .collect(),
            seen_at: seen
                .map(|seen| seen.at.iter().copied().collect())
                .unwrap_or_default(),
            said: false,
            confidence: seen.map_or(0.0, Sighting::confidence).min(SUREST),
            conflict: None,
        }
    }

    /// Notes that it was spoken of.
    pub fn hear(&mut self) {
        self.said = true;
        self.confidence = (1.0 - (1.0 - self.confidence) * (1.0 - SAID)).min(SUREST);
    }

    /// Notes that the family is undecided.
    pub fn doubt(&mut self) {
        self.flags.push(Flag::Unsure);
    }

    /// Notes that the evidence contradicts itself.
    pub fn contradict(&mut self, conflict: Conflict) {
        self.flags.push(Flag::Contradiction);
        self.conflict = Some(conflict);
    }

    /// Whether a human has to decide.
    pub fn is_open(&self) -> bool {
        self.flags.contains(&Flag::Unsure) || self.conflict.is_some()
    }

    /// Its form in the result, with the first `seen_at` of the seconds at which it was seen.
    pub fn object(&self, locale: Locale, seen_at: usize) -> Object {
        let [low, value, high] = self.litres;
        Object {
            catalogue_id: self.kind.id(),
            name: self.kind.name(locale),
            room: self.place.id(),
            quantity: self.quantity,
            unit_volume: cubic_metres(mean(value, self.quantity)),
            volume: cubic_metres(value),
            volume_range: [cubic_metres(low), cubic_metres(high)],
            weight_kg: kilograms(self.weight),
            flags: self.flags.clone(),
            evidence: Support {
                seen_at: self
                    .seen_at
                    .iter()
                    .take(seen_at)
                    .map(|&tenths| tenths as f64 / 10.0)
                    .collect(),
                said: self.said,
            },
            confidence: hundredths(self.confidence),
            conflict: self.conflict.clone(),
            contents: Contents::new(),
        }
    }
}

/// Litres of one of so many.
pub fn mean(litres: u64, quantity: u32) -> u64 {
    (litres as f64 / f64::from(quantity.max(1))).round() as u64
}

/// Mean litres of one object of a mix of sizes: lower bound, value, upper bound.
fn unit_litres(kind: &Kind, mix: [u32; 3]) -> [u64; 3] {
    let sizes = [SizeClass::Small, SizeClass::Medium, SizeClass::Large];
    let mut sums = [0_u64; 3];
    for (class, count) in sizes.into_iter().zip(mix) {
        for (sum, bound) in sums.iter_mut().zip(class_litres(kind, class)) {
            *sum += bound * u64::from(count);
        }
    }
    let count = f64::from(
        mix.iter()
            .fold(0_u32, |sum, n| sum.saturating_add(*n))
            .max(1),
    );
    sums.map(|sum| (sum as f64 / count).round() as u64)
}

/// Litres of one object of a size: lower bound, value, upper bound.
fn class_litres(kind: &Kind, class: SizeClass) -> [u64; 3] {
    let [small, usual, large] = match kind {
        Kind::Known(item) => [item.bounds.0, item.volume, item.bounds.1].map(litres),
        Kind::Other(_) => UNLISTED,
    };
    let value = match class {
        SizeClass::Small => small,
        SizeClass::Medium => usual,
        SizeClass::Large => large,
    };
    match (kind, class) {
        (Kind::Known(_), SizeClass::Small) => [small, value, usual],
        (Kind::Known(_), SizeClass::Medium) => [small, value, large],
        (Kind::Known(_), SizeClass::Large) => [usual, value, large],
        _ => [value / UNLISTED_FACTOR, value, value * UNLISTED_FACTOR],
    }
}

/// A share with no more than two decimals.
pub fn hundredths(share: f64) -> f64 {
    (share * 100.0).round() / 100.0
}

fn litres(cubic_metres: f64) -> u64 {
    (cubic_metres * 1000.0).round() as u64
}

/// m³ of litres, with no more than three decimals.
pub fn cubic_metres(litres: u64) -> f64 {
    litres as f64 / 1000.0
}

/// kg of units of 100 g, with no more than one decimal.
pub fn kilograms(weight: u64) -> f64 {
    weight as f64 / 10.0
}

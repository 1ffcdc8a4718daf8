//! One line of an inventory while it is being made, and when it is read in full. Volumes are whole litres and weights
//! whole 100 g, so that sums are exact and don't depend on an order.

use super::kind::{Kind, Place};
use crate::{
    evidence::SizeClass,
    inventory::{Conflict, Details, Flag, Line, Object},
    locale::Locale,
};

/// Litres of a small, a usual and a large object outside the catalogue: a carton, a chair, a cupboard.
pub const UNLISTED: [u64; 3] = [60, 250, 1000];

/// How far the volume of an object outside the catalogue may be off, either way.
pub const UNLISTED_FACTOR: u64 = 3;

/// Units of 100 g in a litre where no weight is known: the carriers' 7 lb per cu ft.
pub const UNLISTED_DENSITY: f64 = 1.12;

/// From this weight (units of 100 g) on, an object outside the catalogue is heavy: what one person should not lift.
pub const UNLISTED_HEAVY: u64 = 250;

/// How sure a spoken word alone makes us.
const SAID: f64 = 0.8;

/// From here on, a confidence is not worth telling. A model that says 0.9 is as sure.
const SURE: f64 = 0.895;

/// Objects of one kind in one place.
#[derive(Debug, Clone)]
pub struct Entry {
    pub place: Place,
    pub kind: Kind,
    /// How many small, usual and large ones.
    sizes: [u32; 3],
    /// Whether pictures show that they are fragile.
    pub fragile: bool,
    /// Whole seconds from the start of the film.
    pub seen_at: Option<u32>,
    pub said: bool,
    pub unsure: bool,
    pub confidence: f64,
    pub conflict: Option<Conflict>,
}

impl Entry {
    /// So many small, usual and large objects, of which nothing else is known.
    pub const fn new(kind: Kind, place: Place, sizes: [u32; 3]) -> Self {
        Self {
            place,
            kind,
            sizes,
            fragile: false,
            seen_at: None,
            said: false,
            unsure: false,
            confidence: 0.0,
            conflict: None,
        }
    }

    /// Notes that it was spoken of.
    pub fn hear(&mut self) {
        self.said = true;
        self.confidence = 1.0 - (1.0 - self.confidence) * (1.0 - SAID);
    }

    /// How many.
    pub fn quantity(&self) -> u32 {
        total(self.sizes)
    }

    /// Of all: lower bound, value, upper bound.
    pub fn litres(&self) -> [u64; 3] {
        let mut sums = litres(&self.kind, self.sizes);
        if let Some(Conflict::Again { least, most }) = self.conflict {
            let [low, ..] = &mut sums;
            *low =
                (*low as f64 * f64::from(least.min(most)) / f64::from(most.max(1))).round() as u64;
        }
        sums
    }

    /// Of all, in units of 100 g.
    pub fn weight(&self) -> u64 {
        let [_, litres, _] = self.litres();
        match &self.kind {
            Kind::Known(item) => {
                (litres as f64 / (item.volume * 1000.0) * item.weight * 10.0).round() as u64
            }
            Kind::Other(_) => (litres as f64 * UNLISTED_DENSITY).round() as u64,
        }
    }

    /// Whether a human has to decide.
    pub const fn is_open(&self) -> bool {
        self.unsure || self.conflict.is_some()
    }

    fn flags(&self) -> Vec<Flag> {
        let (fragile, heavy, dismantle) = match &self.kind {
            Kind::Known(item) => (item.fragile, item.heavy, item.dismantle),
            Kind::Other(_) => {
                let one = self.weight() / u64::from(self.quantity().max(1));
                (false, one >= UNLISTED_HEAVY, false)
            }
        };
        let flags = [
            (Flag::Fragile, fragile || self.fragile),
            (Flag::Heavy, heavy),
            (Flag::Dismantle, dismantle),
            (Flag::Unsure, self.unsure),
            (Flag::Contradiction, self.conflict.is_some()),
        ];
        let set = flags.into_iter().filter(|(_, set)| *set);
        set.map(|(flag, _)| flag).collect()
    }

    /// Its form in the result.
    pub fn line(&self) -> Line {
        let [_, value, _] = self.litres();
        let [small, _, large] = self.sizes;
        let usually = matches!(&self.kind, Kind::Known(item) if item.fragile);
        Line {
            quantity: self.quantity(),
            volume: cubic_metres(value),
            seen_at: self.seen_at,
            details: Details {
                small,
                large,
                fragile: self.fragile && !usually,
                said: self.said,
                unsure: self.unsure,
                confidence: (self.confidence < SURE).then(|| hundredths(self.confidence)),
                conflict: self.conflict,
            },
        }
    }

    /// Its form in full.
    pub fn object(&self, locale: Locale) -> Object {
        let [low, value, high] = self.litres();
        let quantity = self.quantity();
        Object {
            catalogue_id: self.kind.id(),
            name: self.kind.name(locale),
            room: self.place.id(),
            room_name: self.place.name(locale).to_owned(),
            quantity,
            unit_volume: cubic_metres(mean(value, quantity)),
            volume: cubic_metres(value),
            volume_range: [cubic_metres(low), cubic_metres(high)],
            weight_kg: kilograms(self.weight()),
            flags: self.flags(),
            seen_at: self.seen_at,
            said: self.said,
            confidence: (self.confidence < SURE).then(|| hundredths(self.confidence)),
            conflict: self.conflict,
        }
    }
}

/// Of so many small, usual and large ones: lower bound, value, upper bound.
pub fn litres(kind: &Kind, sizes: [u32; 3]) -> [u64; 3] {
    let classes = [SizeClass::Small, SizeClass::Medium, SizeClass::Large];
    let mut sums = [0_u64; 3];
    for (class, count) in classes.into_iter().zip(sizes) {
        for (sum, bound) in sums.iter_mut().zip(class_litres(kind, class)) {
            *sum = sum.saturating_add(bound.saturating_mul(count.into()));
        }
    }
    sums
}

/// How many there are in all.
pub fn total(sizes: [u32; 3]) -> u32 {
    sizes.iter().fold(0, |sum, n| sum.saturating_add(*n))
}

/// As many as `wanted`: the largest of them if that is fewer, and usual ones added if it is more.
pub fn resized(sizes: [u32; 3], wanted: u32) -> [u32; 3] {
    let [small, usual, large] = sizes;
    let extra = wanted.saturating_sub(total(sizes));
    let large = large.min(wanted);
    let usual = usual.min(wanted - large);
    let small = small.min(wanted - large - usual);
    [small, usual.saturating_add(extra), large]
}

/// Litres of one of so many.
fn mean(litres: u64, quantity: u32) -> u64 {
    (litres as f64 / f64::from(quantity.max(1))).round() as u64
}

/// Litres of one object of a size: lower bound, value, upper bound.
fn class_litres(kind: &Kind, class: SizeClass) -> [u64; 3] {
    let [small, usual, large] = match kind {
        Kind::Known(item) => [item.bounds.0, item.volume, item.bounds.1].map(whole_litres),
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
fn hundredths(share: f64) -> f64 {
    (share * 100.0).round() / 100.0
}

fn whole_litres(cubic_metres: f64) -> u64 {
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

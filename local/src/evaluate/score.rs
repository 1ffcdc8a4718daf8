//! How right an inventory is.

use std::ops::AddAssign;

use dodolens::domain::inventory::Inventory;
use serde::Serialize;

use super::truth::{Counts, Truth};

/// How right the inventories of some films are, together.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// How many films.
    pub films: u32,
    /// Things that there are.
    pub there: u32,
    /// Things that the inventories have.
    pub found: u32,
    /// Of these, those that there are, in their room.
    pub right: u32,
    /// How far the numbers of all kinds in all rooms are off, together.
    pub off: u32,
    /// Volume that there is, m³.
    pub true_volume: f64,
    /// How far the volumes of the films are off, together, m³.
    pub volume_off: f64,
    /// Films whose true volume lies within the range that the inventory gives.
    pub in_range: u32,
    /// Seconds from the last byte to the result, of all films.
    pub seconds: f64,
    /// Tokens that the models read and wrote.
    pub tokens: u64,
    /// What the models cost, US dollars.
    pub usd: f64,
}

impl Score {
    /// Of one film, whose result came after so many seconds.
    #[must_use]
    pub fn of(truth: &Truth, inventory: &Inventory, seconds: f64) -> Self {
        let found = counts(inventory);
        let of = |counts: &Counts, what| counts.get(what).copied().unwrap_or(0);
        let right = truth.counts.iter();
        let right = right
            .map(|(what, count)| of(&found, what).min(*count))
            .sum();
        let extra = found
            .keys()
            .filter(|what| !truth.counts.contains_key(*what));
        let off = truth.counts.keys().chain(extra);
        let off = off
            .map(|what| of(&found, what).abs_diff(of(&truth.counts, what)))
            .sum();
        let [low, high] = inventory.total_volume_range;
        let cost = &inventory.cost;
        Self {
            films: 1,
            there: truth.counts.values().sum(),
            found: inventory.rooms.iter().map(|room| room.quantity).sum(),
            right,
            off,
            true_volume: truth.volume,
            volume_off: (inventory.total_volume - truth.volume).abs(),
            in_range: u32::from((low..=high).contains(&truth.volume)),
            seconds,
            tokens: cost.input_tokens.saturating_add(cost.output_tokens),
            usd: cost.usd,
        }
    }

    /// Share of what there is that was found.
    #[must_use]
    pub fn recall(&self) -> f64 {
        share(self.right.into(), self.there.into())
    }

    /// Share of what was found that there is.
    #[must_use]
    pub fn precision(&self) -> f64 {
        share(self.right.into(), self.found.into())
    }

    /// How far the numbers are off, as a share of what there is.
    #[must_use]
    pub fn count_error(&self) -> f64 {
        share(self.off.into(), self.there.into())
    }

    /// How far the volumes are off, as a share of what there is.
    #[must_use]
    pub fn volume_error(&self) -> f64 {
        share(self.volume_off, self.true_volume)
    }

    /// Share of films whose true volume lies within the range that was given.
    #[must_use]
    pub fn calibration(&self) -> f64 {
        share(self.in_range.into(), self.films.into())
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.films += other.films;
        self.there += other.there;
        self.found += other.found;
        self.right += other.right;
        self.off += other.off;
        self.true_volume += other.true_volume;
        self.volume_off += other.volume_off;
        self.in_range += other.in_range;
        self.seconds += other.seconds;
        self.tokens = self.tokens.saturating_add(other.tokens);
        self.usd += other.usd;
    }
}

/// Kinds outside the catalogue have no truth to be held against, and stand under their names.
fn counts(inventory: &Inventory) -> Counts {
    let mut counts = Counts::new();
    for object in inventory.objects() {
        let id = object.catalogue_id.unwrap_or(object.name);
        let what = (object.room.unwrap_or_default(), id);
        *counts.entry(what).or_default() += object.quantity;
    }
    counts
}

/// 0 of nothing.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn truth(things: &[(&str, &str, u32)], volume: f64) -> Truth {
        let things = things.iter();
        let counts = things.map(|(room, id, count)| ((room.to_string(), id.to_string()), *count));
        Truth {
            counts: counts.collect(),
            volume,
        }
    }

    #[test]
    fn what_is_right_missing_and_invented_is_told_apart() {
        // The fixture has a sofa and two lamps in the living room, and a kiln somewhere.
        let truth = truth(
            &[
                ("living_room", "sofa_3_seat", 1),
                ("living_room", "lamp_floor", 3),
                ("kitchen", "oven", 1),
            ],
            2.5,
        );
        let mut score = Score::of(&truth, &fixture::inventory(), 4.0);
        assert_eq!((score.there, score.found, score.right), (5, 4, 3));
        assert!((score.recall() - 0.6).abs() < 1e-9 && (score.precision() - 0.75).abs() < 1e-9);
        // A lamp and the oven are missing, the kiln is too much.
        assert!((score.count_error() - 0.6).abs() < 1e-9);
        assert!((score.volume_error() - 0.27 / 2.5).abs() < 1e-9);
        assert!((score.calibration() - 1.0).abs() < 1e-9);
        score += score;
        assert_eq!((score.films, score.there, score.in_range), (2, 10, 2));
        assert!((score.recall() - 0.6).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_no_error() {
        let nothing = Score::default();
        assert_eq!(
            (
                nothing.recall(),
                nothing.precision(),
                nothing.volume_error()
            ),
            (0.0, 0.0, 0.0)
        );
    }
}

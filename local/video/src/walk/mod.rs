//! A walk through a home: one thing after the other comes into view, room after room. And the truth about it.

mod spec;
mod truth;

use std::collections::HashMap;

use dodolens_domain::catalogue::{ITEMS, Item, ROOMS, Room};
use fastrand::Rng;

pub use spec::{WalkError, WalkSpec};
pub use truth::{Kept, Truth};

use super::Placement;
use crate::markers::Marker;

/// What the chairs of a walk are.
const CHAIR: &str = "chair";

/// A walk: what is in view when.
#[derive(Debug, Clone)]
pub struct Walk {
    /// The things in the order in which they are passed, each with a number of its own among its like.
    pub placements: Vec<Placement>,
    /// How long it takes, seconds.
    pub seconds: f64,
    things: Vec<(&'static Room, &'static Item)>,
}

impl Walk {
    /// The same walk for the same specification.
    pub fn new(spec: &WalkSpec) -> Result<Self, WalkError> {
        spec.check()?;
        let things = things(spec);
        let mut like: HashMap<(&str, &str), u32> = HashMap::new();
        let mut placements = Vec::with_capacity(things.len());
        let step = spec.view / 2.0;
        for (place, (room, item)) in (0_u32..).zip(&things) {
            let number = like.entry((room.id, item.id)).or_default();
            *number += 1;
            let from = f64::from(place) * step;
            placements.push(Placement {
                // Never fails: markers take every id of the catalogue, and larger numbers than a walk has things.
                marker: Marker::new(item.id, room.id)
                    .and_then(|marker| marker.numbered(*number))
                    .map_err(|_| WalkError::Things)?,
                count: 1,
                window: Some((from, from + spec.view)),
            });
        }
        Ok(Self {
            placements,
            seconds: f64::from(spec.things + 1) * step,
            things,
        })
    }

    /// What there is in the home.
    #[must_use]
    pub fn truth(&self) -> Truth {
        Truth::of(&self.things)
    }
}

/// Room and kind of each thing, in their order.
fn things(spec: &WalkSpec) -> Vec<(&'static Room, &'static Item)> {
    let mut rng = Rng::with_seed(spec.seed);
    let mut rooms: Vec<&Room> = ROOMS.iter().collect();
    rng.shuffle(&mut rooms);
    let chair = dodolens_domain::catalogue::item(CHAIR);
    let thing = |place: u32| {
        let room = u64::from(place) * u64::from(spec.rooms) / u64::from(spec.things);
        let room = rooms.get(usize::try_from(room).ok()?)?;
        // Drawn for chairs too, so that the rest of the home is the same with them.
        let drawn = rng.choice(ITEMS)?;
        let item = chair.filter(|_| place < spec.chairs).unwrap_or(drawn);
        Some((*room, item))
    };
    (0..spec.things).filter_map(thing).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn walk(text: &str) -> Walk {
        Walk::new(&text.parse().unwrap()).unwrap()
    }

    #[test]
    fn two_things_are_in_view_at_once() {
        let walk = walk("things=90,rooms=9,view=4,seed=1");
        assert_eq!((walk.placements.len(), walk.seconds), (90, 182.0));
        for tenth_second in 0..1820 {
            let at = f64::from(tenth_second) / 10.0;
            let seen = walk.placements.iter().filter(|placement| {
                let (from, to) = placement.window.unwrap();
                (from..to).contains(&at)
            });
            let alone = !(2.0..180.0).contains(&at);
            assert_eq!(seen.count(), if alone { 1 } else { 2 }, "at {at} s");
        }
    }

    #[test]
    fn rooms_come_once_and_things_are_numbered() {
        let walk = walk("things=100,rooms=7,seed=3,chairs=6");
        let mut rooms: Vec<&str> = walk.placements.iter().map(|it| it.marker.room()).collect();
        rooms.dedup();
        assert_eq!(rooms.len(), 7);
        let distinct: BTreeSet<_> = walk.placements.iter().map(|it| &it.marker).collect();
        assert_eq!(distinct.len(), 100, "no thing twice");
        for (number, chair) in (1..=6).zip(&walk.placements) {
            assert_eq!(
                (chair.marker.item(), chair.marker.number()),
                ("chair", Some(number))
            );
        }
        for placement in &walk.placements {
            placement.check_catalogue().unwrap();
        }
    }

    #[test]
    fn the_seed_says_which_home() {
        assert_eq!(walk("seed=5").placements, walk("seed=5").placements);
        assert_ne!(walk("seed=5").placements, walk("seed=6").placements);
        let (with, without) = (walk("chairs=3").placements, walk("chairs=0").placements);
        assert_eq!(with[20..], without[20..], "the chairs change nothing else");
    }
}

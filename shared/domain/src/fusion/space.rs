//! No more than a home can hold. A model may name anything: a billion sofas are not believed.
//!
//! Furnished homes hold 0.3 to 0.4 m³ of household goods a m² of floor (movers' rules of thumb); a large room has 40 m².

use std::collections::BTreeMap;

use super::{
    kind::{Kind, Place},
    sighting::{ByPlace, Sighting},
};

/// Litres of one kind that a room holds at most: 40 m² with 0.4 m³ on each.
const MOST_OF_A_KIND: u64 = 16_000;

/// Litres of all kinds that a room holds at most: half as much again.
const MOST_OF_ALL: u64 = 24_000;

/// How many rooms things of no known room may stand in.
const UNKNOWN_ROOMS: u64 = 5;

/// Counts of each kind in each room only what the room can hold. Of all kinds in it, those of which the fewest are named
/// come first.
pub fn cut(seen: &mut BTreeMap<Kind, ByPlace>) {
    let mut rooms = BTreeMap::<Place, Vec<(u32, &Kind, &mut Sighting)>>::new();
    for (kind, places) in seen {
        for (place, sighting) in places {
            let unit = sighting.unit(kind);
            sighting.cut(holds(MOST_OF_A_KIND, unit).max(1));
            let room = rooms.entry(*place).or_default();
            room.push((sighting.quantity(), kind, sighting));
        }
    }
    for (place, mut named) in rooms {
        named.sort_by(|(one, a, _), (other, b, _)| (one, a).cmp(&(other, b)));
        // What stands in no known room may stand in several.
        let share = if place == Place::UNKNOWN {
            UNKNOWN_ROOMS
        } else {
            1
        };
        let mut left = MOST_OF_ALL * share;
        for (quantity, kind, sighting) in named {
            let unit = sighting.unit(kind);
            let kept = quantity.min(holds(left, unit));
            left = left.saturating_sub(unit.saturating_mul(kept.into()));
            sighting.cut(kept);
        }
    }
}

/// How many of `unit` litres take up so many litres.
fn holds(litres: u64, unit: u64) -> u32 {
    u32::try_from(litres / unit).unwrap_or(u32::MAX)
}

//! In which room each thing stands, by the walk through the home: what stands in no known room is where its frames were
//! taken, and a bedroom that is not the first is another one.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::Place;
use crate::{
    catalogue,
    evidence::{Evidence, Thing},
};

/// A frame that shows no known room was taken in that of a frame this near, seconds.
const NEAR: f64 = 10.0;

/// Rooms of which a home may have several, each with the names of the further ones.
const SEVERAL: [&[&str]; 1] = [&["bedroom", "bedroom_2", "bedroom_3"]];

/// The place of each thing of `evidence`, in their order.
pub fn places(evidence: &Evidence) -> Vec<Place> {
    let walk = Walk::new(evidence);
    let things = evidence.things.iter();
    let mut places: Vec<Place> = things.map(|thing| walk.place_of(thing)).collect();
    for names in SEVERAL {
        walk.tell_apart(names, &evidence.things, &mut places);
    }
    places
}

/// When which room was filmed.
pub struct Walk {
    /// By frame; those of which it is not known have none.
    rooms: BTreeMap<usize, Place>,
}

impl Walk {
    /// By the rooms of the things in each frame: the one that most of them name.
    pub fn new(evidence: &Evidence) -> Self {
        let mut votes = BTreeMap::<usize, BTreeMap<Place, u32>>::new();
        for thing in &evidence.things {
            for sight in &thing.seen {
                let votes = votes.entry(sight.frame).or_default();
                if thing.room.is_some() {
                    *votes.entry(Place::of(thing.room)).or_default() += 1;
                }
            }
        }
        let voted: BTreeMap<usize, Place> = votes
            .iter()
            .filter_map(|(frame, votes)| Some((*frame, most(votes)?)))
            .collect();
        let seconds = |frame: usize| evidence.frame_seconds.get(frame).copied();
        let near = |frame: usize| {
            let at = seconds(frame)?;
            let off = |other: &(&usize, &Place)| {
                let off = seconds(*other.0).map_or(f64::INFINITY, |other| (other - at).abs());
                (off <= NEAR).then_some(off)
            };
            let before = voted.range(..frame).next_back();
            let after = voted.range(frame..).next();
            let sides = [before, after].into_iter().flatten();
            let nearest = sides
                .filter_map(|side| Some((off(&side)?, *side.1)))
                .min_by(|(one, _), (other, _)| one.total_cmp(other));
            nearest.map(|(_, place)| place)
        };
        let silent = votes.iter().filter(|(_, votes)| votes.is_empty());
        let lent: Vec<_> = silent
            .filter_map(|(frame, _)| Some((*frame, near(*frame)?)))
            .collect();
        let mut rooms = voted;
        rooms.extend(lent);
        Self { rooms }
    }

    fn place_of(&self, thing: &Thing) -> Place {
        if thing.room.is_some() {
            return Place::of(thing.room);
        }
        let mut votes = BTreeMap::new();
        for sight in &thing.seen {
            if let Some(place) = self.rooms.get(&sight.frame) {
                *votes.entry(*place).or_default() += 1;
            }
        }
        most(&votes).unwrap_or(Place::UNKNOWN)
    }

    /// Successive frames of one room, in their order.
    pub fn visits(&self) -> Vec<(Place, BTreeSet<usize>)> {
        let mut visits: Vec<(Place, BTreeSet<usize>)> = Vec::new();
        for (frame, place) in &self.rooms {
            match visits.last_mut() {
                Some((last, frames)) if last == place => drop(frames.insert(*frame)),
                _ => visits.push((*place, BTreeSet::from([*frame]))),
            }
        }
        visits
    }

    /// Visits of a room that share nothing, each with a bed of its own, are visits of different rooms.
    fn tell_apart(&self, names: &[&str], things: &[Thing], places: &mut [Place]) {
        let named = |name: &&str| Place::of(catalogue::room(name));
        let Some(first) = names.first().map(named) else {
            return;
        };
        let visits = self.visits().into_iter();
        let visits = visits.filter(|(place, _)| *place == first);
        let mut rooms: Vec<BTreeSet<usize>> = Vec::new();
        for (_, frames) in visits {
            let here: BTreeSet<usize> = (0..things.len())
                .filter(|i| places.get(*i) == Some(&first))
                .filter(|i| {
                    things
                        .get(*i)
                        .is_some_and(|thing| is_seen_in(thing, &frames))
                })
                .collect();
            let has_bed = |room: &BTreeSet<usize>| {
                let mut all = room.iter().filter_map(|i| things.get(*i));
                all.any(|thing| thing.item.is_some_and(|item| item.id.starts_with("bed_")))
            };
            let known = rooms
                .iter_mut()
                .find(|room| !room.is_disjoint(&here) || !has_bed(room) || !has_bed(&here));
            match known {
                Some(room) => room.extend(here),
                None => rooms.push(here),
            }
        }
        let free = names
            .iter()
            .skip(1)
            .map(named)
            .filter(|name| !places.contains(name));
        let free: Vec<Place> = free.collect();
        for (room, name) in rooms.iter().skip(1).zip(free) {
            for i in room {
                if let Some(place) = places.get_mut(*i) {
                    *place = name;
                }
            }
        }
    }
}

fn is_seen_in(thing: &Thing, frames: &BTreeSet<usize>) -> bool {
    thing.seen.iter().any(|sight| frames.contains(&sight.frame))
}

/// The place with the most votes; none where two have as many.
fn most(votes: &BTreeMap<Place, u32>) -> Option<Place> {
    let most = *votes.values().max()?;
    let mut places = votes.iter().filter(|(_, count)| **count == most);
    let (place, _) = places.next()?;
    places.next().is_none().then_some(*place)
}

//! What one look says of one thing, and groups of such entries that are one thing: at most one of each look.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use crate::{
    catalogue::Room,
    evidence::{Sight, Thing},
    fusion::Kind,
};

/// What one look says of one thing.
#[derive(Debug, Clone)]
pub struct Entry {
    look: usize,
    thing: Thing,
    kind: Kind,
    /// The words that tell it from its like, in small letters.
    mark: BTreeSet<String>,
}

/// How much two groups are alike that can be one thing; the larger, the more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alike {
    same_kind: bool,
    same_room: bool,
    /// Words that both have, of all that either has, in percent.
    words: usize,
    /// How far apart their numbers are.
    difference: Reverse<u32>,
}

/// The entries of one look. Those of one kind in one room that nothing tells from each other are one entry; and so is what
/// is seen in a room at one time and in no known room at another.
pub fn of_look(look: usize, things: &[Thing]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::with_capacity(things.len());
    for thing in things.iter().filter(|thing| thing.count() > 0) {
        let entry = Entry {
            look,
            thing: thing.clone(),
            kind: Kind::of(thing.item, &thing.label),
            mark: words(&thing.mark),
        };
        let plain = |it: &&mut Entry| entry.mark.is_empty() && it.mark.is_empty();
        let mut alike = entries.iter_mut().filter(plain);
        match alike.find(|it| it.is_in_the_place_of(&entry) || it.is_it_again(&entry)) {
            Some(same) => same.add(&entry.thing),
            None => entries.push(entry),
        }
    }
    entries
}

impl Entry {
    fn is_in_the_place_of(&self, other: &Self) -> bool {
        let room = |entry: &Self| entry.thing.room.map(|room| room.id);
        self.kind == other.kind && room(self) == room(other)
    }

    /// Whether one of both stands in no known room, and no frame shows both.
    fn is_it_again(&self, other: &Self) -> bool {
        let frames: BTreeSet<usize> = counts(&self.thing).map(|(frame, _)| frame).collect();
        let apart = counts(&other.thing).all(|(frame, _)| !frames.contains(&frame));
        let known = self.thing.room.is_some() != other.thing.room.is_some();
        self.kind == other.kind && known && apart
    }

    fn add(&mut self, more: &Thing) {
        let again = self.thing.room.is_some() != more.room.is_some();
        let mut seen: BTreeMap<usize, u32> = counts(&self.thing).collect();
        for (frame, count) in counts(more) {
            let sum = seen.entry(frame).or_default();
            *sum = sum.saturating_add(count);
        }
        if !again {
            for (mine, more) in self.thing.sizes.iter_mut().zip(more.sizes) {
                *mine = mine.saturating_add(more);
            }
        } else if more.count() > self.thing.count() {
            self.thing.sizes = more.sizes;
        }
        self.thing.room = self.thing.room.or(more.room);
        self.thing.seen = sights(seen);
        self.thing.fragile |= more.fragile;
        self.thing.confidence = self.thing.confidence.min(more.confidence);
    }
}

/// As much as two groups are alike that are seen in one frame of `shared`, the one by the look `second`, the other by the
/// look before.
pub fn seen_together(
    one: &[Entry],
    other: &[Entry],
    second: usize,
    shared: &Range<usize>,
) -> Option<Alike> {
    let by = |group: &[Entry], look: usize| -> BTreeSet<usize> {
        let entries = group.iter().filter(|entry| entry.look == look);
        let seen = entries.flat_map(|entry| &entry.thing.seen);
        let frames = seen.map(|sight| sight.frame);
        frames.filter(|frame| shared.contains(frame)).collect()
    };
    let first = second.checked_sub(1)?;
    let together = |a, b| !by(one, a).is_disjoint(&by(other, b));
    (together(first, second) || together(second, first)).then_some(())?;
    alike(one, other)
}

/// As much as two groups are alike that are told from their like by the same words, or by none.
pub fn told_alike(one: &[Entry], other: &[Entry]) -> Option<Alike> {
    let same = one
        .iter()
        .any(|entry| other.iter().any(|it| it.mark == entry.mark));
    let alike = alike(one, other).filter(|alike| same && alike.same_kind)?;
    compatible(one, other).then_some(alike)
}

/// Whether two groups, of which nothing is known but this, may be one thing.
pub fn may_be_one(one: &[Entry], other: &[Entry]) -> bool {
    is_kind_of(one, other) && compatible(one, other) && !share_a_look(one, other)
}

/// Whether one look tells of both.
pub fn share_a_look(one: &[Entry], other: &[Entry]) -> bool {
    let has = |look| other.iter().any(|entry| entry.look == look);
    one.iter().any(|entry| has(entry.look))
}

/// The look that saw it first.
pub fn first_look(group: &[Entry]) -> usize {
    group.iter().map(|entry| entry.look).min().unwrap_or(0)
}

/// What is known of it in all. The look that tells of most of them is believed in what it is and how many.
pub fn thing(group: &[Entry]) -> Option<Thing> {
    let best = group.iter().max_by(|one, other| believed(one, other))?;
    let mut seen = BTreeMap::<usize, u32>::new();
    for (frame, count) in group.iter().flat_map(|entry| counts(&entry.thing)) {
        let most = seen.entry(frame).or_default();
        *most = count.max(*most);
    }
    let doubt = group.iter().fold(1.0, |product: f32, entry| {
        product * (1.0 - entry.thing.confidence.clamp(0.0, 1.0))
    });
    Some(Thing {
        room: best.thing.room.or_else(|| room(group)),
        seen: sights(seen),
        fragile: group.iter().any(|entry| entry.thing.fragile),
        confidence: 1.0 - doubt,
        ..best.thing.clone()
    })
}

fn believed(one: &Entry, other: &Entry) -> Ordering {
    (one.thing.count().cmp(&other.thing.count()))
        .then(one.thing.confidence.total_cmp(&other.thing.confidence))
        .then(other.look.cmp(&one.look))
}

fn alike(one: &[Entry], other: &[Entry]) -> Option<Alike> {
    let same_kind = is_kind_of(one, other);
    let is_akin = one
        .iter()
        .any(|a| other.iter().any(|b| a.kind.is_akin(&b.kind)));
    if !same_kind && !is_akin {
        return None;
    }
    let mark = |group: &[Entry]| -> BTreeSet<String> {
        group
            .iter()
            .flat_map(|entry| &entry.mark)
            .cloned()
            .collect()
    };
    let (mine, theirs) = (mark(one), mark(other));
    let all = mine.union(&theirs).count().max(1);
    let count = |group: &[Entry]| group.iter().map(|entry| entry.thing.count()).max();
    Some(Alike {
        same_kind,
        same_room: compatible(one, other),
        words: mine.intersection(&theirs).count() * 100 / all,
        difference: Reverse(count(one).unwrap_or(0).abs_diff(count(other).unwrap_or(0))),
    })
}

fn is_kind_of(one: &[Entry], other: &[Entry]) -> bool {
    one.iter().any(|a| other.iter().any(|b| a.kind == b.kind))
}

/// Whether both may stand in one room.
fn compatible(one: &[Entry], other: &[Entry]) -> bool {
    match (room(one), room(other)) {
        (Some(one), Some(other)) => one.id == other.id,
        _ => true,
    }
}

fn room(group: &[Entry]) -> Option<&'static Room> {
    group.iter().find_map(|entry| entry.thing.room)
}

fn words(mark: &str) -> BTreeSet<String> {
    let words = mark.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn counts(thing: &Thing) -> impl Iterator<Item = (usize, u32)> + '_ {
    thing.seen.iter().map(|sight| (sight.frame, sight.count))
}

fn sights(seen: BTreeMap<usize, u32>) -> Vec<Sight> {
    let seen = seen.into_iter();
    seen.map(|(frame, count)| Sight { frame, count }).collect()
}

//! One list of physical things out of the answers to several looks at parts of the same video.
//!
//! Looks overlap: neighbours share some frames. Entries of two looks are one thing
//! 1. when both are seen in a frame that the looks share, and are paired there, the most alike first;
//! 2. when both are told from their like by the same words, or neither is told from its like at all.
//!
//! Two entries of one look never are: whoever looked has told them apart. What is left of one kind in one room is
//! [open](Open): it may be the same thing or another. Somebody has to be asked ([`Joining::settle`]); what nobody decides
//! is counted as different, and marked.

mod entry;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use self::entry::{Alike, Entry};
use super::evidence::Thing;

/// Most things about which one question is asked.
pub const MOST_OPEN: usize = 120;

/// What one look at some successive frames has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The frames that it was shown.
    pub frames: Range<usize>,
    /// Each physical thing once, with the numbers of the frames in the whole video.
    pub things: Vec<Thing>,
}

/// Something that may be the same as another open thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// Its number within the question.
    pub id: usize,
    /// The look in which it is seen first, from 0.
    pub look: usize,
    /// What is known of it.
    pub thing: Thing,
}

/// Answers that are being joined.
#[derive(Debug)]
pub struct Joining {
    /// Groups of entries that are one thing, by a number that stays.
    groups: BTreeMap<usize, Vec<Entry>>,
    /// The groups about which a question has been answered.
    decided: BTreeSet<usize>,
}

impl Joining {
    /// Joins what needs no question. `looks` are in the order of their frames.
    #[must_use]
    pub fn new(looks: &[Look]) -> Self {
        let entries = looks
            .iter()
            .enumerate()
            .flat_map(|(number, look)| entry::of_look(number, &look.things));
        let mut joining = Self {
            groups: entries.map(|entry| vec![entry]).enumerate().collect(),
            decided: BTreeSet::new(),
        };
        for (second, pair) in (1..).zip(looks.windows(2)) {
            if let [one, other] = pair {
                let shared = other.frames.start..one.frames.end.min(other.frames.end);
                joining.unite_alike(|a, b| entry::seen_together(a, b, second, &shared));
            }
        }
        joining.unite_alike(entry::told_alike);
        joining
    }

    /// Unites the groups that `alike` finds to be one thing, the most alike first.
    fn unite_alike(&mut self, alike: impl Fn(&[Entry], &[Entry]) -> Option<Alike>) {
        let mut pairs = Vec::new();
        for (one, entries) in &self.groups {
            for (other, others) in self.groups.range(one + 1..) {
                if let Some(alike) = alike(entries, others) {
                    pairs.push((alike, *one, *other));
                }
            }
        }
        pairs.sort_by(|(one, a, b), (other, c, d)| other.cmp(one).then((a, b).cmp(&(c, d))));
        let mut now: BTreeMap<usize, usize> = self.groups.keys().map(|id| (*id, *id)).collect();
        for (_, one, other) in pairs {
            // What has been united meanwhile may be alike no more.
            if let (Some(&a), Some(&b)) = (now.get(&one), now.get(&other))
                && let (Some(entries), Some(others)) = (self.groups.get(&a), self.groups.get(&b))
                && alike(entries, others).is_some()
                && self.unite(a, b)
            {
                now.values_mut()
                    .filter(|id| **id == b)
                    .for_each(|id| *id = a);
            }
        }
    }

    /// Makes the second group a part of the first, unless one look has told them apart.
    fn unite(&mut self, one: usize, other: usize) -> bool {
        let (Some(a), Some(b)) = (self.groups.get(&one), self.groups.get(&other)) else {
            return false;
        };
        if one == other || entry::share_a_look(a, b) {
            return false;
        }
        let others = self.groups.remove(&other).unwrap_or_default();
        self.groups.entry(one).or_default().extend(others);
        true
    }

    /// The things of which it is not known whether they are the same as another; empty when all is clear.
    #[must_use]
    pub fn open(&self) -> Vec<Open> {
        let open: BTreeSet<usize> = self.pairs().into_iter().flat_map(<[_; 2]>::from).collect();
        let open = open.into_iter().take(MOST_OPEN);
        open.filter_map(|id| {
            let entries = self.groups.get(&id)?;
            Some(Open {
                id,
                look: entry::first_look(entries),
                thing: entry::thing(entries)?,
            })
        })
        .collect()
    }

    /// Takes the answer to a question about `asked`: the ids of each list in `same` are one thing. What can't be is not
    /// believed. What was asked about and is in no list is a thing of its own.
    pub fn settle(&mut self, asked: &[Open], same: &[Vec<usize>]) {
        let asked: BTreeSet<usize> = asked.iter().map(|it| it.id).collect();
        let may_be: BTreeSet<(usize, usize)> = self.pairs().into_iter().collect();
        for ids in same {
            let mut ids: Vec<usize> = ids
                .iter()
                .copied()
                .filter(|id| asked.contains(id))
                .collect();
            ids.sort_unstable();
            if let Some((first, others)) = ids.split_first() {
                for other in others {
                    if may_be.contains(&(*first, *other)) {
                        self.unite(*first, *other);
                    }
                }
            }
        }
        self.decided.extend(asked);
    }

    /// The things, each once, in the order in which they are seen. Those of which it stays open whether they are the same
    /// as an earlier one are marked.
    #[must_use]
    pub fn things(&self) -> Vec<Thing> {
        let later = |(one, other): (usize, usize)| {
            let look = |id| {
                self.groups
                    .get(&id)
                    .map(|entries| entry::first_look(entries))
            };
            if look(other) < look(one) { one } else { other }
        };
        let again: BTreeSet<usize> = self.pairs().into_iter().map(later).collect();
        let mut things: Vec<Thing> = self
            .groups
            .iter()
            .filter_map(|(id, entries)| {
                Some(Thing {
                    perhaps_again: again.contains(id),
                    ..entry::thing(entries)?
                })
            })
            .collect();
        things.sort_by_key(|thing| thing.seen.first().map(|sight| sight.frame));
        things
    }

    /// Pairs of groups that may be one thing, the smaller number first.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for (one, entries) in &self.groups {
            for (other, others) in self.groups.range(one + 1..) {
                let decided = self.decided.contains(one) && self.decided.contains(other);
                if !decided && entry::may_be_one(entries, others) {
                    pairs.push((*one, *other));
                }
            }
        }
        pairs
    }
}

/// Joins `looks` without a question.
#[must_use]
pub fn join(looks: &[Look]) -> Vec<Thing> {
    Joining::new(looks).things()
}

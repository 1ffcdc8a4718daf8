//! What was said of one kind of object, and of which place it was said.

use std::collections::BTreeMap;

use super::{
    kind::Place,
    sighting::{ByPlace, Sighting},
};
use crate::evidence::{Cue, Decision, MAX_COUNT};

/// How many are said to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leave {
    Number(u32),
    All,
}

/// What was said of the objects of one kind in one place. Of two numbers for the same, the larger holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said {
    /// Said to come along: how many, 0 where no number was said.
    pub take: Option<u32>,
    /// Said to be undecided: how many, 0 where no number was said.
    pub unsure: Option<u32>,
    /// Said to stay.
    pub leave: Option<Leave>,
}

impl Said {
    fn add(&mut self, cue: &Cue) {
        let count = cue.count.map(|count| count.clamp(1, MAX_COUNT));
        match cue.decision {
            Decision::Move => self.take = self.take.max(Some(count.unwrap_or(0))),
            Decision::Unsure => self.unsure = self.unsure.max(Some(count.unwrap_or(0))),
            Decision::Leave => {
                self.leave = self
                    .leave
                    .max(Some(count.map_or(Leave::All, Leave::Number)));
            }
        }
    }

    /// Whether it was said that they come, or may come.
    pub fn claimed(&self) -> bool {
        self.take.is_some() || self.unsure.is_some()
    }

    /// How many were said to come, or that they may; 0 where no number was said.
    pub fn number(&self) -> u32 {
        self.take.max(self.unsure).unwrap_or(0)
    }

    /// Whether anything was said at all.
    pub fn anything(&self) -> bool {
        self.claimed() || self.leave.is_some()
    }
}

/// What was seen and said of one kind in one place.
#[derive(Debug, Default)]
pub struct Row {
    pub seen: Option<Sighting>,
    pub said: Said,
}

impl Row {
    /// How many were seen.
    pub fn quantity(&self) -> u32 {
        self.seen.as_ref().map_or(0, Sighting::quantity)
    }
}

/// What is known of one kind.
#[derive(Debug, Default)]
pub struct Account {
    pub rows: BTreeMap<Place, Row>,
    /// What was said of no place in particular, while there are several.
    pub anywhere: Said,
}

impl Account {
    /// Brings together what was seen and said; in whatever order it was said.
    pub fn new(seen: ByPlace, cues: &[&Cue]) -> Self {
        let rows = seen.into_iter().map(|(place, seen)| {
            let said = Said::default();
            (
                place,
                Row {
                    seen: Some(seen),
                    said,
                },
            )
        });
        let mut account = Self {
            rows: rows.collect(),
            anywhere: Said::default(),
        };
        let (leaving, coming): (Vec<&Cue>, Vec<&Cue>) =
            cues.iter().partition(|cue| cue.decision == Decision::Leave);
        let (lost, placed): (Vec<&Cue>, Vec<&Cue>) = coming
            .into_iter()
            .partition(|cue| Place::of(cue.room) == Place::UNKNOWN);
        for cue in placed {
            account
                .rows
                .entry(Place::of(cue.room))
                .or_default()
                .said
                .add(cue);
        }
        let all: Vec<Place> = account.rows.keys().copied().collect();
        for cue in lost {
            account.add(cue, Place::UNKNOWN, &all);
        }
        let all: Vec<Place> = account.rows.keys().copied().collect();
        let free: Vec<Place> = account
            .rows
            .iter()
            .filter(|(_, row)| row.seen.is_some() && !row.said.claimed())
            .map(|(place, _)| *place)
            .collect();
        for cue in leaving {
            let place = Place::of(cue.room);
            if place == Place::UNKNOWN {
                account.add(cue, place, &all);
            } else if all.contains(&place) {
                account.add(cue, place, &[place]);
            } else {
                // Said of a room where there is none: it is meant of those elsewhere that nobody has claimed.
                account.add(cue, place, &free);
            }
        }
        account
    }

    /// Notes what was said of whichever of `candidates` it is meant; of `place` when there is none.
    fn add(&mut self, cue: &Cue, place: Place, candidates: &[Place]) {
        let said = match candidates {
            [] => &mut self.rows.entry(place).or_default().said,
            [only] => &mut self.rows.entry(*only).or_default().said,
            _ => &mut self.anywhere,
        };
        said.add(cue);
    }
}

//! What becomes of the objects of one kind: how many move, how many stay, what a human should know.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    cues::{Account, Leave, Row, Said},
    entry::Entry,
    kind::{Kind, Place, clean},
    sighting::Sighting,
    texts,
};
use crate::{
    evidence::{Cue, MAX_COUNT},
    inventory::Conflict,
    locale::Locale,
};

/// Objects of one kind that stay.
#[derive(Debug, Clone)]
pub struct Stay {
    pub place: Place,
    pub kind: Kind,
    pub quantity: u32,
}

/// How much a remark matters, most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    Space,
    Contradicted,
    Differs,
    Again,
    Undecided,
    Quoted,
}

/// What was found of all kinds.
#[derive(Debug)]
pub struct Verdict {
    pub locale: Locale,
    pub entries: Vec<Entry>,
    pub staying: Vec<Stay>,
    pub remarks: Vec<(Rank, String)>,
}

/// What becomes of the objects in one place.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    moving: u32,
    staying: u32,
    /// How many were said to stay although all were said to come.
    contradicted: Option<u32>,
}

impl Share {
    fn of(row: &Row) -> Self {
        let (seen, number, claimed) = (row.quantity(), row.said.number(), row.said.claimed());
        let all = seen.max(number).max(u32::from(claimed));
        let (moving, staying) = match row.said.leave {
            None => (all, 0),
            Some(Leave::Number(n)) => (seen.saturating_sub(n).max(number), n),
            Some(Leave::All) if !claimed => (0, seen.max(1)),
            Some(Leave::All) if number < seen => (number, seen - number),
            Some(Leave::All) => (0, 0),
        };
        if claimed && moving == 0 {
            return Self {
                moving: all,
                staying: 0,
                contradicted: Some(if staying > 0 { staying } else { all }),
            };
        }
        Self {
            moving,
            staying,
            contradicted: None,
        }
    }
}

impl Verdict {
    /// Nothing yet.
    pub fn new(locale: Locale) -> Self {
        Self {
            locale,
            entries: Vec::new(),
            staying: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Adds one kind. `cues` are those of the kind.
    pub fn add(&mut self, kind: &Kind, account: &Account, cues: &[&Cue]) {
        let mut shares: BTreeMap<Place, Share> = account
            .rows
            .iter()
            .map(|(place, row)| (*place, Share::of(row)))
            .collect();
        leave_anywhere(account, &mut shares);
        take_anywhere(account, &mut shares);
        let differs = differing(&account.anywhere, total_seen(account));
        if let Some((seen, said)) = differs {
            self.remark_difference(kind, None, seen, said);
        }
        for (place, share) in &shares {
            self.add_place(kind, *place, share, account, differs);
        }
        self.quote(kind, cues);
    }

    /// `differs` is how many are seen and said of the kind in all places, where that is not the same.
    fn add_place(
        &mut self,
        kind: &Kind,
        place: Place,
        share: &Share,
        account: &Account,
        differs: Option<(u32, u32)>,
    ) {
        let row = account.rows.get(&place);
        let said = row.map(|row| row.said).unwrap_or_default();
        let here = differing(&said, row.map_or(0, Row::quantity));
        if let Some((seen, said)) = here {
            self.remark_difference(kind, Some(place), seen, said);
        }
        if share.staying > 0 {
            self.staying.push(Stay {
                place,
                kind: kind.clone(),
                quantity: share.staying,
            });
        }
        let seen = row.and_then(|row| row.seen.as_ref());
        let named = seen.and_then(|seen| seen.named);
        let what = self.what(kind, Some(place));
        if let (Some(named), Some(seen)) = (named, seen) {
            let text = texts::no_space(self.locale, &what, named, seen.quantity());
            self.remarks.push((Rank::Space, text));
        }
        if share.moving == 0 {
            return;
        }
        let mut entry = entry(kind, place, share.moving, seen);
        if said.anything() || account.anywhere.anything() {
            entry.hear();
        }
        let undecided = said.unsure.is_some() || account.anywhere.unsure.is_some();
        if undecided {
            entry.unsure = true;
        }
        if let Some(staying) = share.contradicted {
            let moving = share.moving;
            entry.conflict = Some(Conflict::Decision { moving, staying });
            let text = texts::contradicted(self.locale, &what, moving, staying);
            self.remarks.push((Rank::Contradicted, text));
        } else {
            if undecided {
                let text = texts::undecided(self.locale, &what);
                self.remarks.push((Rank::Undecided, text));
            }
            entry.conflict = here
                .or(differs)
                .map(|(seen, said)| Conflict::Quantity { seen, said });
        }
        if entry.conflict.is_none()
            && let Some(seen) = seen
        {
            entry.conflict = self.doubt(&what, share.moving, seen);
        }
        self.entries.push(entry);
    }

    /// What the pictures alone leave open of so many that move.
    fn doubt(&mut self, what: &str, moving: u32, seen: &Sighting) -> Option<Conflict> {
        if let Some(named) = seen.named {
            let counted = moving;
            return Some(Conflict::Space { named, counted });
        }
        let (least, most) = (seen.least(), seen.quantity());
        if least == most || moving != most {
            return None;
        }
        let text = texts::filmed_twice(self.locale, what, least, most);
        self.remarks.push((Rank::Again, text));
        Some(Conflict::Again { least, most })
    }

    fn remark_difference(&mut self, kind: &Kind, place: Option<Place>, seen: u32, said: u32) {
        let what = self.what(kind, place);
        let text = texts::differs(self.locale, &what, seen, said);
        self.remarks.push((Rank::Differs, text));
    }

    /// Passes on what the family said for the mover, each thing once.
    fn quote(&mut self, kind: &Kind, cues: &[&Cue]) {
        let quotes: BTreeSet<(Place, String)> = cues
            .iter()
            .filter_map(|cue| Some((Place::of(cue.room), clean(cue.remark.as_deref()?, 120))))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        for (place, text) in quotes {
            let what = self.what(kind, Some(place));
            let text = texts::quoted(self.locale, &what, &text);
            self.remarks.push((Rank::Quoted, text));
        }
    }

    fn what(&self, kind: &Kind, place: Option<Place>) -> String {
        let place = place.filter(|place| *place != Place::UNKNOWN);
        let room = place.map(|place| place.name(self.locale));
        texts::what(&kind.name(self.locale), room)
    }
}

/// So many that move, of which `seen` is what pictures show, if they do.
fn entry(kind: &Kind, place: Place, moving: u32, seen: Option<&Sighting>) -> Entry {
    let sizes = seen.map_or([0, moving, 0], |seen| seen.sizes(moving));
    let mut entry = Entry::new(kind.clone(), place, sizes);
    if let Some(seen) = seen {
        entry.fragile = seen.fragile;
        entry.seen_at = seen.at;
        entry.confidence = seen.confidence.unwrap_or(0.0);
    }
    entry
}

/// Lets stay what was said to stay of no place in particular, where nothing else was said, in the order of rooms.
fn leave_anywhere(account: &Account, shares: &mut BTreeMap<Place, Share>) {
    let said = &account.anywhere;
    let total: u32 = shares.values().map(|share| share.moving).sum();
    let mut left = match said.leave {
        None => return,
        Some(Leave::Number(n)) => n,
        Some(Leave::All) if said.claimed() && said.number() == 0 => {
            for share in shares.values_mut().filter(|share| share.moving > 0) {
                share.contradicted = Some(share.moving);
            }
            return;
        }
        Some(Leave::All) => total.saturating_sub(said.number()),
    };
    for (place, share) in shares.iter_mut() {
        if account
            .rows
            .get(place)
            .is_some_and(|row| !row.said.claimed())
        {
            let stays = share.moving.min(left);
            share.moving -= stays;
            share.staying += stays;
            left -= stays;
        }
    }
    if matches!(said.leave, Some(Leave::Number(_))) && left > 0 {
        shares.entry(Place::UNKNOWN).or_default().staying += left;
    }
}

/// Adds those that were said to come, of no place in particular, beyond what is there.
fn take_anywhere(account: &Account, shares: &mut BTreeMap<Place, Share>) {
    let total: u32 = shares.values().map(|share| share.moving).sum();
    let extra = account.anywhere.number().saturating_sub(total);
    if extra > 0 {
        let share = shares.entry(Place::UNKNOWN).or_default();
        share.moving = share.moving.saturating_add(extra).min(MAX_COUNT);
    }
}

/// How many are seen and how many said to be there, to come or to stay, where that is not the same.
fn differing(said: &Said, seen: u32) -> Option<(u32, u32)> {
    let number = said.number();
    let there = match said.leave {
        None => number,
        // Of the others, nothing is said.
        Some(Leave::Number(n)) if !said.claimed() => n.max(seen),
        Some(Leave::Number(n)) if number > 0 => number.saturating_add(n),
        Some(_) => return None,
    };
    (there > 0 && seen > 0 && there != seen).then_some((seen, there))
}

fn total_seen(account: &Account) -> u32 {
    account.rows.values().map(Row::quantity).sum()
}

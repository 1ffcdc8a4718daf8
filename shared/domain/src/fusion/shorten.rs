//! Keeps a result below [`MAX_JSON_BYTES`] without losing a volume, a weight or a count.
//!
//! A line takes some 28 bytes, so a home of ten rooms has a line for each of 120 kinds and still some remarks. Beyond that
//! the lines of least volume are grouped in one.

use std::collections::BTreeMap;

use super::{
    entry::{Entry, cubic_metres, kilograms},
    kind::Place,
    texts,
    transport::{ROAD, SEA},
    verdict::Stay,
};
use crate::{
    evidence::Gap,
    inventory::{
        Advice, Contents, Cost, Inventory, MAX_JSON_BYTES, NO_ROOM, Others, RoomLines, SCHEMA, Seen,
    },
    locale::Locale,
};

/// A result that can still be made shorter.
#[derive(Debug)]
pub struct Draft {
    pub locale: Locale,
    pub entries: Vec<Entry>,
    /// In the result's order.
    pub staying: Vec<Stay>,
    /// Those that matter most first.
    pub remarks: Vec<String>,
    pub degraded: Vec<Gap>,
    /// That which matters most first.
    pub advice: Vec<Advice>,
    pub coverage: Seen,
    pub cost: Cost,
}

/// Something of which a result can have less.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// Lines of what moves.
    Lines,
    /// Kinds of what stays that are named; the others are one.
    Staying,
    /// Remarks.
    Remarks,
    /// Pieces of advice.
    Advice,
}

/// What is cut, in this order, and down to what, before the next is; the last always suffices.
const CUTS: [(Part, usize); 9] = [
    (Part::Remarks, 6),
    (Part::Advice, 3),
    (Part::Lines, 60),
    (Part::Staying, 12),
    (Part::Lines, 12),
    (Part::Staying, 0),
    (Part::Advice, 0),
    (Part::Remarks, 0),
    (Part::Lines, 0),
];

/// How much there is of each part.
#[derive(Debug, Clone, Copy)]
struct Extent {
    lines: usize,
    staying: usize,
    remarks: usize,
    advice: usize,
}

impl Extent {
    const fn part(&mut self, part: Part) -> &mut usize {
        match part {
            Part::Lines => &mut self.lines,
            Part::Staying => &mut self.staying,
            Part::Remarks => &mut self.remarks,
            Part::Advice => &mut self.advice,
        }
    }
}

/// What some lines add up to.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    quantity: u32,
    litres: [u64; 3],
    weight: u64,
}

impl Sums {
    fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut sums = Self::default();
        entries.into_iter().for_each(|entry| sums.add(entry));
        sums
    }

    fn add(&mut self, entry: &Entry) {
        self.quantity = self.quantity.saturating_add(entry.quantity());
        for (sum, litres) in self.litres.iter_mut().zip(entry.litres()) {
            *sum = sum.saturating_add(litres);
        }
        self.weight = self.weight.saturating_add(entry.weight());
    }
}

impl Draft {
    /// The result with as much in it as fits.
    pub fn fit(mut self) -> Inventory {
        // The open ones, then the largest: what comes last is grouped first.
        self.entries
            .sort_by_key(|entry| std::cmp::Reverse((entry.is_open(), entry.litres()[1])));
        let mut extent = Extent {
            lines: self.entries.len(),
            staying: self.staying.len(),
            remarks: self.remarks.len(),
            advice: self.advice.len(),
        };
        for (part, floor) in CUTS {
            if self.fits(extent) {
                break;
            }
            *extent.part(part) = self.most(extent, part, floor);
        }
        self.inventory(extent)
    }

    /// The most of `part`, from what it is down to `floor`, with which the result fits; `floor` if it never does.
    fn most(&self, mut extent: Extent, part: Part, floor: usize) -> usize {
        let (mut fitting, mut too_much) = (floor, *extent.part(part));
        while fitting + 1 < too_much {
            let middle = fitting.midpoint(too_much);
            *extent.part(part) = middle;
            if self.fits(extent) {
                fitting = middle;
            } else {
                too_much = middle;
            }
        }
        fitting.min(too_much)
    }

    fn fits(&self, extent: Extent) -> bool {
        serde_json::to_vec(&self.inventory(extent)).is_ok_and(|json| json.len() < MAX_JSON_BYTES)
    }

    fn inventory(&self, extent: Extent) -> Inventory {
        let all = Sums::of(&self.entries);
        let (listed, grouped) = split(&self.entries, extent.lines);
        let (remarks, more_remarks) = split(&self.remarks, extent.remarks);
        let mut remarks = remarks.to_vec();
        if !grouped.is_empty() {
            remarks.insert(0, texts::grouped(self.locale, grouped.len()));
        }
        if !more_remarks.is_empty() {
            remarks.push(texts::more_remarks(self.locale, more_remarks.len()));
        }
        let (advice, _) = split(&self.advice, extent.advice);
        let [low, volume, high] = all.litres;
        Inventory {
            schema: SCHEMA.to_owned(),
            locale: self.locale,
            rooms: self.rooms(listed),
            others: others(grouped),
            staying: self.contents(extent.staying),
            total_volume: cubic_metres(volume),
            total_volume_range: [cubic_metres(low), cubic_metres(high)],
            total_weight_kg: kilograms(all.weight),
            vehicle: ROAD.choose(all.litres),
            container: SEA.choose(all.litres),
            remarks,
            degraded: self.degraded.clone(),
            advice: advice.to_vec(),
            coverage: self.coverage,
            cost: self.cost.clone(),
        }
    }

    /// Every room with the sums of all that is in it, and with those lines that are listed.
    fn rooms(&self, listed: &[Entry]) -> Vec<RoomLines> {
        let mut rooms = BTreeMap::<Place, (Sums, BTreeMap<_, _>)>::new();
        for entry in &self.entries {
            let (sums, _) = rooms.entry(entry.place).or_default();
            sums.add(entry);
        }
        for entry in listed {
            let (_, things) = rooms.entry(entry.place).or_default();
            things.insert(entry.kind.key(self.locale), entry.line());
        }
        let rooms = rooms.into_iter();
        rooms
            .map(|(place, (sums, things))| RoomLines {
                room: place.id(),
                quantity: sums.quantity,
                volume: cubic_metres(sums.litres[1]),
                things,
            })
            .collect()
    }

    /// What stays, so many kinds of it by their names.
    fn contents(&self, named: usize) -> Contents {
        let (named, others) = split(&self.staying, named);
        let mut contents = Contents::new();
        let mut add = |place: String, key: String, quantity: u32| {
            let sum = contents.entry(place).or_default().entry(key).or_default();
            *sum = sum.saturating_add(quantity);
        };
        for stay in named {
            add(stay.place.key(), stay.kind.key(self.locale), stay.quantity);
        }
        for stay in others {
            let object = texts::OBJECT.get(self.locale).to_owned();
            add(NO_ROOM.to_owned(), object, stay.quantity);
        }
        contents
    }
}

fn others(grouped: &[Entry]) -> Option<Others> {
    let sums = Sums::of(grouped);
    let [low, volume, high] = sums.litres;
    (!grouped.is_empty()).then(|| Others {
        lines: grouped.len(),
        quantity: sums.quantity,
        volume: cubic_metres(volume),
        volume_range: [cubic_metres(low), cubic_metres(high)],
        weight_kg: kilograms(sums.weight),
    })
}

/// The first `count`, and the rest.
fn split<T>(all: &[T], count: usize) -> (&[T], &[T]) {
    all.split_at(count.min(all.len()))
}

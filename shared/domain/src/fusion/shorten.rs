//! Keeps a result below [`MAX_JSON_BYTES`] without losing a volume, a weight or a count.
//!
//! An entry with all its members takes some 240 bytes, so about a dozen fit beside the rest. The entries of least volume
//! share one entry whose contents name them in some 25 bytes each: sixty entries keep their kind, room, number and
//! volume.

use std::collections::BTreeMap;

use super::{
    entry::{Entry, cubic_metres, kilograms},
    group,
    kind::Place,
    texts,
    transport::{ROAD, SEA},
    verdict::Stay,
};
use crate::{
    evidence::Gap,
    inventory::{Cost, Inventory, MAX_JSON_BYTES, RoomTotal, SCHEMA},
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
    pub cost: Cost,
}

/// Something of which a result can have less.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// Times at which an entry is seen.
    Times,
    /// Entries with all their members.
    Entries,
    /// Names of the others, and of what stays without a line of its own.
    Named,
    /// Lines of what stays, all but the last with a line of their own.
    Staying,
    /// Remarks.
    Remarks,
}

/// What is cut, in this order, and down to what, before the next is; the last always suffices.
const CUTS: [(Part, usize); 9] = [
    (Part::Times, 1),
    (Part::Entries, 10),
    (Part::Remarks, 6),
    (Part::Staying, 6),
    (Part::Entries, 4),
    (Part::Named, 0),
    (Part::Staying, 0),
    (Part::Remarks, 0),
    (Part::Entries, 0),
];

/// Times at which an entry is seen that a short result tells.
const TIMES: usize = 6;

/// How much there is of each part.
#[derive(Debug, Clone, Copy)]
struct Extent {
    times: usize,
    entries: usize,
    named: usize,
    staying: usize,
    remarks: usize,
}

impl Extent {
    const fn part(&mut self, part: Part) -> &mut usize {
        match part {
            Part::Times => &mut self.times,
            Part::Entries => &mut self.entries,
            Part::Named => &mut self.named,
            Part::Staying => &mut self.staying,
            Part::Remarks => &mut self.remarks,
        }
    }
}

impl Draft {
    /// The result with as much in it as fits.
    pub fn fit(mut self) -> Inventory {
        // The open ones, then the largest: what comes last is grouped first.
        self.entries
            .sort_by_key(|entry| std::cmp::Reverse((entry.is_open(), entry.litres[1])));
        let mut extent = Extent {
            times: TIMES,
            entries: self.entries.len(),
            named: self.entries.len(),
            staying: self.staying.len(),
            remarks: self.remarks.len(),
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
        let locale = self.locale;
        let mut sums = [0_u64; 3];
        let mut weight = 0_u64;
        for entry in &self.entries {
            for (sum, litres) in sums.iter_mut().zip(entry.litres) {
                *sum = sum.saturating_add(litres);
            }
            weight = weight.saturating_add(entry.weight);
        }
        let (listed, grouped) = split(&self.entries, extent.entries);
        let (named, unnamed) = split(grouped, extent.named);
        let mut listed: Vec<&Entry> = listed.iter().collect();
        listed.sort_by(|a, b| (a.place, &a.kind).cmp(&(b.place, &b.kind)));
        let mut objects: Vec<_> = listed
            .iter()
            .map(|entry| entry.object(locale, extent.times))
            .collect();
        let (staying, more_staying) = split(&self.staying, extent.staying);
        let mut staying: Vec<_> = staying.iter().map(|stay| stay.staying(locale)).collect();

        let (remarks, more_remarks) = split(&self.remarks, extent.remarks);
        let mut remarks = remarks.to_vec();
        if !grouped.is_empty() {
            objects.push(group::objects(grouped, named, locale));
            remarks.insert(0, texts::grouped(locale, grouped.len(), unnamed.len()));
        }
        if !more_staying.is_empty() {
            let (named, _) = split(more_staying, extent.named);
            staying.push(group::staying(more_staying, named, locale));
        }
        if !more_remarks.is_empty() {
            remarks.push(texts::more_remarks(locale, more_remarks.len()));
        }
        let [low, volume, high] = sums;
        Inventory {
            schema: SCHEMA.to_owned(),
            locale,
            objects,
            staying,
            rooms: self.rooms(),
            total_volume: cubic_metres(volume),
            total_volume_range: [cubic_metres(low), cubic_metres(high)],
            total_weight_kg: kilograms(weight),
            vehicle: ROAD.choose(sums, locale),
            container: SEA.choose(sums, locale),
            remarks,
            degraded: self.degraded.clone(),
            cost: self.cost.clone(),
        }
    }

    fn rooms(&self) -> Vec<RoomTotal> {
        let mut sums = BTreeMap::<Place, (u32, u64)>::new();
        for entry in &self.entries {
            let (quantity, litres) = sums.entry(entry.place).or_default();
            *quantity = quantity.saturating_add(entry.quantity);
            *litres = litres.saturating_add(entry.litres[1]);
        }
        sums.into_iter()
            .map(|(place, (quantity, litres))| RoomTotal {
                room: place.id(),
                name: place.name(self.locale).to_owned(),
                quantity,
                volume: cubic_metres(litres),
            })
            .collect()
    }
}

/// The first `count`, and the rest.
fn split<T>(all: &[T], count: usize) -> (&[T], &[T]) {
    all.split_at(count.min(all.len()))
}

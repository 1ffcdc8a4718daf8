//! Keeps a result below [`MAX_JSON_BYTES`] without losing a volume, a weight or a count.

use std::collections::BTreeMap;

use super::{
    entry::{Entry, cubic_metres, kilograms},
    kind::{Kind, Place},
    texts, vehicle,
    verdict::Stay,
};
use crate::domain::{
    evidence::Gap,
    inventory::{Cost, Inventory, MAX_JSON_BYTES, RoomTotal, SCHEMA},
    locale::Locale,
};

/// Of how many times an entry is seen the result tells.
const SEEN_AT: usize = 6;

/// More entries never fit, so we don't try.
const MOST_ENTRIES: usize = 26;

/// Below this, a list is not cut for the sake of objects.
const FEW: usize = 6;

/// A result that can still be made shorter.
#[derive(Debug)]
pub struct Draft {
    pub locale: Locale,
    pub entries: Vec<Entry>,
    pub staying: Vec<Stay>,
    /// Those that matter most first.
    pub remarks: Vec<String>,
    pub degraded: Vec<Gap>,
    pub cost: Cost,
}

impl Draft {
    /// The result with as much in it as fits.
    pub fn fit(mut self) -> Inventory {
        self.drop_tail();
        let mut seen_at = SEEN_AT;
        loop {
            let inventory = self.inventory(seen_at);
            let fits = serde_json::to_vec(&inventory).is_ok_and(|json| json.len() < MAX_JSON_BYTES);
            if fits {
                return inventory;
            }
            if seen_at > 0 {
                seen_at = usize::from(seen_at > 1);
            } else if !self.shorten() {
                return inventory;
            }
        }
    }

    /// Takes the least valuable thing out; false when nothing is left to take.
    fn shorten(&mut self) -> bool {
        (self.remarks.len() > FEW && self.remarks.pop().is_some())
            || (self.staying.len() > FEW && self.group_staying())
            || self.group_in_room()
            || self.group_rooms()
            || self.group_staying()
            || self.remarks.pop().is_some()
    }

    /// Groups, room by room, all but the entries of most volume and those to be decided.
    fn drop_tail(&mut self) {
        self.entries
            .sort_by_key(|entry| std::cmp::Reverse((entry.doubted(), entry.litres[1])));
        let tail = self.entries.split_off(self.entries.len().min(MOST_ENTRIES));
        let mut groups = BTreeMap::<Place, Entry>::new();
        for entry in tail {
            match groups.get_mut(&entry.place) {
                Some(group) => group.absorb(entry),
                None => {
                    groups.insert(entry.place, entry);
                }
            }
        }
        self.entries.extend(groups.into_values());
        self.sort();
    }

    /// Groups the entry of least volume that is not alone in its room; one to be decided last.
    fn group_in_room(&mut self) -> bool {
        let mut in_room = BTreeMap::<Place, u32>::new();
        for entry in &self.entries {
            *in_room.entry(entry.place).or_default() += 1;
        }
        let smallest = (0..).zip(&self.entries).filter(|(_, entry)| {
            entry.kind != Kind::Group && in_room.get(&entry.place).is_some_and(|count| *count > 1)
        });
        let Some((index, _)) = smallest.min_by_key(|(_, entry)| (entry.doubted(), entry.litres[1]))
        else {
            return false;
        };
        let entry = self.entries.remove(index);
        let partner = self
            .entries
            .iter_mut()
            .filter(|other| other.place == entry.place)
            .min_by_key(|other| (other.kind != Kind::Group, other.doubted(), other.litres[1]));
        if let Some(partner) = partner {
            partner.absorb(entry);
        }
        self.sort();
        true
    }

    /// Groups the two entries of least volume, of whatever room.
    fn group_rooms(&mut self) -> bool {
        if self.entries.len() < 2 {
            return false;
        }
        self.entries
            .sort_by_key(|entry| (entry.place != Place::UNKNOWN, entry.litres[1]));
        let mut two = self.entries.drain(..2);
        let (first, second) = (two.next(), two.next());
        drop(two);
        if let (Some(mut group), Some(entry)) = (first, second) {
            group.absorb(entry);
            group.place = Place::UNKNOWN;
            self.entries.push(group);
        }
        self.sort();
        true
    }

    /// Groups the last two things that stay.
    fn group_staying(&mut self) -> bool {
        if self.staying.len() < 2 {
            return false;
        }
        let last = self.staying.split_off(self.staying.len() - 2);
        self.staying.push(Stay {
            place: Place::UNKNOWN,
            kind: Kind::Group,
            quantity: last
                .iter()
                .fold(0, |sum, stay| sum.saturating_add(stay.quantity)),
        });
        true
    }

    fn sort(&mut self) {
        self.entries
            .sort_by(|a, b| (a.place, &a.kind).cmp(&(b.place, &b.kind)));
    }

    fn inventory(&self, seen_at: usize) -> Inventory {
        let locale = self.locale;
        let mut sums = [0_u64; 3];
        let mut weight = 0_u64;
        for entry in &self.entries {
            for (sum, litres) in sums.iter_mut().zip(entry.litres) {
                *sum = sum.saturating_add(litres);
            }
            weight = weight.saturating_add(entry.weight);
        }
        let [low, volume, high] = sums;
        Inventory {
            schema: SCHEMA.to_owned(),
            locale,
            objects: self
                .entries
                .iter()
                .map(|entry| entry.object(locale, seen_at))
                .collect(),
            staying: self
                .staying
                .iter()
                .map(|stay| stay.staying(locale))
                .collect(),
            rooms: self.rooms(),
            total_volume: cubic_metres(volume),
            total_volume_range: [cubic_metres(low), cubic_metres(high)],
            total_weight_kg: kilograms(weight),
            // Halfway from the usual to the largest: not all objects are large at once.
            vehicle: vehicle::choose(volume.midpoint(high), locale),
            remarks: self.remarks(),
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

    fn remarks(&self) -> Vec<String> {
        let grouped = self
            .entries
            .iter()
            .filter(|entry| entry.kind == Kind::Group);
        let kinds = grouped.fold(0_u32, |sum, entry| sum.saturating_add(entry.kinds));
        let note = (kinds > 0).then(|| texts::grouped(self.locale, kinds));
        note.into_iter()
            .chain(self.remarks.iter().cloned())
            .collect()
    }
}

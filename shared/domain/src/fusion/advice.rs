//! What would make the next film better.

use std::collections::BTreeMap;

use super::{
    entry::Entry,
    kind::{Kind, Place},
    rooms::Walk,
};
use crate::{
    catalogue,
    evidence::Evidence,
    inventory::{Advice, Topic},
    media::Fault,
};

/// A room is to be seen for as long as this, seconds.
const LONG_ENOUGH: f64 = 2.0;

/// Rooms in which things are kept that nobody thinks of.
const STORAGE: [&str; 5] = ["cellar", "attic", "garage", "pantry", "workshop"];

/// Furniture that hides what is in it.
const CUPBOARDS: [&str; 5] = ["wardrobe", "kitchen_", "sideboard", "dresser", "buffet"];

/// Most pieces of advice of one topic.
const MOST: usize = 3;

/// What there is to say of the film, most important first.
pub fn advice(evidence: &Evidence, entries: &[Entry]) -> Vec<Advice> {
    let mut all: Vec<Advice> = poor(evidence).chain(brief(evidence)).collect();
    if !evidence.things.is_empty() {
        all.extend(storage(evidence, entries));
        all.extend(cupboards(entries));
    }
    all.sort();
    let mut counts = BTreeMap::<Topic, usize>::new();
    all.retain(|advice| {
        let count = counts.entry(advice.about).or_default();
        *count += 1;
        *count <= MOST
    });
    all
}

fn poor(evidence: &Evidence) -> impl Iterator<Item = Advice> + '_ {
    evidence.coverage.poor.iter().map(|poor| Advice {
        about: match poor.why {
            Fault::Dark => Topic::Dark,
            Fault::Blurred => Topic::Blurred,
            Fault::Fast => Topic::Fast,
        },
        from: Some(whole(poor.when.start.as_secs_f64())),
        to: Some(whole(poor.when.end.as_secs_f64().ceil())),
        room: None,
    })
}

/// Rooms that are passed too fast. A picture stands for the time half way to its neighbours.
fn brief(evidence: &Evidence) -> Vec<Advice> {
    let seconds = &evidence.frame_seconds;
    let mut seen = BTreeMap::<Place, (f64, f64)>::new();
    for (place, frames) in Walk::new(evidence).visits() {
        for frame in frames {
            let Some(at) = seconds.get(frame) else {
                continue;
            };
            let before = frame.checked_sub(1).and_then(|frame| seconds.get(frame));
            let after = seconds.get(frame + 1);
            let half = |other: Option<&f64>| (other.unwrap_or(at) - at).abs() / 2.0;
            let (time, _) = seen.entry(place).or_insert((0.0, *at));
            *time += half(before) + half(after);
        }
    }
    let whole_film = seconds.last().copied().unwrap_or(0.0);
    let brief = seen
        .into_iter()
        .filter(|(_, (time, _))| *time < LONG_ENOUGH);
    brief
        .filter(|_| whole_film > 2.0 * LONG_ENOUGH)
        .filter_map(|(place, (time, at))| {
            Some(Advice {
                about: Topic::Brief,
                from: Some(whole(at)),
                to: Some(whole((at + time).ceil())),
                room: Some(place.id()?),
            })
        })
        .collect()
}

/// Nothing is known of a room where things are stored.
fn storage(evidence: &Evidence, entries: &[Entry]) -> Option<Advice> {
    let mut rooms = STORAGE.iter().map(|id| Place::of(catalogue::room(id)));
    let known = rooms.any(|place| {
        let said = evidence.cues.iter().any(|cue| Place::of(cue.room) == place);
        said || entries.iter().any(|entry| entry.place == place)
    });
    (!known).then_some(of(Topic::Storage))
}

/// There is furniture that hides what is in it, and no box is counted.
fn cupboards(entries: &[Entry]) -> Option<Advice> {
    let is = |entry: &Entry, names: &[&str]| match &entry.kind {
        Kind::Known(item) => names.iter().any(|name| item.id.starts_with(name)),
        Kind::Other(_) => false,
    };
    let closed = entries.iter().any(|entry| is(entry, &CUPBOARDS));
    let packed = entries.iter().any(|entry| is(entry, &["carton"]));
    (closed && !packed).then_some(of(Topic::Cupboards))
}

const fn of(about: Topic) -> Advice {
    Advice {
        about,
        from: None,
        to: None,
        room: None,
    }
}

const fn whole(seconds: f64) -> u32 {
    seconds as u32
}

//! From evidence to inventory: pure, total and deterministic. The order of things and cues makes no difference.
//!
//! Each physical thing is counted once ([`joining`](super::joining)). What was only said is added, what was said to stay
//! is taken out. Where pictures and speech differ the larger number holds, and the line and a remark tell both sides. No
//! more is counted than a home can hold.

mod advice;
mod cues;
mod entry;
mod found;
mod kind;
mod missing;
mod rooms;
mod shorten;
mod sighting;
mod space;
mod texts;
mod transport;
mod verdict;

#[cfg(test)]
pub(crate) mod docs;
#[cfg(test)]
mod tests;

pub(crate) use entry::Entry;
pub use found::{Found, FoundObject, found};
pub(crate) use kind::{Kind, Place};
pub(crate) use transport::class_of;

use std::collections::{BTreeMap, BTreeSet};

use self::{
    cues::Account,
    shorten::Draft,
    sighting::ByPlace,
    verdict::{Rank, Verdict},
};
use super::{
    evidence::{Cue, Evidence, Gap, Usage},
    inventory::{Cost, Inventory, Seen},
    locale::Locale,
};

/// How many of the family's own remarks are passed on.
const MOST_QUOTES: usize = 8;

/// Makes the inventory that `evidence` supports. Its JSON is shorter than
/// [`MAX_JSON_BYTES`](super::inventory::MAX_JSON_BYTES).
#[must_use]
pub fn fuse(evidence: &Evidence, locale: Locale, usage: Usage) -> Inventory {
    draft(judge(evidence, locale), evidence, usage).fit()
}

/// What becomes of all that is known of.
fn judge(evidence: &Evidence, locale: Locale) -> Verdict {
    let mut seen = sighting::collect(evidence);
    space::cut(&mut seen);
    let mut said = BTreeMap::<Kind, Vec<&Cue>>::new();
    for cue in &evidence.cues {
        said.entry(meant(cue, &seen)).or_default().push(cue);
    }
    let kinds: BTreeSet<Kind> = seen.keys().chain(said.keys()).cloned().collect();

    let mut verdict = Verdict::new(locale);
    for kind in &kinds {
        let cues = said.get(kind).map_or(&[][..], Vec::as_slice);
        let mut by_place = seen.remove(kind).unwrap_or_default();
        let places = cues.iter().map(|cue| Place::of(cue.room));
        sighting::settle(
            &mut by_place,
            &places.filter(|place| *place != Place::UNKNOWN).collect(),
        );
        verdict.add(kind, &Account::new(by_place, cues), cues);
    }
    verdict
}

/// The kind of which something was said. A word that may mean several kinds means the one that is seen, in the room of
/// which it was said if it was said of one.
fn meant(cue: &Cue, seen: &BTreeMap<Kind, ByPlace>) -> Kind {
    let said = Kind::of(cue.item, &cue.label);
    let place = Place::of(cue.room);
    let here = |places: &ByPlace| {
        place == Place::UNKNOWN
            || places.contains_key(&place)
            || places.contains_key(&Place::UNKNOWN)
    };
    if seen.contains_key(&said) {
        return said;
    }
    let mut akin = seen
        .iter()
        .filter(|(kind, places)| kind.is_akin(&said) && here(places));
    match (akin.next(), akin.next()) {
        (Some((only, _)), None) => only.clone(),
        _ => said,
    }
}

fn draft(verdict: Verdict, evidence: &Evidence, usage: Usage) -> Draft {
    let Verdict {
        locale,
        entries,
        mut staying,
        remarks,
    } = verdict;
    staying.sort_by(|a, b| (a.place, &a.kind).cmp(&(b.place, &b.kind)));
    let degraded: Vec<Gap> = missing::gaps(evidence).into_iter().collect();
    let advice = advice::advice(evidence, &entries);
    let nothing = entries.is_empty().then_some(texts::NOTHING);
    let (quotes, mut findings): (Vec<_>, Vec<_>) = remarks
        .into_iter()
        .partition(|(rank, _)| *rank == Rank::Quoted);
    findings.sort_by_key(|(rank, _)| *rank);
    Draft {
        locale,
        entries,
        staying,
        remarks: degraded
            .iter()
            .map(|gap| missing::remark(*gap, evidence, locale))
            .chain(nothing.map(|text| text.get(locale).to_owned()))
            .chain(findings.into_iter().map(|(_, text)| text))
            .chain(quotes.into_iter().take(MOST_QUOTES).map(|(_, text)| text))
            .collect(),
        degraded,
        advice,
        coverage: Seen {
            pictures: evidence.frame_seconds.len(),
            longest_gap: (evidence.coverage.longest_gap.as_secs_f64() * 10.0).round() / 10.0,
        },
        cost: Cost {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            audio_seconds: usage.audio_seconds,
            usd: usage.cost.rounded_dollars(),
        },
    }
}

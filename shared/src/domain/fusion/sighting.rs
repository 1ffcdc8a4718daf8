//! What the pictures show, object kind by object kind and room by room.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::{Kind, Place};
use crate::domain::evidence::{Evidence, MAX_COUNT, SizeClass};

/// Objects of one kind in one place, over all frames.
#[derive(Debug, Clone, Default)]
pub struct Sighting {
    frames: BTreeMap<usize, InFrame>,
    /// When it is seen, in tenths of seconds.
    pub at: BTreeSet<u64>,
    /// Whether a model took it for fragile.
    pub fragile: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct InFrame {
    /// How many small, medium and large ones.
    counts: [u32; 3],
    confidence: f64,
}

impl InFrame {
    fn total(&self) -> u32 {
        self.counts.iter().fold(0, |sum, n| sum.saturating_add(*n))
    }
}

impl Sighting {
    /// How many there are: the same objects are seen again from frame to frame, so it is the most that one frame shows.
    pub fn quantity(&self) -> u32 {
        let most = self.frames.values().map(InFrame::total).max();
        most.unwrap_or(0).min(MAX_COUNT)
    }

    /// How many small, medium and large ones there are in the frame that shows most; of equals, the larger ones.
    pub fn mix(&self) -> [u32; 3] {
        let best = self.frames.values().max_by_key(|frame| {
            let [small, medium, large] = frame.counts;
            (frame.total(), large, medium, small)
        });
        best.map_or([0, 1, 0], |frame| frame.counts)
    }

    /// How sure we are that it is there: that not every frame is wrong.
    pub fn confidence(&self) -> f64 {
        let wrong = |product: f64, frame: &InFrame| product * (1.0 - frame.confidence);
        1.0 - self.frames.values().fold(1.0, wrong)
    }

    /// Adds objects that turned out to stand in the same place.
    fn merge(&mut self, other: Self) {
        for (frame, more) in other.frames {
            let mine = self.frames.entry(frame).or_default();
            for (count, more) in mine.counts.iter_mut().zip(more.counts) {
                *count = count.saturating_add(more);
            }
            mine.confidence = mine.confidence.max(more.confidence);
        }
        self.at.extend(other.at);
        self.fragile |= other.fragile;
    }
}

/// Objects of one kind by place.
pub type ByPlace = BTreeMap<Place, Sighting>;

/// Everything seen, by kind and place.
pub fn collect(evidence: &Evidence) -> BTreeMap<Kind, ByPlace> {
    let mut seen = BTreeMap::<Kind, ByPlace>::new();
    for observation in &evidence.observations {
        let counted = observation.count.clamp(1, MAX_COUNT);
        let counts = match observation.size {
            SizeClass::Small => [counted, 0, 0],
            SizeClass::Medium => [0, counted, 0],
            SizeClass::Large => [0, 0, counted],
        };
        let confidence = match f64::from(observation.confidence) {
            unknown if unknown.is_nan() => 0.0,
            confidence => confidence.clamp(0.0, 1.0),
        };
        let one = Sighting {
            frames: BTreeMap::from([(observation.frame, InFrame { counts, confidence })]),
            at: tenths(evidence.frame_seconds.get(observation.frame)),
            fragile: observation.fragile,
        };
        seen.entry(Kind::of(observation.item, &observation.label))
            .or_default()
            .entry(Place::of(observation.room))
            .or_default()
            .merge(one);
    }
    seen
}

/// Puts what was seen in no known room where the kind surely stands: in the one room where it is seen, or else the one
/// of which it is said.
pub fn settle(seen: &mut ByPlace, said: &BTreeSet<Place>) {
    let rooms: BTreeSet<Place> = seen
        .keys()
        .copied()
        .filter(|place| *place != Place::UNKNOWN)
        .collect();
    let rooms = if rooms.is_empty() { said } else { &rooms };
    let (Some(&only), 1) = (rooms.first(), rooms.len()) else {
        return;
    };
    if let Some(lost) = seen.remove(&Place::UNKNOWN) {
        seen.entry(only).or_default().merge(lost);
    }
}

fn tenths(seconds: Option<&f64>) -> BTreeSet<u64> {
    seconds
        .filter(|seconds| seconds.is_finite() && **seconds >= 0.0)
        .map(|seconds| (seconds * 10.0).round() as u64)
        .into_iter()
        .collect()
}

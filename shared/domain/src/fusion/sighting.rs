//! What the pictures show, object kind by object kind and room by room.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::{Kind, Place};
use crate::evidence::{Evidence, MAX_COUNT, SizeClass};

/// Objects of one kind in one place, over all frames.
#[derive(Debug, Clone, Default)]
pub struct Sighting {
    frames: BTreeMap<usize, InFrame>,
    /// When it is seen, in tenths of seconds.
    pub at: BTreeSet<u64>,
    /// Whether a model took it for fragile.
    pub fragile: bool,
    /// How many of them are counted in another place.
    elsewhere: u32,
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
        most.unwrap_or(0)
            .min(MAX_COUNT)
            .saturating_sub(self.elsewhere)
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
        let mut confidences: Vec<f64> =
            self.frames.values().map(|frame| frame.confidence).collect();
        // In an order of their own: rounding must not depend on how frames are numbered.
        confidences.sort_by(f64::total_cmp);
        1.0 - confidences
            .into_iter()
            .fold(1.0, |product, confidence| product * (1.0 - confidence))
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
    let rooms = rooms_by_frame(evidence);
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
            elsewhere: 0,
        };
        let place = match Place::of(observation.room) {
            Place::UNKNOWN => rooms
                .get(&observation.frame)
                .and_then(sole)
                .unwrap_or(Place::UNKNOWN),
            place => place,
        };
        seen.entry(Kind::of(observation.item, &observation.label))
            .or_default()
            .entry(place)
            .or_default()
            .merge(one);
    }
    seen
}

/// The known rooms of what is in each frame. Where it is one, that is where the whole frame was taken.
fn rooms_by_frame(evidence: &Evidence) -> BTreeMap<usize, BTreeSet<Place>> {
    let mut rooms = BTreeMap::<usize, BTreeSet<Place>>::new();
    for observation in &evidence.observations {
        if observation.room.is_some() {
            let place = Place::of(observation.room);
            rooms.entry(observation.frame).or_default().insert(place);
        }
    }
    rooms
}

fn sole(places: &BTreeSet<Place>) -> Option<Place> {
    places.first().copied().filter(|_| places.len() == 1)
}

/// Puts what was seen in no known room where the kind surely stands: in the one room where it is seen, or else the one
/// of which it is said. Where it is seen in several rooms, it is the same as in one of those, as far as it is no more.
pub fn settle(seen: &mut ByPlace, said: &BTreeSet<Place>) {
    let Some(mut lost) = seen.remove(&Place::UNKNOWN) else {
        return;
    };
    let rooms: BTreeSet<Place> = seen.keys().copied().collect();
    if let Some(only) = sole(if rooms.is_empty() { said } else { &rooms }) {
        seen.entry(only).or_default().merge(lost);
        return;
    }
    let most = seen.values().map(Sighting::quantity).max();
    lost.elsewhere = most.unwrap_or(0);
    if lost.quantity() > 0 {
        seen.insert(Place::UNKNOWN, lost);
    }
}

fn tenths(seconds: Option<&f64>) -> BTreeSet<u64> {
    seconds
        .filter(|seconds| seconds.is_finite() && **seconds >= 0.0)
        .map(|seconds| (seconds * 10.0).round() as u64)
        .into_iter()
        .collect()
}

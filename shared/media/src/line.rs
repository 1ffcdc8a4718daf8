//! A video laid out on a line on which no picture is long, so that a long still takes one picture, not most.

use super::pictures::Point;

/// The pictures on a line on which none is longer than a slice.
pub(super) struct Line<'a> {
    /// Where each picture begins, in order.
    places: Vec<(u64, &'a Point)>,
    /// Where the last one ends.
    pub(super) length: u64,
}

impl<'a> Line<'a> {
    /// The line of `points`, of which a slice is one of `slots`.
    pub(super) fn new(points: &'a [Point], slots: u64) -> Self {
        let mut longest = u64::MAX;
        // Closer and closer to the one length that is a slice of the sum; it falls fast at first, and need not be exact.
        for _ in 0..32 {
            let sum = points.iter().fold(0, |sum: u64, point| {
                sum.saturating_add(weight(point, longest))
            });
            let slice = (sum / slots.max(1)).max(1);
            if slice >= longest {
                break;
            }
            longest = slice;
        }
        let mut length = 0_u64;
        let place = |point: &'a Point| {
            let place = length;
            length = length.saturating_add(weight(point, longest));
            (place, point)
        };
        let places = points.iter().map(place).collect();
        Self { places, length }
    }

    /// Nearest to each of `wanted`, which rise, the picture that can be decoded alone, if it is no more than `far` off; each
    /// once.
    pub(super) fn keys(&self, wanted: &[u64], far: u64) -> Vec<(u64, &'a Point)> {
        let mut keys = self.places.iter().filter(|(_, point)| point.key).peekable();
        let Some(mut nearest) = keys.next() else {
            return Vec::new();
        };
        let mut near: Vec<(u64, &Point)> = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            while let Some(next) =
                keys.next_if(|next| next.0.abs_diff(*wanted) < nearest.0.abs_diff(*wanted))
            {
                nearest = next;
            }
            let again = near.last().is_some_and(|(place, _)| *place == nearest.0);
            if nearest.0.abs_diff(*wanted) <= far && !again {
                near.push(*nearest);
            }
        }
        near
    }

    /// Between the places `from` and `to`: the picture nearest to `wanted` that can be decoded alone, if it is no more than
    /// `far` off, else the picture shown at `wanted`, or the last before that can be decoded.
    pub(super) fn between(
        &self,
        from: Option<u64>,
        to: u64,
        wanted: u64,
        far: u64,
    ) -> Option<(u64, &'a Point)> {
        let first = from.map_or(0, |from| {
            self.places.partition_point(|(place, _)| *place <= from)
        });
        let last = self.places.partition_point(|(place, _)| *place < to);
        let inside = self.places.get(first..last)?;
        let near = |(place, _): &&(u64, &Point)| place.abs_diff(wanted);
        let keys = inside.iter().filter(|(_, point)| point.key);
        let key = keys.min_by_key(near).filter(|key| near(key) <= far);
        let before = inside.partition_point(|(place, _)| *place <= wanted);
        let mut before = inside.iter().take(before);
        let shown = before.rfind(|(_, point)| point.from.is_some());
        key.or(shown).copied()
    }
}

/// At least 1: a picture that is shown for no time at all is a picture.
fn weight(point: &Point, longest: u64) -> u64 {
    point.shown.length.clamp(1, longest)
}

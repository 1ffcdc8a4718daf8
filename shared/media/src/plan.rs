//! Which pictures to take, so that they cover the whole video.

use std::{collections::HashSet, ops::Range, time::Duration};

use super::pictures::{Pictures, Point};

/// A picture to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shot {
    /// Places in decoding order of the pictures to decode for it; the range ends with the wanted one.
    pub(super) decode: Range<u32>,
    /// Its time in the media, in units of the track: by it, the picture is found among those that are decoded.
    pub(super) pts: i64,
    /// When a player shows it, from the start of the video.
    pub(super) at: Duration,
}

/// The pictures to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// In the order in which a player shows them, which need not be that of the media; all different; at least one.
    pub(super) shots: Vec<Shot>,
    /// Whether other pictures must be decoded on the way, because there are too few that can be decoded alone.
    pub(super) chained: bool,
    /// When the last picture ends by the tables, whether it is in the file or not; gaps that no film has are closed.
    pub(super) duration: Duration,
    /// How much time one shot stands for. What does not change for long counts no more than this.
    pub(super) slice: Duration,
}

/// The pictures on a line on which none is longer than a slice: so a long still takes one shot, not most.
struct Line<'a> {
    points: &'a [Point],
    longest: u64,
    length: u64,
}

impl<'a> Line<'a> {
    fn new(points: &'a [Point], slots: u64) -> Self {
        let mut longest = u64::MAX;
        // Closer and closer to the one length that is a slice of the sum; it falls fast at first, and need not be exact.
        for _ in 0..32 {
            let sum = points.iter().fold(0, |sum: u64, point| {
                sum.saturating_add(weight(point, longest))
            });
            let slice = (sum / slots).max(1);
            if slice >= longest {
                break;
            }
            longest = slice;
        }
        let length = points.iter().fold(0, |sum: u64, point| {
            sum.saturating_add(weight(point, longest))
        });
        Self {
            points,
            longest,
            length,
        }
    }

    /// The pictures, each with where it begins.
    fn places(&self) -> impl Iterator<Item = (u64, &'a Point)> {
        let mut now = 0_u64;
        self.points.iter().map(move |point| {
            let place = now;
            now = now.saturating_add(weight(point, self.longest));
            (place, point)
        })
    }

    /// Nearest to each of `wanted`, which rise, the picture that can be decoded alone, and how far off it is.
    fn keys(&self, wanted: &[u64]) -> Vec<(u64, &'a Point)> {
        let mut keys = self.places().filter(|(_, point)| point.key).peekable();
        let Some(mut nearest) = keys.next() else {
            return Vec::new();
        };
        let near = |wanted: u64| {
            while let Some(next) =
                keys.next_if(|next| next.0.abs_diff(wanted) < nearest.0.abs_diff(wanted))
            {
                nearest = next;
            }
            (nearest.0.abs_diff(wanted), nearest.1)
        };
        wanted.iter().copied().map(near).collect()
    }

    /// The pictures shown at `wanted`, which rise, or the last before that can be decoded.
    fn exact(&self, wanted: &[u64]) -> Vec<&'a Point> {
        let mut places = self
            .places()
            .filter(|(_, point)| point.from.is_some())
            .peekable();
        let mut last = None;
        let at = |wanted: &u64| {
            while let Some((_, point)) = places.next_if(|(place, _)| place <= wanted) {
                last = Some(point);
            }
            last
        };
        wanted.iter().filter_map(at).collect()
    }
}

/// At least 1: a picture that is shown for no time at all is a picture.
fn weight(point: &Point, longest: u64) -> u64 {
    point.shown.length.clamp(1, longest)
}

impl Plan {
    /// Chooses at most `count` pictures around the middles of `count` equal slices of what is there: pictures that can be
    /// decoded alone when there are enough of them, else the pictures at just those times with all that must be decoded
    /// before them. `None` when there is nothing to decode.
    pub(super) fn choose(pictures: &Pictures, count: usize) -> Option<Self> {
        let slots = pictures.points.len().min(count) as u64;
        if slots == 0 {
            return None;
        }
        let line = Line::new(&pictures.points, slots);
        let middle =
            |i: u64| u128::from(line.length) * u128::from(2 * i + 1) / u128::from(2 * slots);
        let wanted: Vec<_> = (0..slots)
            .map(|i| u64::try_from(middle(i)).unwrap_or(u64::MAX))
            .collect();
        let slice = line.length / slots;
        let shot = |point: &Point, from: u32| Shot {
            decode: from..point.index.saturating_add(1),
            pts: point.pts,
            at: pictures.unit.duration(point.shown.at),
        };
        let near = line.keys(&wanted);
        let far = near.is_empty() || near.iter().any(|(off, _)| *off > slice);
        let keys = distinct(near.into_iter().map(|(_, point)| shot(point, point.index)));
        let exact = line
            .exact(&wanted)
            .into_iter()
            .filter_map(|point| Some(shot(point, point.from?)));
        let exact = distinct(exact);
        let chained = keys.len() < exact.len() && far;
        let shots = if chained { exact } else { keys };
        (!shots.is_empty()).then_some(Self {
            shots,
            chained,
            duration: pictures.unit.duration(pictures.end),
            slice: pictures.unit.duration(slice),
        })
    }
}

/// The shots, each once: a picture that is shown again says no more.
fn distinct(shots: impl Iterator<Item = Shot>) -> Vec<Shot> {
    let mut seen = HashSet::new();
    shots.filter(|shot| seen.insert(shot.decode.end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Unit, pictures::Packet};

    /// Pictures that last `lengths` milliseconds, every `gop`th a key.
    fn pictures(lengths: impl IntoIterator<Item = u32>, gop: u32) -> Pictures {
        let mut pts = 0;
        let packets: Vec<_> = (0..)
            .zip(lengths)
            .map(|(index, duration)| {
                pts += i64::from(duration);
                Packet {
                    index,
                    pts: pts - i64::from(duration),
                    duration,
                    key: index % gop == 0,
                }
            })
            .collect();
        Pictures::of_packets(&packets, Unit::per_second(1000), None)
    }

    /// `n` pictures a tenth of a second apart.
    fn even(n: usize, gop: u32) -> Pictures {
        pictures(vec![100; n], gop)
    }

    fn places(plan: &Plan) -> Vec<u32> {
        plan.shots.iter().map(|shot| shot.decode.end - 1).collect()
    }

    #[test]
    fn enough_keys_are_spread_over_the_whole_time() {
        let plan = Plan::choose(&even(1600, 25), 8).unwrap();
        assert_eq!(places(&plan), [100, 300, 500, 700, 900, 1100, 1300, 1500]);
        assert!(!plan.chained && plan.shots.iter().all(|shot| shot.decode.len() == 1));
        assert_eq!(plan.duration, Duration::from_secs(160));
        assert_eq!(plan.slice, Duration::from_secs(20));
        assert_eq!(plan.shots[3].at, Duration::from_secs(70));
    }

    #[test]
    fn few_keys_that_are_near_enough_are_taken_once_each() {
        let plan = Plan::choose(&even(1600, 250), 8).unwrap();
        assert!(!plan.chained);
        assert_eq!(places(&plan), [0, 250, 500, 750, 1000, 1250, 1500]);
    }

    #[test]
    fn too_few_keys_mean_decoding_up_to_the_exact_pictures() {
        let plan = Plan::choose(&even(1600, 9999), 8).unwrap();
        assert!(plan.chained);
        assert_eq!(plan.shots[0].decode, 0..101);
        assert_eq!(places(&plan), [100, 300, 500, 700, 900, 1100, 1300, 1500]);
    }

    #[test]
    fn short_and_empty_videos() {
        assert!(Plan::choose(&even(0, 1), 8).is_none());
        assert!(Plan::choose(&even(5, 1), 0).is_none());
        for n in [1, 3, 8] {
            assert_eq!(Plan::choose(&even(n, 1), 8).unwrap().shots.len(), n);
        }
    }

    #[test]
    fn a_still_takes_one_slice_however_long_it_is() {
        let jump = [vec![100; 200], vec![50_000], vec![100; 200]].concat();
        let plan = Plan::choose(&pictures(jump, 1), 8).unwrap();
        let before = places(&plan).iter().filter(|place| **place < 200).count();
        assert!(before >= 3, "{plan:?}");
        assert_eq!(plan.shots.len(), 8);
        assert_eq!(plan.duration, Duration::from_secs(90));
        // Three pictures, of which the last lasts for days.
        let plan = Plan::choose(&pictures([2000, 2000, 139_829_000], 1), 8).unwrap();
        assert_eq!(places(&plan), [0, 1, 2]);
        assert_eq!(plan.duration, Duration::from_secs(6));
    }
}

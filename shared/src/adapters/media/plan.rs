//! Which pictures to take, so that they cover the whole video.

use std::{ops::Range, time::Duration};

/// A picture of the video as the plan sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    /// Place in decoding order, from 0.
    pub(super) index: u32,
    /// When it is shown, in units of the time scale.
    pub(super) pts: i64,
    /// How long it lasts, in the same units.
    pub(super) duration: u32,
    /// Whether it can be decoded alone.
    pub(super) key: bool,
}

/// A picture to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shot {
    /// Places in decoding order of the pictures to decode for it; the range ends with the wanted one.
    pub(super) decode: Range<u32>,
    /// When it is shown, in units of the time scale.
    pub(super) pts: i64,
}

/// The pictures to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// In order of time, all different; at least one.
    pub(super) shots: Vec<Shot>,
    /// Whether other pictures must be decoded on the way, because there are too few that can be decoded alone.
    pub(super) chained: bool,
    /// When the first picture is shown.
    pub(super) start: i64,
    /// When the last picture ends.
    pub(super) end: i64,
}

#[derive(Debug, Clone, Default)]
struct Slot {
    /// The nearest picture that can be decoded alone, and how far off it is.
    key: Option<(u64, Point)>,
    /// The picture shown at the wanted time, and the latest key before it in decoding order.
    exact: Option<(Point, u32)>,
}

impl Plan {
    /// Chooses at most `count` pictures around the middles of `count` equal slices of the time in `visible`: pictures
    /// that can be decoded alone when there are enough of them, else the pictures at just those times with all that
    /// must be decoded before them. `None` when there is nothing to decode.
    pub(super) fn choose(
        points: impl Iterator<Item = Point> + Clone,
        visible: &Range<i64>,
        count: usize,
    ) -> Option<Self> {
        let shown = || points.clone().filter(|point| visible.contains(&point.pts));
        let (mut start, mut end) = (i64::MAX, i64::MIN);
        let mut slots = vec![Slot::default(); shown().take(count).count()];
        for point in shown() {
            start = start.min(point.pts);
            end = end.max(point.pts.saturating_add(i64::from(point.duration)));
        }
        if slots.is_empty() {
            return None;
        }
        let wanted = middles(start, end, slots.len());
        let mut latest_key = None;
        for point in points.clone() {
            if point.key {
                latest_key = Some(point.index);
            }
            if !visible.contains(&point.pts) {
                continue;
            }
            for (slot, wanted) in slots.iter_mut().zip(&wanted) {
                slot.offer(point, *wanted, latest_key);
            }
        }
        let slice = end.abs_diff(start) / slots.len() as u64;
        let keys = distinct(slots.iter().filter_map(|slot| {
            let (_, point) = slot.key?;
            Some(Shot {
                decode: point.index..point.index + 1,
                pts: point.pts,
            })
        }));
        let exact = distinct(slots.iter().filter_map(|slot| {
            let (point, key) = slot.exact?;
            Some(Shot {
                decode: key..point.index + 1,
                pts: point.pts,
            })
        }));
        let far = slots
            .iter()
            .any(|slot| slot.key.is_none_or(|(off, _)| off > slice));
        let chained = keys.len() < exact.len() && far;
        let shots = if chained { exact } else { keys };
        (!shots.is_empty()).then_some(Self {
            shots,
            chained,
            start,
            end,
        })
    }
}

impl Slot {
    fn offer(&mut self, point: Point, wanted: i64, latest_key: Option<u32>) {
        let off = point.pts.abs_diff(wanted);
        if point.key && self.key.is_none_or(|(best, _)| off < best) {
            self.key = Some((off, point));
        }
        if let Some(key) = latest_key
            && point.pts <= wanted
            && self.exact.is_none_or(|(best, _)| point.pts > best.pts)
        {
            self.exact = Some((point, key));
        }
    }
}

/// The middles of `count` equal slices of the time from `start` to `end`.
fn middles(start: i64, end: i64, count: usize) -> Vec<i64> {
    let (span, count) = (u128::from(end.abs_diff(start)), count as u128);
    (0..count)
        .map(|i| {
            let into = span * (2 * i + 1) / (2 * count);
            start.saturating_add_unsigned(u64::try_from(into).unwrap_or(u64::MAX))
        })
        .collect()
}

/// The shots in order of time, each once.
fn distinct(shots: impl Iterator<Item = Shot>) -> Vec<Shot> {
    let mut shots: Vec<_> = shots.collect();
    shots.sort_by_key(|shot| (shot.pts, shot.decode.end));
    shots.dedup_by_key(|shot| shot.pts);
    shots
}

/// `ticks` of a clock with `per_second` ticks a second; nothing is before 0.
pub(super) fn duration(ticks: i64, per_second: u32) -> Duration {
    let ticks = u64::try_from(ticks).unwrap_or(0);
    let rate = u64::from(per_second.max(1));
    let nanos = (ticks % rate) * 1_000_000_000 / rate;
    Duration::from_secs(ticks / rate) + Duration::from_nanos(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` pictures, 100 units apart, every `gop`th a key.
    fn points(n: u32, gop: u32) -> impl Iterator<Item = Point> + Clone {
        (0..n).map(move |index| Point {
            index,
            pts: i64::from(index) * 100,
            duration: 100,
            key: index % gop == 0,
        })
    }

    const ALL: Range<i64> = i64::MIN..i64::MAX;

    #[test]
    fn enough_keys_are_spread_over_the_whole_time() {
        let plan = Plan::choose(points(1600, 25), &ALL, 8).unwrap();
        let times: Vec<_> = plan.shots.iter().map(|shot| shot.pts / 100).collect();
        assert_eq!(times, [100, 300, 500, 700, 900, 1100, 1300, 1500]);
        assert!(!plan.chained && plan.shots.iter().all(|shot| shot.decode.len() == 1));
        assert_eq!((plan.start, plan.end), (0, 160_000));
    }

    #[test]
    fn few_keys_that_are_near_enough_are_taken_once_each() {
        let plan = Plan::choose(points(1600, 250), &ALL, 8).unwrap();
        assert!(!plan.chained);
        let times: Vec<_> = plan.shots.iter().map(|shot| shot.pts / 100).collect();
        assert_eq!(times, [0, 250, 500, 750, 1000, 1250, 1500]);
    }

    #[test]
    fn too_few_keys_mean_decoding_up_to_the_exact_pictures() {
        let plan = Plan::choose(points(1600, 9999), &ALL, 8).unwrap();
        assert!(plan.chained);
        let ends: Vec<_> = plan.shots.iter().map(|shot| shot.decode.clone()).collect();
        assert_eq!(ends.first(), Some(&(0..101)));
        assert_eq!(ends.last(), Some(&(0..1501)));
        assert_eq!(ends.len(), 8);
    }

    #[test]
    fn only_what_an_edit_shows_is_taken() {
        let plan = Plan::choose(points(1600, 25), &(80_000..100_000), 8).unwrap();
        assert!(
            plan.shots
                .iter()
                .all(|shot| (80_000..100_000).contains(&shot.pts))
        );
        assert_eq!(
            (plan.shots.len(), plan.start, plan.end),
            (8, 80_000, 100_000)
        );
    }

    #[test]
    fn short_and_empty_videos() {
        assert!(Plan::choose(points(0, 1), &ALL, 8).is_none());
        assert!(Plan::choose(points(5, 1), &ALL, 0).is_none());
        assert_eq!(Plan::choose(points(1, 1), &ALL, 8).unwrap().shots.len(), 1);
        assert_eq!(Plan::choose(points(3, 1), &ALL, 8).unwrap().shots.len(), 3);
    }

    #[test]
    fn ticks_become_time() {
        assert_eq!(duration(90_001, 90_000), Duration::new(1, 11_111));
        assert_eq!(duration(-1, 0), Duration::ZERO);
        assert_eq!(duration(i64::MAX, 1).as_secs(), i64::MAX as u64);
    }
}

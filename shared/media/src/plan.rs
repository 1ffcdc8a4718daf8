//! Which pictures to take, so that they cover the whole video.

use std::{collections::HashSet, ops::Range, time::Duration};

use super::{
    clock::Unit,
    gaps::gaps,
    line::Line,
    pictures::{Pictures, Point},
};

/// For how long one picture stands: a room that is walked through is seen two or three times.
pub(super) const SPACING: Duration = Duration::from_secs(2);
/// Pictures of a video however short it is.
pub(super) const FEWEST: usize = 8;

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

impl Shot {
    /// The picture `point`, decoded from the one at `from` on.
    pub(super) fn new(point: &Point, from: u32, unit: Unit) -> Self {
        Self {
            decode: from..point.index.saturating_add(1),
            pts: point.pts,
            at: unit.duration(point.shown.at),
        }
    }

    /// Whether no other picture need be decoded for it.
    pub(super) fn alone(&self) -> bool {
        self.decode.len() == 1
    }
}

/// The pictures to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// In the order in which a player shows them, which need not be that of the media; all different; at least one.
    pub(super) shots: Vec<Shot>,
    /// When the last picture ends by the tables, whether it is in the file or not; gaps that no film has are closed.
    pub(super) duration: Duration,
    /// How much time one shot stands for. What does not change for long counts no more than this.
    pub(super) slice: Duration,
}

/// How many pictures of a video of this length are kept, if they differ, and if no more than `frames` are allowed.
pub(super) fn wanted(length: Duration, frames: usize) -> usize {
    spaced(length).max(FEWEST).min(frames)
}

/// How many pictures of a video of this length are looked at for that: where fewer are allowed than it has, up to twice as
/// many, so that there is something to choose from.
pub(super) fn candidates(length: Duration, frames: usize) -> usize {
    let most = frames.saturating_mul(2);
    spaced(length).min(most).max(FEWEST.min(frames))
}

/// How many times [`SPACING`] a video of this length has begun.
fn spaced(length: Duration) -> usize {
    usize::try_from(length.as_nanos().div_ceil(SPACING.as_nanos())).unwrap_or(usize::MAX)
}

impl Plan {
    /// Chooses about `count` pictures (no more if they are [`FEWEST`], half as many again at most) around the middles of
    /// `count` equal slices of what is there: pictures that can be decoded alone where there are any near, and between those
    /// the pictures at just the times that make the gaps even, with all that must be decoded before each. `None` when there
    /// is nothing to decode.
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
        let mut chosen = line.keys(&wanted, slice.div_ceil(2));
        let most = if count > FEWEST { count / 2 } else { 0 } + count;
        let places: Vec<_> = chosen.iter().map(|(place, _)| *place).collect();
        for gap in gaps(&places, line.length, slice, most) {
            chosen.extend(
                gap.wanted()
                    .filter_map(|wanted| line.between(gap.after, gap.before, wanted, slice / 4)),
            );
        }
        chosen.sort_by_key(|(place, _)| *place);
        let shot = |point: &Point| {
            let from = if point.key {
                Some(point.index)
            } else {
                point.from
            };
            Some(Shot::new(point, from?, pictures.unit))
        };
        let shots = distinct(chosen.into_iter().filter_map(|(_, point)| shot(point)));
        (!shots.is_empty()).then_some(Self {
            shots,
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
    use proptest::{collection::btree_set, prelude::*};

    use super::*;
    use crate::pictures::Packet;

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
        assert!(plan.shots.iter().all(Shot::alone));
        assert_eq!(plan.duration, Duration::from_secs(160));
        assert_eq!(plan.slice, Duration::from_secs(20));
        assert_eq!(plan.shots[3].at, Duration::from_secs(70));
    }

    #[test]
    fn few_keys_that_are_near_enough_are_taken_once_each() {
        let plan = Plan::choose(&even(1600, 250), 8).unwrap();
        assert!(plan.shots.iter().all(Shot::alone));
        assert_eq!(places(&plan), [0, 250, 500, 750, 1000, 1250, 1500]);
    }

    #[test]
    fn a_single_key_means_decoding_up_to_the_exact_pictures_behind_it() {
        let plan = Plan::choose(&even(1600, 9999), 8).unwrap();
        assert_eq!(plan.shots[0].decode, 0..1);
        assert_eq!(plan.shots[1].decode, 0..213);
        assert_eq!(places(&plan), [0, 212, 425, 637, 850, 1062, 1275, 1487]);
    }

    #[test]
    fn between_keys_that_are_far_apart_there_are_exact_pictures() {
        // 100 s with a key every 7 s.
        let plan = Plan::choose(&even(1000, 70), 50).unwrap();
        let alone = plan.shots.iter().filter(|shot| shot.alone()).count();
        assert_eq!(alone, 15);
        assert_eq!(places(&plan)[..7], [0, 17, 35, 52, 70, 87, 105]);
        let from = |shot: &Shot| shot.decode.start;
        assert_eq!(
            Vec::from_iter(plan.shots.iter().take(6).map(from)),
            [0, 0, 0, 0, 70, 70]
        );
    }

    #[test]
    fn the_number_follows_the_length() {
        let seconds = Duration::from_secs;
        for (length, kept, looked_at) in [
            (1, 8, 8),
            (16, 8, 8),
            (17, 9, 9),
            (180, 90, 90),
            (192, 96, 96),
            (300, 96, 150),
            (3600, 96, 192),
        ] {
            assert_eq!(wanted(seconds(length), 96), kept, "{length}");
            assert_eq!(candidates(seconds(length), 96), looked_at, "{length}");
        }
        assert_eq!((wanted(seconds(60), 3), candidates(seconds(60), 3)), (3, 6));
        assert_eq!((wanted(seconds(5), 3), candidates(seconds(5), 3)), (3, 3));
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

    proptest! {
        #[test]
        fn no_moment_is_far_from_a_picture_and_they_are_not_too_many(
            seconds in 1_u32..400, keys in btree_set(0_u32..4000, 0..400), frames in 1_usize..100,
        ) {
            let mut film = even(seconds as usize * 10, 1);
            let mut last = 0;
            for point in &mut film.points {
                point.key = point.index == 0 || keys.contains(&point.index);
                last = if point.key { point.index } else { last };
                point.from = Some(last);
            }
            let count = candidates(film.length(), frames);
            let plan = Plan::choose(&film, count).unwrap();
            let most = if count > FEWEST { count + count / 2 } else { count };
            prop_assert!(plan.shots.len() <= most);
            prop_assert!(plan.shots.windows(2).all(|pair| pair[0].at < pair[1].at));
            if count > FEWEST {
                let times = plan.shots.iter().map(|shot| shot.at);
                let starts = std::iter::once(Duration::ZERO).chain(times.clone());
                let gaps = times.chain([plan.duration]).zip(starts).map(|(end, start)| end - start);
                let longest = gaps.max().unwrap_or_default();
                prop_assert!(longest <= plan.slice * 7 / 4, "{longest:?} of {:?}", plan.slice);
            }
        }
    }
}

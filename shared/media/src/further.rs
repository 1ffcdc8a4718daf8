//! Which pictures to take beyond those that were planned, when those have been looked at.

use std::{collections::HashSet, time::Duration};

use super::{
    alike::{distance, repeats},
    pictures::{Pictures, Point},
    plan::Shot,
    select::{blurred_below, is_poor},
    taking::Picture,
};

/// Of so many neighbours of a short film, so many show different things, if more than its few pictures are taken: 6 of 7.
const HURRIED: (usize, usize) = (6, 7);

/// Where something better, or something more, may be seen.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wishes {
    /// When pictures are shown that are too dark or too blurred.
    poor: Vec<Duration>,
    /// When two successive pictures are shown that do not show the same; those that share least first.
    between: Vec<(Duration, Duration)>,
}

impl Wishes {
    /// What is wished for when `seen`, which are in order of time, have been seen. Of a short film, only what is dark is
    /// looked at again, and more is taken only if nearly every picture shows something else.
    pub(super) fn new(seen: &[Picture], short: bool) -> Self {
        let limit = if short { None } else { blurred_below(seen) };
        let poor = seen.iter().filter(|picture| is_poor(picture, limit));
        let poor = poor.map(|picture| picture.frame.at).collect();
        let pair = |pair: &[Picture]| {
            let [a, b] = pair else { return None };
            let (first, second) = (a.look.as_ref()?, b.look.as_ref()?);
            let changed = !repeats(first, second) || !repeats(second, first);
            let apart = changed.then(|| distance(first, second))??;
            Some((apart, (a.frame.at, b.frame.at)))
        };
        let mut between: Vec<_> = seen.windows(2).filter_map(pair).collect();
        if short && between.len() * HURRIED.1 < seen.len().saturating_sub(1) * HURRIED.0 {
            between.clear();
        }
        between.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        Self {
            poor,
            between: between.into_iter().map(|(_, times)| times).collect(),
        }
    }

    /// At most `most` shots to fulfil that, of pictures that were not tried: for each poor one its nearest neighbours
    /// within half a `slice`, keys if there are any; then the key in the middle between two. `tried` are ends of shots.
    pub(super) fn shots(
        &self,
        pictures: &Pictures,
        slice: Duration,
        tried: &HashSet<u32>,
        most: usize,
    ) -> Vec<Shot> {
        let untried = |point: &&Point| !tried.contains(&point.index.saturating_add(1));
        let untried: Vec<_> = pictures.points.iter().filter(untried).collect();
        let time = |point: &Point| pictures.unit.duration(point.shown.at);
        let keys: Vec<_> = untried.iter().copied().filter(|point| point.key).collect();
        let near = |points: &[&Point], from: Duration, to: Duration, at: Duration| {
            let inside = points
                .iter()
                .filter(|point| (from..=to).contains(&time(point)));
            inside
                .copied()
                .min_by_key(|point| time(point).abs_diff(at))
                .copied()
        };
        let around = |points: &[&Point], at: Duration, wanted: Duration| {
            let (from, to) = (at.saturating_sub(slice / 2), at + slice / 2);
            let sides = [
                near(points, from, at, at.saturating_sub(wanted)),
                near(points, at, to, at + wanted),
            ];
            Vec::from_iter(sides.into_iter().flatten())
        };
        let better = self.poor.iter().flat_map(|at| {
            let keys = around(&keys, *at, Duration::ZERO);
            match keys.is_empty() {
                true => around(&untried, *at, slice / 4),
                false => keys,
            }
        });
        let more = self
            .between
            .iter()
            .filter_map(|(from, to)| near(&keys, *from, *to, (*from + *to) / 2));
        let mut taken = HashSet::new();
        better
            .chain(more)
            .filter(|point| taken.insert(point.index))
            .filter_map(|point| {
                let from = if point.key {
                    Some(point.index)
                } else {
                    point.from
                };
                Some(Shot::new(&point, from?, pictures.unit))
            })
            .take(most)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        alike::tests::room,
        clock::Unit,
        look::{
            Look,
            tests::{codes, drawn},
        },
        pictures::Packet,
        thin::tests::picture,
    };

    const SLICE: Duration = Duration::from_secs(2);

    /// Ten pictures a second for 20 s, with a key every so many.
    fn film(group: u32) -> Pictures {
        let packet = |index| Packet {
            index,
            pts: index.into(),
            duration: 1,
            key: index % group == 0,
        };
        Pictures::of_packets(
            &Vec::from_iter((0..200).map(packet)),
            Unit::per_second(10),
            None,
        )
    }

    /// Pictures every two seconds from 1 s on.
    fn seen(look: impl Fn(u32) -> Look) -> Vec<Picture> {
        (0..10)
            .map(|i| picture(SLICE * i + SLICE / 2, 1, Some(look(i))))
            .collect()
    }

    /// What is taken beyond that, as where decoding begins and ends.
    fn taken(seen: &[Picture], group: u32, most: usize) -> Vec<(u32, u32)> {
        let tried = seen
            .iter()
            .map(|it| u32::try_from(it.frame.at.as_millis() / 100).unwrap() + 1);
        let shots = Wishes::new(seen, false).shots(&film(group), SLICE, &tried.collect(), most);
        shots
            .into_iter()
            .map(|shot| (shot.decode.start, shot.decode.end))
            .collect()
    }

    #[test]
    fn of_good_pictures_nothing_more_is_taken() {
        let seen = seen(|_| codes(&[(300, 300)]));
        assert_eq!(Wishes::new(&seen, false), Wishes::default());
    }

    #[test]
    fn neighbours_of_a_dark_picture_are_tried_keys_first() {
        let seen = seen(|i| {
            if i == 3 {
                drawn(|_, _| 2)
            } else {
                codes(&[(300, 300)])
            }
        });
        assert_eq!(taken(&seen, 5, 2), [(65, 66), (75, 76)]);
        assert_eq!(taken(&seen, 5, 1), [(65, 66)]);
        // The only key near it is further off than half a slice.
        assert_eq!(taken(&seen, 55, 2), [(55, 66), (55, 76)]);
        assert_eq!(
            Wishes::new(&seen, true).poor,
            Wishes::new(&seen, false).poor
        );
    }

    #[test]
    fn where_the_scene_changes_fast_keys_between_are_taken() {
        let looks = |i: usize| match i {
            4..7 => room(i * 4, (i * 45, i * 30), 0, 10),
            _ => room(1, (0, 0), 0, 10),
        };
        let seen = seen(|i| looks(i as usize));
        let taken = taken(&seen, 10, 9);
        assert_eq!(taken.len(), 4);
        assert!(
            taken
                .iter()
                .all(|(from, _)| [80, 100, 120, 140].contains(from)),
            "{taken:?}"
        );
        assert_eq!(Wishes::new(&seen, true), Wishes::default());
        // Every picture shows something else, be the film as short as it may.
        let hurried =
            self::seen(|i| room(i as usize * 4, (i as usize * 45, i as usize * 30), 0, 10));
        assert_eq!(Wishes::new(&hurried, true).between.len(), 9);
    }
}

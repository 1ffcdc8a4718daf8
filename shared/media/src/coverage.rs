//! How the pictures cover the video, as clients are told.

use std::{ops::Range, time::Duration};

use super::{
    alike::{distance, unlike},
    select::{Fate, blurred_below, is_poor},
    taking::Picture,
};
use dodolens_domain::media::{Coverage, Fault, Poor};

/// Stretches shorter than this are not worth telling.
const SHORTEST: Duration = Duration::from_secs(2);
/// Farthest in time that pictures are for it to be strange that they share nothing: a cut between two scenes lies between
/// any two.
const CLOSE: Duration = Duration::from_millis(1200);
/// Pictures in a row that are blurred, or between which nothing is shared, for it to be no chance.
const ROW: usize = 3;

/// How `pictures`, which are in order of time, cover a video that lasts for `duration`, given what becomes of each.
pub(super) fn coverage(
    pictures: &[Picture],
    fates: &[Fate],
    duration: Duration,
    skipped: usize,
) -> Coverage {
    let seen = pictures.iter().zip(fates);
    let seen = seen.filter_map(|(it, fate)| (*fate != Fate::Left).then_some(it));
    let seen: Vec<&Picture> = seen.collect();
    let times: Vec<_> = seen.iter().map(|picture| picture.frame.at).collect();
    let limit = blurred_below(pictures);
    let dark = |picture: &&Picture| picture.look.as_ref().is_some_and(|look| look.dark());
    let blurred = |picture: &&Picture| is_poor(picture, limit) && !dark(picture);
    let mut poor = stretches(Fault::Dark, 1, &times, duration, seen.iter().map(dark));
    poor.extend(stretches(
        Fault::Blurred,
        ROW,
        &times,
        duration,
        seen.iter().map(blurred),
    ));
    poor.extend(fast(&seen));
    poor.sort_by_key(|poor| poor.when.start);
    Coverage {
        longest_gap: longest_gap(&times, duration),
        skipped,
        poor,
    }
}

/// The longest time without a picture, of those shown at `times`.
fn longest_gap(times: &[Duration], duration: Duration) -> Duration {
    let starts = std::iter::once(Duration::ZERO).chain(times.iter().copied());
    let ends = times.iter().copied().chain([duration]);
    let gaps = starts
        .zip(ends)
        .map(|(start, end)| end.saturating_sub(start));
    gaps.max().unwrap_or(duration)
}

/// The stretches of at least `row` pictures at `times` that are all at `fault`. A picture stands for the time that is nearer
/// to it than to another.
fn stretches(
    fault: Fault,
    row: usize,
    times: &[Duration],
    duration: Duration,
    at_fault: impl Iterator<Item = bool>,
) -> Vec<Poor> {
    let border = |i: usize| {
        let at = |i: usize| times.get(i).copied();
        let before = i.checked_sub(1).and_then(at);
        before.map_or(Some(Duration::ZERO), |before| Some((before + at(i)?) / 2))
    };
    runs(at_fault)
        .filter(|run| run.len() >= row)
        .map(|run| border(run.start).unwrap_or_default()..border(run.end).unwrap_or(duration))
        .filter(|when| when.end.saturating_sub(when.start) >= SHORTEST)
        .map(|when| Poor { why: fault, when })
        .collect()
}

/// The stretches in which close pictures share hardly anything.
fn fast(seen: &[&Picture]) -> Vec<Poor> {
    let at = |i: usize| seen.get(i).map(|it| it.frame.at).unwrap_or_default();
    let strange = seen.windows(2).map(|pair| {
        let &[a, b] = pair else { return false };
        let looks = a.look.as_ref().zip(b.look.as_ref());
        b.frame.at.saturating_sub(a.frame.at) <= CLOSE
            && looks.is_some_and(|(a, b)| distance(a, b).is_some_and(|apart| unlike(a, b, apart)))
    });
    runs(strange)
        .filter(|run| run.len() >= ROW)
        .map(|run| at(run.start)..at(run.end))
        .filter(|when| when.end.saturating_sub(when.start) >= SHORTEST)
        .map(|when| Poor {
            why: Fault::Fast,
            when,
        })
        .collect()
}

/// The runs of places at which `flags` are set.
fn runs(flags: impl Iterator<Item = bool>) -> impl Iterator<Item = Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (i, _) in flags.enumerate().filter(|(_, flag)| *flag) {
        match runs.last_mut() {
            Some(run) if run.end == i => run.end = i + 1,
            _ => runs.push(i..i + 1),
        }
    }
    runs.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        alike::tests::room,
        look::{
            Look,
            tests::{codes, drawn},
        },
        thin::tests::picture,
    };

    /// Pictures so many milliseconds apart from half that on, all kept, and what is told of them.
    fn told(apart: u64, looks: impl IntoIterator<Item = Look>) -> Coverage {
        let at = |i: u64| Duration::from_millis(apart / 2 + apart * i);
        let pictures: Vec<_> = (0..)
            .zip(looks)
            .map(|(i, look)| picture(at(i), 1, Some(look)))
            .collect();
        let duration = Duration::from_millis(apart * pictures.len() as u64);
        coverage(&pictures, &vec![Fate::Kept; pictures.len()], duration, 3)
    }

    fn poor(coverage: &Coverage) -> Vec<(Fault, u128, u128)> {
        let told = coverage.poor.iter();
        told.map(|it| (it.why, it.when.start.as_millis(), it.when.end.as_millis()))
            .collect()
    }

    #[test]
    fn the_longest_gap_is_between_pictures_or_at_an_end_and_repeats_cover() {
        let at = |seconds| picture(Duration::from_secs(seconds), 1, None);
        let pictures = [at(1), at(3), at(5), at(8)];
        let gap = |fates: [Fate; 4], duration| {
            let told = coverage(&pictures, &fates, Duration::from_secs(duration), 0);
            told.longest_gap.as_secs()
        };
        let (kept, left) = (Fate::Kept, Fate::Left);
        assert_eq!(gap([kept, kept, Fate::Repeats(1), kept], 9), 3);
        assert_eq!(gap([kept, kept, left, kept], 9), 5);
        assert_eq!(gap([left, left, kept, kept], 9), 5);
        assert_eq!(gap([kept; 4], 20), 12);
        let none = coverage(&[], &[], Duration::from_secs(7), 2);
        assert_eq!((none.longest_gap.as_secs(), none.skipped), (7, 2));
    }

    #[test]
    fn ordinary_pictures_are_not_poor() {
        let stills = (0..12).map(|i| codes(&[(100 + i / 2 * 150, 300), (900, 100)]));
        assert_eq!(told(1000, stills).poor, []);
        let rooms = (0..12).map(|i| room(i * 4, (i * 45, i * 30), 0, 10));
        assert_eq!(told(2000, rooms).poor, [], "cuts every two seconds");
        let walls = (0..12).map(|i| {
            if i < 6 {
                codes(&[])
            } else {
                codes(&[(100, 100)])
            }
        });
        assert_eq!(told(1000, walls).poor, []);
    }

    #[test]
    fn darkness_is_told_from_between_to_between() {
        let dark = |i| (4..7).contains(&i);
        let looks = (0..10).map(|i| {
            if dark(i) {
                drawn(|_, _| 3)
            } else {
                codes(&[(300, 300)])
            }
        });
        assert_eq!(poor(&told(1000, looks)), [(Fault::Dark, 4000, 7000)]);
        let looks = (0..10).map(|i| {
            if i == 4 {
                drawn(|_, _| 3)
            } else {
                codes(&[(300, 300)])
            }
        });
        assert_eq!(poor(&told(1000, looks)), [], "too short");
        let all = std::iter::repeat_n(drawn(|_, _| 3), 4);
        assert_eq!(poor(&told(1000, all)), [(Fault::Dark, 0, 4000)]);
    }

    #[test]
    fn a_stretch_that_is_smeared_is_blurred() {
        let stripes = |smeared: usize| {
            drawn(move |x, _| {
                let x = x % 320;
                let light = (x.min(160) * 200 / smeared).min(200)
                    - (x.saturating_sub(160) * 200 / smeared).min(200);
                20 + u8::try_from(light).unwrap()
            })
        };
        let looks = (0..12).map(|i| stripes(if (5..9).contains(&i) { 24 } else { 2 }));
        assert_eq!(poor(&told(1000, looks)), [(Fault::Blurred, 5000, 9000)]);
        let all = (0..12).map(|_| stripes(24));
        assert_eq!(poor(&told(1000, all)), [], "nothing is sharper");
    }

    #[test]
    fn pictures_that_are_close_and_share_nothing_are_fast() {
        let looks = (0..12).map(|i| {
            if (3..9).contains(&i) {
                room(i * 4, (i * 45, i * 30), 0, 10)
            } else {
                room(1, (0, 0), 0, 10)
            }
        });
        assert_eq!(poor(&told(800, looks)), [(Fault::Fast, 2000, 7600)]);
    }
}

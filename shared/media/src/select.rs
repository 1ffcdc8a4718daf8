//! Which of the pictures that were taken are worth showing to a model.

use std::time::Duration;

use super::{alike::repeats, plan::FEWEST, taking::Picture, thin::thin};

/// Sharpness of a blurred picture, as a part of what is usual in its film.
const BLURRED: f32 = 0.5;
/// Pictures whose sharpness says what is usual.
const USUAL: usize = 6;
/// How much larger a JPEG of the same scene is, in percent, for it to be called sharper.
const SHARPER: usize = 5;

/// What becomes of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is shown.
    Kept,
    /// It shows what the picture at this place shows, which is kept.
    Repeats(usize),
    /// A better one, or others near it, are shown.
    Left,
}

/// Sharpness below which pictures of a film are blurred: far below the median. `None` for a film that has too few with edges
/// to say what is usual.
pub(super) fn blurred_below(pictures: &[Picture]) -> Option<f32> {
    let looks = pictures.iter().filter_map(|it| it.look.as_ref());
    let mut all: Vec<_> = looks.filter_map(|look| look.sharpness).collect();
    all.sort_by(f32::total_cmp);
    let median = all.get(all.len() / 2).filter(|_| all.len() >= USUAL)?;
    Some(median * BLURRED)
}

/// Whether a picture is too dark, or too blurred, to see much in it.
pub(super) fn is_poor(picture: &Picture, blurred_below: Option<f32>) -> bool {
    let Some(look) = &picture.look else {
        return false;
    };
    let blurred = look.sharpness.zip(blurred_below);
    look.dark() || blurred.is_some_and(|(sharpness, limit)| sharpness < limit)
}

/// What becomes of each of `pictures`, which are in order of time: at most `frames` are kept. Of few pictures all are.
pub(super) fn select(pictures: &[Picture], slice: Duration, frames: usize) -> Vec<Fate> {
    let mut fates = vec![Fate::Kept; pictures.len()];
    if pictures.len() > FEWEST.min(frames) {
        give_way(pictures, slice, &mut fates);
        drop_repeats(pictures, &mut fates);
        let rest: Vec<_> = kept(pictures, &fates).collect();
        for place in thin(rest, slice, frames) {
            leave(place, &mut fates);
        }
    }
    fates
}

/// Pictures that are still kept, with their places.
fn kept<'a>(
    pictures: &'a [Picture],
    fates: &'a [Fate],
) -> impl Iterator<Item = (usize, &'a Picture)> {
    let pairs = pictures.iter().zip(fates).enumerate();
    pairs.filter_map(|(place, (picture, fate))| (*fate == Fate::Kept).then_some((place, picture)))
}

/// Leaves out poor pictures that have a good one within half a slice.
fn give_way(pictures: &[Picture], slice: Duration, fates: &mut [Fate]) {
    let limit = blurred_below(pictures);
    let good = |near: &&Picture| near.look.is_some() && !is_poor(near, limit);
    for (picture, fate) in pictures.iter().zip(fates) {
        let at = picture.frame.at;
        let near = |other: &&Picture| other.frame.at.abs_diff(at) <= slice / 2;
        if is_poor(picture, limit) && pictures.iter().filter(near).any(|it| good(&it)) {
            *fate = Fate::Left;
        }
    }
}

/// Leaves out what repeats the last picture kept. Of a run of repeats, the sharpest is kept that all of them repeat.
fn drop_repeats(pictures: &[Picture], fates: &mut [Fate]) {
    let places: Vec<_> = kept(pictures, fates).map(|(place, _)| place).collect();
    let alike = |a: usize, b: usize| {
        let look = |place: usize| pictures.get(place)?.look.as_ref();
        look(a).zip(look(b)).is_some_and(|(a, b)| repeats(a, b))
    };
    let size = |place: usize| pictures.get(place).map_or(0, |it| it.frame.jpeg.len());
    let mut run: Vec<usize> = Vec::new();
    let mut best = None;
    let mut close = |run: &mut Vec<usize>, best: Option<usize>| {
        for place in run.drain(..) {
            if let (Some(best), Some(fate)) = (best, fates.get_mut(place))
                && place != best
            {
                *fate = Fate::Repeats(best);
            }
        }
    };
    for place in places {
        match best {
            Some(sharpest) if alike(sharpest, place) => {
                let sharper = size(place) * 100 > size(sharpest) * (100 + SHARPER);
                if sharper && run.iter().all(|member| alike(place, *member)) {
                    best = Some(place);
                }
            }
            _ => {
                close(&mut run, best);
                best = Some(place);
            }
        }
        run.push(place);
    }
    close(&mut run, best);
}

/// Leaves out a picture and what repeats it.
fn leave(place: usize, fates: &mut [Fate]) {
    for (i, fate) in fates.iter_mut().enumerate() {
        if i == place || *fate == Fate::Repeats(place) {
            *fate = Fate::Left;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::{
        look::{
            Look,
            tests::{codes, drawn},
        },
        thin::tests::picture,
    };

    const SLICE: Duration = Duration::from_secs(2);

    /// What is kept, as places, of pictures half a slice apart with JPEGs of these sizes.
    fn places(pictures: &[Picture], frames: usize) -> Vec<usize> {
        let fates = select(pictures, SLICE, frames);
        kept(pictures, &fates).map(|(place, _)| place).collect()
    }

    /// Pictures a slice apart.
    fn film(looks: impl IntoIterator<Item = (Look, usize)>) -> Vec<Picture> {
        let looks = (0..).zip(looks);
        looks
            .map(|(i, (look, size))| picture(SLICE * i, size, Some(look)))
            .collect()
    }

    #[test]
    fn of_few_pictures_all_are_kept() {
        let film = film(vec![(codes(&[]), 9); 8]);
        assert_eq!(places(&film, 96), Vec::from_iter(0..8));
    }

    #[test]
    fn of_a_camera_that_rests_the_sharpest_picture_is_kept() {
        let mut sizes = [100; 12];
        sizes[7] = 120;
        let film = film(sizes.map(|size| (codes(&[(300, 300)]), size)));
        assert_eq!(places(&film, 96), [7]);
        let fates = select(&film, SLICE, 96);
        assert!(
            fates
                .iter()
                .enumerate()
                .all(|(i, fate)| i == 7 || *fate == Fate::Repeats(7))
        );
    }

    #[test]
    fn a_code_that_comes_and_goes_is_kept() {
        let with = |yes: bool| {
            codes(if yes {
                &[(300, 300), (500, 500)]
            } else {
                &[(300, 300)]
            })
        };
        let film = film((0..12).map(|i| (with(i == 6), 100)));
        assert_eq!(places(&film, 96), [0, 6, 7]);
    }

    #[test]
    fn a_dark_picture_gives_way_to_a_good_one_near_it_only() {
        let (dark, light) = (drawn(|_, _| 3), codes(&[(300, 300)]));
        let mut film = film((0..10).map(|i| {
            (
                if i == 4 || i == 8 {
                    dark.clone()
                } else {
                    light.clone()
                },
                100,
            )
        }));
        film.insert(
            5,
            picture(SLICE * 4 + SLICE / 4, 100, Some(codes(&[(600, 600)]))),
        );
        let fates = select(&film, SLICE, 96);
        assert_eq!(
            (fates[4], fates[5], fates[9]),
            (Fate::Left, Fate::Kept, Fate::Kept)
        );
    }

    #[test]
    fn pictures_without_a_look_are_kept() {
        let film: Vec<_> = (0..20).map(|i| picture(SLICE * i, 9, None)).collect();
        assert_eq!(places(&film, 96).len(), 20);
        assert_eq!(places(&film, 9).len(), 9);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn what_repeats_repeats_what_is_kept_and_no_more_are_kept_than_are_allowed(
            shows in vec((0_usize..3, 50_usize..200), 1..24), frames in 1_usize..24,
        ) {
            let scenes = [codes(&[]), codes(&[(300, 300)]), codes(&[(320, 300)])];
            let film = film(shows.iter().map(|(scene, size)| (scenes[*scene].clone(), *size)));
            let fates = select(&film, SLICE, frames);
            let kept = places(&film, frames);
            prop_assert!(!kept.is_empty() && kept.len() <= frames.max(FEWEST.min(frames)));
            for (i, fate) in fates.iter().enumerate() {
                if let Fate::Repeats(of) = fate {
                    prop_assert_eq!(fates[*of], Fate::Kept);
                    let look = |i: usize| film[i].look.as_ref().unwrap();
                    prop_assert!(repeats(look(*of), look(i)) || repeats(look(i), look(*of)));
                }
            }
        }
    }
}

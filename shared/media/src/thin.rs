//! Which pictures to leave out when there are more than are allowed.

use std::time::Duration;

use super::{alike::distance, taking::Picture};

/// Difference of 255 from the pictures beside it that makes a picture as dear as a gap of one slice: about that of two or three
/// codes on a wall.
const DEAR: f32 = 2.0;

/// What a picture is worth at most by what it shows: less than it costs to make a gap of three slices of one of two.
const DEAREST: f32 = 3.0;

/// A picture among others.
struct Item<'a> {
    place: usize,
    picture: &'a Picture,
    /// How much the next one differs; 0 where that can't be told.
    to_next: f32,
}

/// Which of `pictures`, which are in order of time and have places, to leave out so that `most` remain: one after another
/// the one that is missed least, because those around it are near in time and show nearly the same.
pub(super) fn thin(pictures: Vec<(usize, &Picture)>, slice: Duration, most: usize) -> Vec<usize> {
    let mut left = Vec::new();
    if pictures.len() <= most {
        return left;
    }
    let item = |(place, picture)| Item {
        place,
        picture,
        to_next: 0.0,
    };
    let mut items: Vec<_> = pictures.into_iter().map(item).collect();
    for i in 0..items.len() {
        measure(&mut items, i);
    }
    while items.len() > most {
        let losses = (0..items.len()).map(|i| (i, loss(&items, i, slice)));
        let Some((least, _)) = losses.min_by(|(_, a), (_, b)| a.total_cmp(b)) else {
            break;
        };
        left.push(items.remove(least).place);
        if let Some(before) = least.checked_sub(1) {
            measure(&mut items, before);
        }
    }
    left
}

/// Sees how much the picture at `i` differs from the next.
fn measure(items: &mut [Item<'_>], i: usize) {
    let look = |i: usize| items.get(i)?.picture.look.as_ref();
    let looks = look(i).zip(look(i.saturating_add(1)));
    let apart = looks.and_then(|(a, b)| distance(a, b)).unwrap_or(0.0);
    if let Some(item) = items.get_mut(i) {
        item.to_next = apart;
    }
}

/// What is lost without the picture at `i`: the square of the gap that it leaves, in slices, and what it alone shows. A gap at
/// an end counts twice, for there is a picture on one side of it only.
fn loss(items: &[Item<'_>], i: usize, slice: Duration) -> f32 {
    let at = |i: usize| items.get(i).map(|item| item.picture.frame.at);
    let (before, behind) = (i.checked_sub(1), i.saturating_add(1));
    let own = at(i).unwrap_or_default();
    let gap = match (before.and_then(at), at(behind)) {
        (Some(before), Some(behind)) => behind.saturating_sub(before),
        (None, Some(behind)) => behind * 2,
        (Some(before), None) => (own + slice / 2).saturating_sub(before) * 2,
        (None, None) => own,
    };
    let gap = gap.as_secs_f32() / slice.as_secs_f32().max(f32::MIN_POSITIVE);
    let to_next = |i: usize| items.get(i).map_or(0.0, |item| item.to_next);
    let shows = before.map_or(to_next(i), |before| to_next(before).min(to_next(i)));
    gap * gap + (shows / DEAR).min(DEAREST)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::{collection::btree_set, prelude::*};

    use super::*;
    use crate::look::{Look, tests::codes};
    use dodolens_domain::media::Frame;

    const SLICE: Duration = Duration::from_secs(1);

    /// A picture by its time, the size of its JPEG, and its look.
    pub(crate) fn picture(at: Duration, size: usize, look: Option<Look>) -> Picture {
        let jpeg = vec![0; size].into();
        Picture {
            frame: Frame { jpeg, at },
            look,
        }
    }

    fn left(pictures: &[Picture], most: usize) -> Vec<usize> {
        let mut left = thin(pictures.iter().enumerate().collect(), SLICE, most);
        left.sort_unstable();
        left
    }

    #[test]
    fn of_pictures_that_are_even_every_second_one_is_left_out() {
        let pictures: Vec<_> = (1..=17).map(|i| picture(SLICE * i, 1, None)).collect();
        assert_eq!(left(&pictures, 9), [1, 3, 5, 7, 9, 11, 13, 15]);
    }

    #[test]
    fn what_shows_something_else_stays() {
        let look = |i: u32| {
            codes(if i == 5 {
                &[(300, 300), (600, 200), (100, 500)]
            } else {
                &[]
            })
        };
        let pictures: Vec<_> = (1..=9)
            .map(|i| picture(SLICE * i, 1, Some(look(i))))
            .collect();
        for most in 5..9 {
            assert!(!left(&pictures, most).contains(&4), "{most}");
        }
    }

    proptest! {
        #[test]
        fn just_so_many_remain_and_no_gap_is_much_longer_than_it_must_be(
            times in btree_set(0_u32..400, 2..60), most in 2_usize..60,
        ) {
            let times = Vec::from_iter(times);
            let pictures: Vec<_> = times.iter().map(|at| picture(Duration::from_millis(100) * *at, 1, None)).collect();
            let left = left(&pictures, most);
            prop_assert_eq!(times.len() - left.len(), times.len().min(most));
            let rest = (0..times.len()).filter(|i| !left.contains(i)).map(|i| times[i]);
            let rest = Vec::from_iter(rest);
            let longest = |times: &[u32]| times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0);
            let even = 400 / most as u32;
            prop_assert!(longest(&rest) <= longest(&times) + 4 * even);
        }
    }
}

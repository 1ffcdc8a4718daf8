//! In which runs pictures are decoded, and in which order, so that whenever it ends the whole video has been seen evenly.

use std::collections::BTreeMap;

use super::plan::Shot;

/// Most pictures that stand alone in one run. A 4K picture takes about 0.1 s.
const SHOTS: usize = 16;
/// About how many bytes of pictures that stand alone there are in one run.
pub(super) const BYTES: u64 = 16 * 1024 * 1024;

/// Shots that are decoded in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    /// Their places in the list of shots.
    pub(super) places: Vec<usize>,
}

impl Batch {
    /// All of `count` shots.
    pub(super) fn of_all(count: usize) -> Self {
        Self {
            places: (0..count).collect(),
        }
    }

    /// The shots, which are in `all`.
    pub(super) fn shots(&self, all: &[Shot]) -> Vec<Shot> {
        let shots = self.places.iter().filter_map(|place| all.get(*place));
        shots.cloned().collect()
    }
}

/// The batches of `shots`, each of which takes so many `bytes`: first those that stand alone, every so many in one batch,
/// then the others by the place where their decoding begins, each group once. Whatever number of batches is decoded, their
/// pictures are spread over all of the video, as far as they can be.
pub(super) fn batches(shots: &[Shot], bytes: impl Fn(&Shot) -> u64) -> Vec<Batch> {
    let (mut alone, mut sum) = (Vec::new(), 0_u64);
    let mut groups = BTreeMap::<u32, Vec<usize>>::new();
    for (place, shot) in shots.iter().enumerate() {
        if shot.alone() {
            alone.push(place);
            sum = sum.saturating_add(bytes(shot));
        } else {
            groups.entry(shot.decode.start).or_default().push(place);
        }
    }
    let by_bytes = usize::try_from(sum.div_ceil(BYTES)).unwrap_or(usize::MAX);
    let count = alone.len().div_ceil(SHOTS).max(by_bytes).min(alone.len());
    let every = |first: usize| alone.iter().copied().skip(first).step_by(count.max(1));
    let alone = (0..count).map(|first| every(first).collect()).collect();
    let ordered = |lists: Vec<Vec<usize>>| spread(lists).map(|places| Batch { places });
    ordered(alone)
        .chain(ordered(groups.into_values().collect()))
        .collect()
}

/// In an order of which any beginning is spread evenly over all (van der Corput): by the bits of the place, the lowest
/// first.
fn spread<T>(items: Vec<T>) -> impl Iterator<Item = T> {
    let mut items: Vec<_> = items.into_iter().enumerate().collect();
    items.sort_by_key(|(place, _)| place.reverse_bits());
    items.into_iter().map(|(_, item)| item)
}

#[cfg(test)]
mod tests {
    use std::{ops::Range, time::Duration};

    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn shot(decode: Range<u32>) -> Shot {
        Shot {
            pts: decode.end.into(),
            at: Duration::from_secs(decode.end.into()),
            decode,
        }
    }

    fn places(shots: &[Shot], bytes: u64) -> Vec<Vec<usize>> {
        let batches = batches(shots, |_| bytes);
        batches.into_iter().map(|batch| batch.places).collect()
    }

    #[test]
    fn few_small_pictures_are_one_batch() {
        let shots: Vec<_> = (0..16).map(|i| shot(i..i + 1)).collect();
        assert_eq!(places(&shots, 1), [Vec::from_iter(0..16)]);
        assert!(places(&[], 1).is_empty());
    }

    #[test]
    fn each_batch_is_spread_over_all_of_the_video() {
        let shots: Vec<_> = (0..8).map(|i| shot(i..i + 1)).collect();
        let halves = [vec![0, 2, 4, 6], vec![1, 3, 5, 7]];
        assert_eq!(places(&shots, BYTES / 4), halves);
        let singles = [0, 4, 2, 6, 1, 5, 3, 7].map(|place| vec![place]);
        assert_eq!(places(&shots, BYTES * 2), singles);
    }

    #[test]
    fn groups_come_behind_the_pictures_that_stand_alone_each_once() {
        let shots = [0..1, 0..5, 0..9, 10..11, 10..15, 20..25, 30..35].map(shot);
        let expected = [vec![0, 3], vec![1, 2], vec![5], vec![4], vec![6]];
        assert_eq!(places(&shots, 1), expected);
    }

    proptest! {
        #[test]
        fn every_shot_is_in_one_batch_and_batches_are_bounded(
            shots in vec((0_u32..50, 1_u32..4), 0..200),
            bytes in 0..BYTES * 2,
        ) {
            let shots: Vec<_> = shots.into_iter().map(|(from, len)| shot(from..from + len)).collect();
            let batches = places(&shots, bytes);
            let mut all = batches.concat();
            all.sort_unstable();
            prop_assert_eq!(all, Vec::from_iter(0..shots.len()));
            for batch in batches {
                let alone = batch.iter().filter(|place| shots[**place].alone()).count();
                prop_assert!(alone == 0 || alone == batch.len() && alone <= SHOTS);
                let starts = batch.iter().map(|place| shots[*place].decode.start);
                prop_assert!(alone > 0 || starts.collect::<std::collections::BTreeSet<_>>().len() == 1);
                prop_assert!(alone < 2 || bytes * (alone as u64 - 1) <= BYTES);
            }
        }
    }
}

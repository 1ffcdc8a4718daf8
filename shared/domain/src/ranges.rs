//! Chunk indices as inclusive ranges, the short way to say which are there and which are missing.

use serde::{Deserialize, Serialize};

/// The indices `first..=last`; on a wire `[first, last]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
pub struct IndexRange {
    /// Lowest index.
    pub first: u32,
    /// Highest index, included.
    pub last: u32,
}

impl From<(u32, u32)> for IndexRange {
    fn from((first, last): (u32, u32)) -> Self {
        Self { first, last }
    }
}

impl From<IndexRange> for (u32, u32) {
    fn from(range: IndexRange) -> Self {
        (range.first, range.last)
    }
}

/// Joins ascending, distinct indices to the fewest ranges.
pub fn ranges(indices: impl IntoIterator<Item = u32>) -> Vec<IndexRange> {
    let mut ranges: Vec<IndexRange> = Vec::new();
    for index in indices {
        match ranges.last_mut() {
            Some(range) if range.last.checked_add(1) == Some(index) => range.last = index,
            _ => ranges.push(IndexRange {
                first: index,
                last: index,
            }),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{collection::btree_set, prelude::*};

    use super::*;

    #[test]
    fn neighbours_join() {
        assert_eq!(
            ranges([0, 1, 2, 5, 7, 8]),
            [(0, 2).into(), (5, 5).into(), (7, 8).into()]
        );
        assert_eq!(ranges([]), []);
    }

    /// The fewest ranges, found the slow way: one begins wherever an index has no neighbour below.
    fn naive(set: &BTreeSet<u32>) -> Vec<IndexRange> {
        let above = |index: &u32| index.checked_add(1).is_some_and(|next| set.contains(&next));
        let below = |index: &u32| index.checked_sub(1).is_some_and(|last| set.contains(&last));
        let first = set.iter().filter(|index| !below(index));
        let last = set.iter().filter(|index| !above(index));
        first
            .copied()
            .zip(last.copied())
            .map(IndexRange::from)
            .collect()
    }

    proptest! {
        #[test]
        fn ranges_are_the_fewest_that_hold_just_the_indices(
            low in btree_set(0..500_u32, 0..200),
            high in btree_set(u32::MAX - 50..=u32::MAX, 0..40),
            any in btree_set(any::<u32>(), 0..10),
        ) {
            let set: BTreeSet<u32> = [low, high, any].into_iter().flatten().collect();
            let ranges = ranges(set.iter().copied());
            prop_assert_eq!(&ranges, &naive(&set));
            let back: BTreeSet<u32> = ranges.iter().flat_map(|r| r.first..=r.last).collect();
            prop_assert_eq!(back, set);
            let json = serde_json::to_string(&ranges).unwrap();
            prop_assert_eq!(serde_json::from_str::<Vec<IndexRange>>(&json).unwrap(), ranges);
        }
    }
}

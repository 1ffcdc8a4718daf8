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

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn neighbours_join() {
        assert_eq!(
            ranges([0, 1, 2, 5, 7, 8]),
            [(0, 2).into(), (5, 5).into(), (7, 8).into()]
        );
        assert_eq!(ranges([]), []);
    }

    proptest! {
        #[test]
        fn ranges_hold_just_the_indices(set in proptest::collection::btree_set(0..500_u32, 0..200)) {
            let ranges = ranges(set.iter().copied());
            let back: BTreeSet<u32> = ranges.iter().flat_map(|r| r.first..=r.last).collect();
            prop_assert_eq!(back, set);
            prop_assert!(ranges.windows(2).all(|w| w[0].last + 1 < w[1].first));
        }
    }
}

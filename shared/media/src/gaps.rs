//! What lies between pictures that can be decoded alone, and how many others it needs.

/// A stretch of the line between two pictures that are taken, or an end.
pub(super) struct Gap {
    /// The picture before; `None` for the start of the line.
    pub(super) after: Option<u64>,
    /// The picture behind, or the end of the line.
    pub(super) before: u64,
    /// How long it counts: half a slice beyond an end, so that a picture comes half as near to an end as to another.
    length: u64,
    /// How much of that lies before the line.
    ahead: u64,
    /// How many pictures are to be put into it.
    count: u64,
}

impl Gap {
    /// How far apart its pictures are.
    fn apart(&self) -> u64 {
        self.length / self.count.saturating_add(1)
    }

    /// Where its pictures are to be.
    pub(super) fn wanted(&self) -> impl Iterator<Item = u64> {
        let start = self.after.unwrap_or(0);
        (1..=self.count).map(move |i| {
            let into = u128::from(self.length) * u128::from(i) / u128::from(self.count + 1);
            let into = u64::try_from(into).unwrap_or(u64::MAX);
            start.saturating_add(into.saturating_sub(self.ahead))
        })
    }
}

/// The gaps between `places` on a line of `length`, with so many pictures in each that none is longer than a slice and a
/// quarter, or as many as leave no more than `most` in all.
pub(super) fn gaps(places: &[u64], length: u64, slice: u64, most: usize) -> Vec<Gap> {
    let half = slice / 2;
    let starts = std::iter::once(None).chain(places.iter().copied().map(Some));
    let ends = places.iter().copied().map(Some).chain([None]);
    let gap = |(after, before): (Option<u64>, Option<u64>)| {
        let ahead = if after.is_none() { half } else { 0 };
        let behind = if before.is_none() { half } else { 0 };
        let before = before.unwrap_or(length);
        let inside = before.saturating_sub(after.unwrap_or(0));
        let length = inside.saturating_add(ahead).saturating_add(behind);
        let slices = length.saturating_sub(slice / 4).div_ceil(slice.max(1));
        Gap {
            after,
            before,
            length,
            ahead,
            count: slices.saturating_sub(1),
        }
    };
    let mut gaps: Vec<_> = starts.zip(ends).map(gap).collect();
    let more = |gaps: &[Gap]| {
        gaps.iter()
            .fold(0, |sum: u64, gap| sum.saturating_add(gap.count))
    };
    let room = most.saturating_sub(places.len()) as u64;
    for _ in room..more(&gaps) {
        let full = gaps.iter_mut().filter(|gap| gap.count > 0);
        if let Some(gap) = full.min_by_key(|gap| gap.apart()) {
            gap.count -= 1;
        }
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where pictures are put between `places` on a line of 100 slices of 10.
    fn put(places: &[u64], most: usize) -> Vec<u64> {
        let gaps = gaps(places, 1000, 10, most);
        gaps.iter().flat_map(Gap::wanted).collect()
    }

    #[test]
    fn gaps_up_to_a_slice_and_a_quarter_need_nothing() {
        let places: Vec<_> = (0..=83).map(|i| 3 + i * 12).collect();
        assert!(put(&places, 200).is_empty());
    }

    #[test]
    fn longer_ones_are_filled_evenly_to_the_ends() {
        let mut places: Vec<_> = (0..100).map(|i| 5 + i * 10).collect();
        places.retain(|place| !matches!(place, 5 | 315..=335 | 995));
        let filled = put(&places, 200);
        assert_eq!(filled, [5, 315, 325, 335, 995]);
    }

    #[test]
    fn where_there_are_too_many_the_closest_go_first() {
        assert_eq!(put(&[], 4), [197, 399, 601, 803]);
        // One in a gap of fifteen is closer than one in a gap of twenty.
        let mut places: Vec<_> = (0..100).map(|i| 5 + i * 10).collect();
        places.retain(|place| *place != 505 && *place != 205);
        places.insert(20, 200);
        assert_eq!(put(&places, 200).len(), 2);
        assert_eq!(put(&places, places.len() + 1), [505]);
    }
}

//! What was planned of the pictures and did not come.

use std::{ops::Range, time::Duration};

/// A stretch shorter than this, or than [`SLICES`] slices of the plan, is no loss worth telling.
const SHORTEST: Duration = Duration::from_secs(2);
/// In tenths: the pictures of a plan are about a slice apart, so that two slices show that one is missing between two.
const SLICES: u32 = 19;

/// What was planned: times from the start of the video.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned<'a> {
    /// When the pictures of the plan are shown, in order.
    pub(super) shots: &'a [Duration],
    /// Time from one picture to the next, about.
    pub(super) slice: Duration,
    /// How long what is there lasts.
    pub(super) there: Duration,
    /// How long the video lasts by what its file says; longer when the file was cut off.
    pub(super) promised: Duration,
}

/// The stretches without a picture, given when those are shown that came, in order: long ones in which there is the
/// place of a planned picture, and what the file promises and lacks. A stretch that the plan itself left out is none.
pub(super) fn unseen(planned: &Planned<'_>, came: &[Duration]) -> Vec<Range<Duration>> {
    let enough = SHORTEST.max(planned.slice * SLICES / 10);
    let starts = std::iter::once(Duration::ZERO).chain(came.iter().copied());
    let ends = came.iter().copied().chain([planned.there]);
    let mut shots = planned.shots.iter().peekable();
    let mut unseen: Vec<Range<Duration>> = Vec::new();
    for (start, end) in starts.zip(ends) {
        let mut missing = false;
        while let Some(shot) = shots.next_if(|shot| **shot < end || came.is_empty()) {
            missing |= !came.contains(shot);
        }
        if missing && end.saturating_sub(start) > enough {
            unseen.push(start..end);
        }
    }
    if planned.promised.saturating_sub(planned.there) > SHORTEST {
        match unseen.last_mut() {
            Some(last) if last.end == planned.there => last.end = planned.promised,
            _ => unseen.push(planned.there..planned.promised),
        }
    }
    unseen
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn seconds(times: &[u64]) -> Vec<Duration> {
        times.iter().copied().map(Duration::from_secs).collect()
    }

    /// Of 16 s with a picture in the middle of each two.
    fn of(came: &[u64], promised: u64) -> Vec<(u64, u64)> {
        let planned = Planned {
            shots: &seconds(&[1, 3, 5, 7, 9, 11, 13, 15]),
            slice: Duration::from_secs(2),
            there: Duration::from_secs(16),
            promised: Duration::from_secs(promised),
        };
        unseen(&planned, &seconds(came))
            .into_iter()
            .map(|stretch| (stretch.start.as_secs(), stretch.end.as_secs()))
            .collect()
    }

    #[test]
    fn nothing_is_lost() {
        assert_eq!(of(&[1, 3, 5, 7, 9, 11, 13, 15], 16), []);
        assert_eq!(of(&[1, 3, 5, 7, 9, 11, 13, 15], 18), []);
    }

    #[test]
    fn a_neighbour_in_its_place_is_no_loss() {
        assert_eq!(of(&[1, 4, 5, 7, 9, 12, 13, 15], 16), []);
        assert_eq!(of(&[2, 3, 5, 7, 9, 11, 13, 14], 16), []);
    }

    #[test]
    fn stretches_in_the_middle_and_at_the_ends() {
        assert_eq!(of(&[1, 5, 7, 9, 11, 13, 15], 16), [(1, 5)]);
        assert_eq!(of(&[5, 7, 9, 15], 16), [(0, 5), (9, 15)]);
        assert_eq!(of(&[1, 3, 5], 16), [(5, 16)]);
        assert_eq!(of(&[3, 5, 7, 9, 11, 13, 15], 16), []);
    }

    #[test]
    fn without_any_picture_all_is_unseen() {
        assert_eq!(of(&[], 16), [(0, 16)]);
        assert_eq!(of(&[], 30), [(0, 30)]);
    }

    #[test]
    fn what_the_file_lacks_is_unseen() {
        assert_eq!(of(&[1, 3, 5, 7, 9, 11, 13, 15], 30), [(16, 30)]);
        assert_eq!(of(&[1, 3, 5, 7, 9, 11], 30), [(11, 30)]);
    }

    #[test]
    fn what_the_plan_left_out_is_no_loss() {
        let planned = Planned {
            shots: &seconds(&[1, 9]),
            slice: Duration::from_secs(2),
            there: Duration::from_secs(10),
            promised: Duration::from_secs(10),
        };
        assert_eq!(unseen(&planned, &seconds(&[1, 9])), []);
    }

    proptest! {
        #[test]
        fn stretches_are_in_order_and_hold_no_picture(
            mut shots in vec(0_u64..60, 1..12),
            kept in vec(any::<bool>(), 12),
            slice in 0_u64..9,
            more in 0_u64..9,
        ) {
            shots.sort_unstable();
            shots.dedup();
            let came: Vec<_> = shots.iter().zip(kept).filter(|(_, kept)| *kept).map(|(shot, _)| *shot).collect();
            let planned = Planned {
                shots: &seconds(&shots),
                slice: Duration::from_secs(slice),
                there: Duration::from_secs(60),
                promised: Duration::from_secs(60 + more),
            };
            let lost = unseen(&planned, &seconds(&came));
            prop_assert!(lost.iter().all(|it| it.end - it.start > SHORTEST));
            prop_assert!(lost.windows(2).all(|pair| pair[0].end <= pair[1].start));
            let inside = |at: &Duration| lost.iter().any(|it| it.start < *at && *at < it.end);
            prop_assert!(!seconds(&came).iter().any(inside));
        }
    }
}

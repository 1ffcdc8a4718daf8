//! How the frames of a video are divided among calls.

use std::ops::Range;

use dodolens_domain::media::Frame;

use super::config::CallLimits;

/// Frames that neighbours share, so that what they see can be joined.
const SHARED: usize = 2;

/// Ranges of frames, in order, each for one call: as few as the limits allow, and of about the same length. Neighbours
/// share some frames, unless a call takes too few for that.
pub(super) fn windows(frames: &[Frame], limits: &CallLimits) -> Vec<Range<usize>> {
    let fits = |window: &Range<usize>| {
        let jpegs = frames.get(window.clone()).unwrap_or_default().iter();
        jpegs.map(|frame| frame.jpeg.len()).sum::<usize>() <= limits.bytes
    };
    fewest(frames.len(), limits, fits)
}

/// As [`windows`], of frames of which nothing but their number is known.
pub(super) fn lengths(frames: usize, limits: &CallLimits) -> Vec<usize> {
    let all = fewest(frames, limits, |_| true);
    all.iter().map(Range::len).collect()
}

/// As few even ranges as have few enough frames each, that also fit; a single frame always does.
fn fewest(
    frames: usize,
    limits: &CallLimits,
    fits: impl Fn(&Range<usize>) -> bool,
) -> Vec<Range<usize>> {
    let small = |window: &Range<usize>| {
        window.len() <= limits.pictures && fits(window) || window.len() <= 1
    };
    let mut calls = 1;
    loop {
        let all = even(frames, calls);
        if calls >= frames || all.iter().all(small) {
            return all;
        }
        calls += 1;
    }
}

fn even(frames: usize, calls: usize) -> Vec<Range<usize>> {
    // Of short ranges, fewer are shared: each has one of its own at least.
    let shared = SHARED.min((frames / calls.max(1)).saturating_sub(1));
    let own = frames.saturating_sub(if calls > 1 { shared } else { 0 });
    let cut = |call: usize| own * call / calls.max(1);
    (0..calls)
        .map(|call| cut(call)..(cut(call + 1) + if calls > 1 { shared } else { 0 }).min(frames))
        .filter(|window| !window.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn frames(sizes: &[usize]) -> Vec<Frame> {
        let frame = |size: &usize| Frame {
            jpeg: vec![0; *size].into(),
            at: Duration::ZERO,
        };
        sizes.iter().map(frame).collect()
    }

    fn limits(pictures: usize, bytes: usize) -> CallLimits {
        CallLimits {
            pictures,
            bytes,
            tokens: 0,
        }
    }

    #[test]
    fn a_short_video_is_one_call() {
        let few = frames(&[1; 16]);
        let one = windows(&few, &limits(16, 100));
        assert_eq!((one.len(), one.first()), (1, Some(&(0..16))));
        assert!(windows(&[], &limits(16, 100)).is_empty());
    }

    #[test]
    fn a_long_one_is_divided_evenly() {
        let many = frames(&[1; 96]);
        let all = windows(&many, &limits(18, 1000));
        assert_eq!(all.len(), 6);
        assert_eq!(all[0], 0..17);
        assert_eq!(all[1], 15..33);
        assert_eq!(
            lengths(96, &limits(18, 0)),
            all.iter().map(Range::len).collect::<Vec<_>>()
        );
    }

    #[test]
    fn large_pictures_go_in_more_calls() {
        let many = frames(&[10; 20]);
        assert!(windows(&many, &limits(100, 60)).len() >= 4);
        // One picture that is too large is sent all the same: the provider decides.
        assert_eq!(windows(&frames(&[100, 1]), &limits(100, 60)), [0..1, 1..2]);
    }

    proptest! {
        #[test]
        fn every_frame_is_in_a_call_and_neighbours_share_some(
            sizes in proptest::collection::vec(1_usize..30, 1..120), pictures in 1_usize..40, bytes in 30_usize..500,
        ) {
            let frames = frames(&sizes);
            let all = windows(&frames, &limits(pictures, bytes));
            prop_assert_eq!(all[0].start, 0);
            prop_assert_eq!(all.last().unwrap().end, frames.len());
            for window in &all {
                prop_assert!(window.len() <= pictures || window.len() == 1);
            }
            for pair in all.windows(2) {
                prop_assert!(pair[1].start <= pair[0].end && pair[0].start < pair[1].start && pair[0].end < pair[1].end);
                if pair[0].len() > 4 && pair[1].len() > 4 {
                    prop_assert_eq!(pair[0].end - pair[1].start, SHARED);
                }
            }
        }
    }
}

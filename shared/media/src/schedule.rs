//! Until when what is begun, so that extraction ends in time with what there is by then.

use std::time::Duration;

use tokio::time::Instant;

/// When nothing new is begun any more, whatever the deadline: models are asked next, and a family waits.
const DECODING: Duration = Duration::from_secs(12);

/// The moments by which parts of an extraction must have begun or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Schedule {
    /// When no further batch of pictures is begun: after a third of the deadline at the latest, for a batch that has begun
    /// may take long, and pictures that are lost are still to be replaced.
    pub(super) begin: Instant,
    /// When lost pictures are given up: the last quarter is left for what comes after.
    pub(super) give_up: Instant,
}

impl Schedule {
    /// Of an extraction that starts now and may take no longer than `deadline`.
    pub(super) fn new(start: Instant, deadline: Duration) -> Self {
        Self {
            begin: start + DECODING.min(deadline / 3),
            give_up: start + deadline * 3 / 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_or_twelve_seconds_and_three_quarters() {
        let start = Instant::now();
        for (deadline, begin, give_up) in [(30, 10, 22), (40, 12, 30)] {
            let schedule = Schedule::new(start, Duration::from_secs(deadline));
            assert_eq!((schedule.begin - start).as_secs(), begin);
            assert_eq!((schedule.give_up - start).as_secs(), give_up);
        }
    }
}

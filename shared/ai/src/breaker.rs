//! Leaves a provider in peace that keeps failing (<https://martinfowler.com/bliki/CircuitBreaker.html>).

use std::time::{Duration, Instant};

/// This many failures in a row are enough.
const THRESHOLD: u32 = 3;
/// How long it is left in peace.
const REST: Duration = Duration::from_secs(30);
/// The longest rest that a provider can ask for.
const LONGEST_REST: Duration = Duration::from_secs(300);

/// The state of one provider for one task. It lives as long as the process, so a warm function remembers it.
///
/// After a rest the next call is a trial: if that fails too, the provider rests again.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    rests_until: Option<Instant>,
}

impl Breaker {
    /// Whether it is to be left in peace.
    pub(super) fn rests(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| now < until)
    }

    /// An answer came.
    pub(super) const fn succeeded(&mut self) {
        *self = Self {
            failures: 0,
            rests_until: None,
        };
    }

    /// It failed, for a reason that has nothing to do with what it was asked.
    pub(super) fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= THRESHOLD {
            self.rest(now, REST);
        }
    }

    /// It asks to be left in peace for this long.
    pub(super) fn rest(&mut self, now: Instant, time: Duration) {
        let until = now + time.min(LONGEST_REST);
        self.rests_until = self.rests_until.max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A breaker after this many failures at `now`.
    fn failed(times: u32, now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        (0..times).for_each(|_| breaker.failed(now));
        breaker
    }

    #[test]
    fn three_failures_in_a_row_bring_a_rest() {
        let now = Instant::now();
        assert!(!failed(2, now).rests(now));
        let tripped = failed(3, now);
        assert!(tripped.rests(now));
        assert!(tripped.rests(now + REST - SECOND));
        assert!(!tripped.rests(now + REST));
    }

    #[test]
    fn a_success_in_between_starts_the_count_again() {
        let now = Instant::now();
        let mut breaker = failed(2, now);
        breaker.succeeded();
        breaker.failed(now);
        breaker.failed(now);
        assert!(!breaker.rests(now));
    }

    #[test]
    fn after_a_rest_one_trial_decides() {
        let now = Instant::now();
        let later = now + REST;
        let mut fails_again = failed(3, now);
        fails_again.failed(later);
        assert!(fails_again.rests(later + REST - SECOND));

        let mut recovers = failed(3, now);
        recovers.succeeded();
        recovers.failed(later);
        assert!(!recovers.rests(later));
    }

    #[test]
    fn a_provider_can_ask_for_a_rest_within_reason() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        breaker.rest(now, 40 * SECOND);
        breaker.rest(now, SECOND);
        assert!(breaker.rests(now + 39 * SECOND));
        assert!(!breaker.rests(now + 40 * SECOND));
        breaker.rest(now, Duration::MAX);
        assert!(!breaker.rests(now + LONGEST_REST));
    }
}

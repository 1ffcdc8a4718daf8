//! Keeps requests apart, as a sink's rate limit asks for.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// Between two requests of one function instance. Airtable takes 5 in any second for each base, and the template lets two
/// instances run: each may send 2 in any second, also when one is delayed by a little.
/// <https://airtable.com/developers/web/api/rate-limits>
const INTERVAL: Duration = Duration::from_millis(600);

/// When the next request to one sink may go.
#[derive(Debug)]
pub struct Pace {
    interval: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    next: Option<Instant>,
    shut_until: Option<Instant>,
}

impl Default for Pace {
    fn default() -> Self {
        Self::every(INTERVAL)
    }
}

impl Pace {
    fn every(interval: Duration) -> Self {
        Self {
            interval,
            state: Mutex::default(),
        }
    }

    /// Waits for this request's turn.
    ///
    /// # Errors
    /// How long it takes until there is one, when the sink wants no request at all for now.
    pub(super) async fn turn(&self) -> Result<(), Duration> {
        let turn = self.take(Instant::now())?;
        sleep_until(turn).await;
        Ok(())
    }

    fn take(&self, now: Instant) -> Result<Instant, Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = state.shut_until.filter(|until| *until > now) {
            return Err(until - now);
        }
        let turn = state.next.map_or(now, |next| next.max(now));
        state.next = Some(turn + self.interval);
        Ok(turn)
    }

    /// The sink wants no request for this long.
    pub(super) fn shut(&self, time: Duration) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.shut_until = Some(Instant::now() + time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_take_turns() {
        let pace = Pace::every(Duration::from_millis(400));
        let now = Instant::now();
        let turns: Vec<_> = (0..3).map(|_| pace.take(now).unwrap() - now).collect();
        assert_eq!(turns, [0, 400, 800].map(Duration::from_millis));
        let later = now + Duration::from_secs(9);
        assert_eq!(pace.take(later), Ok(later), "turns are not saved up");
    }

    #[test]
    fn nobody_goes_while_the_sink_wants_no_request() {
        let pace = Pace::every(Duration::from_millis(400));
        let before = Instant::now();
        pace.shut(Duration::from_secs(30));
        let wait = pace.take(before).unwrap_err();
        assert!(wait >= Duration::from_secs(30), "{wait:?}");
        assert!(pace.take(before + Duration::from_secs(60)).is_ok());
    }
}

//! The providers of one task, asked one after the other until one answers.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use tokio::time::{sleep, timeout_at};

use super::{
    breaker::Breaker,
    call::{Caller, Failed, Good},
    config::Price,
    dialects::Api,
    policy::policy,
    question::Size,
};
use dodolens_app::{
    metrics::{self, table},
    ports::{ModelCall, ModelError, Read, Task, Terms},
};
use dodolens_domain::{evidence::Usage, money::Usd};

/// No answer reads or writes as many tokens: a window of today holds a quarter of it.
const MOST_TOKENS: u64 = 4_000_000;
/// No answer is about as many seconds of sound.
const MOST_SECONDS: u64 = 86_400;
/// Upper bound of the wait before the second try; doubles with each try.
const FIRST_WAIT: Duration = Duration::from_millis(400);
/// Upper bound of any wait of our own choice.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// A model of a provider, for one task.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) provider: String,
    pub(super) model: String,
    pub(super) api: Api,
    pub(super) price: Price,
    pub(super) caller: Arc<Caller>,
    pub(super) breaker: Mutex<Breaker>,
}

impl Link {
    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The models that can do a task, the preferred one first; never empty.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) task: Task,
    pub(super) links: Vec<Link>,
}

/// What has been asked so far, and what is left to ask with.
struct Account {
    task: Task,
    budget: Usd,
    calls: Vec<ModelCall>,
}

impl Chain {
    /// The most that a request of this size can cost with the cheapest model.
    pub(super) fn price(&self, size: &Size) -> Usd {
        let prices = self.links.iter().map(|link| link.price.at_most(size));
        prices.min().unwrap_or_default()
    }

    /// Asks by `attempt`, which sends a request of at most `size`, until a model answers.
    ///
    /// Each provider gets an even share of the time that is left, and may leave some to the next. Those that rest are only
    /// asked when the others have failed.
    pub(super) async fn ask<'a, T, F>(
        &'a self,
        terms: &Terms,
        size: &Size,
        attempt: impl Fn(&'a Link) -> F,
    ) -> Read<T>
    where
        F: Future<Output = Result<Good<T>, Failed>>,
    {
        let mut account = Account {
            task: self.task,
            budget: terms.budget,
            calls: Vec::new(),
        };
        let mut error = ModelError::TimedOut;
        let now = Instant::now();
        let (resting, awake): (Vec<_>, Vec<_>) = self
            .links
            .iter()
            .partition(|link| link.breaker().rests(now));
        for group in [awake, resting] {
            for (link, left) in group.iter().zip((1..=group.len()).rev()) {
                let now = Instant::now();
                let time = terms.until.saturating_duration_since(now);
                if time.is_zero() {
                    break;
                }
                let share = time / u32::try_from(left).unwrap_or(u32::MAX);
                match account.turn(link, size, now + share, &attempt).await {
                    Ok(answer) => {
                        let first = self.links.first();
                        if !first.is_some_and(|first| std::ptr::eq(first, *link)) {
                            metrics::record(&table::AI_FALLBACKS, 1.0);
                        }
                        return account.read(Ok(answer));
                    }
                    Err(failure) => error = failure,
                }
                tracing::warn!(
                    task = self.task.name(),
                    provider = link.provider,
                    error = error.code(),
                    "a provider gave no answer"
                );
            }
        }
        account.read(Err(error))
    }
}

impl Account {
    /// One provider's turn: asks it again as the policy says, with exponential backoff and full jitter
    /// (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>), no sooner than it allows. A wait that
    /// would pass `until` is not begun.
    async fn turn<'a, T, F>(
        &mut self,
        link: &'a Link,
        size: &Size,
        until: Instant,
        attempt: &impl Fn(&'a Link) -> F,
    ) -> Result<T, ModelError>
    where
        F: Future<Output = Result<Good<T>, Failed>>,
    {
        let bound = link.price.at_most(size);
        let mut ceilings = ceilings();
        for tried in 1.. {
            if bound > self.budget {
                return Err(ModelError::OverBudget);
            }
            let started = Instant::now();
            let outcome = timeout_at(until.into(), attempt(link)).await;
            let failed = match outcome.unwrap_or_else(|_| Err(ModelError::TimedOut.into())) {
                Ok(good) => {
                    self.note(link, Some(good.used), started, None);
                    let mut breaker = link.breaker();
                    breaker.succeeded();
                    if let Some(time) = good.rest {
                        breaker.rest(Instant::now(), time);
                    }
                    return Ok(good.answer);
                }
                Err(failed) => failed,
            };
            let policy = policy(failed.error);
            if failed.used.is_none() && policy.may_cost {
                self.budget = self.budget.minus(bound);
            }
            self.note(link, failed.used, started, Some(failed.error));

            let now = Instant::now();
            let asked = match failed.error {
                ModelError::RateLimited { retry_after } => retry_after,
                _ => None,
            };
            let ceiling = ceilings.next().unwrap_or(LONGEST_WAIT);
            let wait = asked.unwrap_or_default().saturating_add(jitter(ceiling));
            let too_late = wait >= until.saturating_duration_since(now);
            if policy.blames_provider {
                let mut breaker = link.breaker();
                breaker.failed(now);
                if let Some(time) = asked.filter(|_| too_late) {
                    breaker.rest(now, time);
                }
            }
            if tried >= policy.tries || too_late {
                return Err(failed.error);
            }
            tracing::warn!(
                task = self.task.name(),
                provider = link.provider,
                error = failed.error.code(),
                wait_ms = wait.as_millis(),
                "model call is repeated"
            );
            metrics::record(&table::AI_RETRIES, 1.0);
            sleep(wait).await;
        }
        Err(ModelError::Unavailable)
    }

    fn read<T>(self, answer: Result<T, ModelError>) -> Read<T> {
        Read {
            answer,
            calls: self.calls,
            left: self.budget,
        }
    }

    /// Writes a request down, and takes what it cost out of the budget.
    fn note(
        &mut self,
        link: &Link,
        used: Option<Usage>,
        started: Instant,
        failure: Option<ModelError>,
    ) {
        let used = credible(used.unwrap_or_default());
        let cost = link.price.of(&used);
        self.budget = self.budget.minus(cost);
        self.calls.push(ModelCall {
            task: self.task,
            provider: link.provider.clone(),
            model: link.model.clone(),
            usage: Usage { cost, ..used },
            time: started.elapsed(),
            failure,
        });
    }
}

/// What a provider says that it used, as far as that can be.
fn credible(used: Usage) -> Usage {
    Usage {
        input_tokens: used.input_tokens.min(MOST_TOKENS),
        output_tokens: used.output_tokens.min(MOST_TOKENS),
        audio_seconds: used.audio_seconds.min(MOST_SECONDS),
        ..used
    }
}

/// Upper bounds of the waits.
fn ceilings() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(FIRST_WAIT)
        .with_max_delay(LONGEST_WAIT)
        .without_max_times()
        .build()
}

/// A random part of `ceiling`.
fn jitter(ceiling: Duration) -> Duration {
    let random = getrandom::u32().unwrap_or(u32::MAX);
    ceiling.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

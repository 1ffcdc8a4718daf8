//! Calls that fail when they are told to.

use std::{
    collections::BTreeMap,
    fmt,
    future::pending,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use dodolens_app::ports::Unavailable;
use dodolens_domain::session::Change;
use tokio::time::Instant;

/// A method of a port, as `SessionStore::load`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call(pub &'static str);

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What a call carries, where not all calls of its method are alike.
#[derive(Debug, Clone, Copy)]
pub enum Cargo<'a> {
    /// Nothing that matters.
    Any,
    /// Of a session.
    Change(&'a Change),
    /// To a client, as it goes over the wire.
    Message(&'a str),
}

/// Calls of a method: all of them, or those that carry something.
#[derive(Debug, Clone, Copy)]
pub struct Calls {
    /// The method.
    pub of: Call,
    /// Whether what it carries makes it one of them.
    pub carrying: fn(Cargo<'_>) -> bool,
}

impl From<Call> for Calls {
    fn from(of: Call) -> Self {
        Self {
            of,
            carrying: |_| true,
        }
    }
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails, and nothing is done.
    Before,
    /// It is done, and the answer is lost: to the caller it has failed.
    After,
    /// It is done after this time.
    Late(Duration),
    /// It does not come to an end, and nothing is done.
    Never,
}

/// Every call that was made, in its order, and those that are to fail, by their number from 0.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Plan>);

#[derive(Debug, Default)]
struct Plan {
    made: Vec<Call>,
    planned: BTreeMap<usize, Fault>,
    /// Each of these calls fails so, as long as it stands.
    lasting: Option<(Calls, Fault)>,
    hung: Option<Instant>,
}

impl Faults {
    /// Has a call fail.
    pub fn plan(&self, number: usize, fault: Fault) {
        self.lock().planned.insert(number, fault);
    }

    /// Has each of these calls fail, until told otherwise.
    pub fn last(&self, fault: Option<(Calls, Fault)>) {
        self.lock().lasting = fault;
    }

    /// The calls so far.
    #[must_use]
    pub fn made(&self) -> Vec<Call> {
        self.lock().made.clone()
    }

    /// When a call was made, for the first time, that does not come to an end.
    #[must_use]
    pub fn hung(&self) -> Option<Instant> {
        self.lock().hung
    }

    /// # Errors
    /// [`Unavailable`] where the call is to fail.
    pub(crate) async fn run<T>(
        &self,
        call: Call,
        cargo: Cargo<'_>,
        act: impl FnOnce() -> T,
    ) -> Result<T, Unavailable> {
        let fault = {
            let mut plan = self.lock();
            let number = plan.made.len();
            plan.made.push(call);
            let lasting = plan
                .lasting
                .filter(|(calls, _)| calls.of == call && (calls.carrying)(cargo));
            let planned = plan.planned.get(&number).copied();
            let fault = planned.or(lasting.map(|(_, fault)| fault));
            if fault == Some(Fault::Never) {
                plan.hung.get_or_insert_with(Instant::now);
            }
            fault
        };
        match fault {
            None => Ok(act()),
            Some(Fault::Before) => Err(Unavailable(call.0)),
            Some(Fault::After) => {
                act();
                Err(Unavailable(call.0))
            }
            Some(Fault::Late(by)) => {
                tokio::time::sleep(by).await;
                Ok(act())
            }
            Some(Fault::Never) => pending().await,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: Call = Call("Port::method");
    const LATE: Duration = Duration::from_millis(5);

    #[tokio::test]
    async fn a_call_fails_as_it_is_told() {
        let (faults, done) = (Faults::default(), Mutex::new(0));
        faults.plan(1, Fault::Before);
        faults.plan(2, Fault::After);
        faults.plan(3, Fault::Late(LATE));
        let begun = Instant::now();
        for (works, times) in [(true, 1), (false, 1), (false, 2), (true, 3), (true, 4)] {
            let act = || *done.lock().unwrap() += 1;
            let called = faults.run(CALL, Cargo::Any, act).await;
            assert_eq!(called.is_ok(), works);
            assert_eq!(*done.lock().unwrap(), times);
        }
        assert!(begun.elapsed() >= LATE);
        assert_eq!(faults.made(), [CALL; 5]);
    }

    #[tokio::test]
    async fn calls_fail_for_as_long_as_they_are_told() {
        let faults = Faults::default();
        let works = async |call, cargo| faults.run(call, cargo, || ()).await.is_ok();
        faults.last(Some((CALL.into(), Fault::Before)));
        assert!(!works(CALL, Cargo::Any).await);
        assert!(works(Call("Port::other"), Cargo::Any).await);
        let hello = Calls {
            of: CALL,
            carrying: |cargo| matches!(cargo, Cargo::Message("hello")),
        };
        faults.last(Some((hello, Fault::Before)));
        assert!(!works(CALL, Cargo::Message("hello")).await);
        assert!(works(CALL, Cargo::Message("goodbye")).await);
        assert!(works(CALL, Cargo::Any).await);
        faults.last(None);
        assert!(works(CALL, Cargo::Message("hello")).await);
    }

    #[tokio::test]
    async fn a_call_that_does_not_end_is_known() {
        let faults = Faults::default();
        faults.plan(1, Fault::Never);
        let called = async || tokio::time::timeout(LATE, faults.run(CALL, Cargo::Any, || ())).await;
        assert_eq!(called().await, Ok(Ok(())));
        assert_eq!(faults.hung(), None);
        assert!(called().await.is_err());
        assert!(faults.hung().is_some());
        assert_eq!(faults.made(), [CALL; 2]);
    }
}

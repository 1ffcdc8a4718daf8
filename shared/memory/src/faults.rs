//! Calls that fail when they are told to.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use dodolens_app::ports::Unavailable;

/// A method of a port, as `SessionStore::load`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call(pub &'static str);

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
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
}

/// Every call that was made, in its order, and those that are to fail, by their number from 0.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Plan>);

#[derive(Debug, Default)]
struct Plan {
    made: Vec<Call>,
    planned: BTreeMap<usize, Fault>,
    /// Each call of this method fails so, as long as it stands.
    lasting: Option<(Call, Fault)>,
}

impl Faults {
    /// Has a call fail.
    pub fn plan(&self, number: usize, fault: Fault) {
        self.lock().planned.insert(number, fault);
    }

    /// Has each call of a method fail, until told otherwise.
    pub fn last(&self, fault: Option<(Call, Fault)>) {
        self.lock().lasting = fault;
    }

    /// The calls so far.
    #[must_use]
    pub fn made(&self) -> Vec<Call> {
        self.lock().made.clone()
    }

    /// # Errors
    /// [`Unavailable`] where the call is to fail.
    pub(crate) async fn run<T>(
        &self,
        call: Call,
        act: impl FnOnce() -> T,
    ) -> Result<T, Unavailable> {
        let fault = {
            let mut plan = self.lock();
            let number = plan.made.len();
            plan.made.push(call);
            let lasting = plan.lasting.filter(|(method, _)| *method == call);
            let planned = plan.planned.get(&number).copied();
            planned.or(lasting.map(|(_, fault)| fault))
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
        let begun = tokio::time::Instant::now();
        for (works, times) in [(true, 1), (false, 1), (false, 2), (true, 3), (true, 4)] {
            let called = faults.run(CALL, || *done.lock().unwrap() += 1).await;
            assert_eq!(called.is_ok(), works);
            assert_eq!(*done.lock().unwrap(), times);
        }
        assert!(begun.elapsed() >= LATE);
        assert_eq!(faults.made(), [CALL; 5]);
    }

    #[tokio::test]
    async fn a_method_fails_for_as_long_as_it_is_told() {
        let faults = Faults::default();
        faults.last(Some((CALL, Fault::Before)));
        assert!(faults.run(CALL, || ()).await.is_err());
        assert!(faults.run(Call("Port::other"), || ()).await.is_ok());
        faults.last(None);
        assert!(faults.run(CALL, || ()).await.is_ok());
    }
}

//! Every port in memory: a world of one value that a use case can be given whole. Sessions are kept by the reference model
//! (`Session::allows` and `apply`), time is tokio's and the test's, and any call can be made to fail, to lose its answer, to
//! take long, or not to come to an end. For tests, and for whoever wants to try a use case without a cloud.

mod clock;
mod faults;
mod models;
mod queues;
mod sessions;
mod vaults;

use std::sync::{Mutex, MutexGuard, PoisonError};

use dodolens_app::ports::Unavailable;
use dodolens_domain::session::Session;

pub use clock::ManualClock;
pub use faults::{Call, Calls, Cargo, Fault, Faults};
pub use models::{Answers, Script};
pub use queues::Pushed;

use queues::Queues;
use sessions::Stores;

/// A world in memory. It implements each port, so that a use case can be given it for all of them.
#[derive(Debug)]
pub struct Memory {
    /// Tells the time.
    pub clock: ManualClock,
    /// Has calls fail.
    pub faults: Faults,
    /// What the decoder and the models answer.
    pub answers: Mutex<Answers>,
    stores: Mutex<Stores>,
    queues: Mutex<Queues>,
}

impl Memory {
    /// A world with nothing in it, in which nothing fails.
    ///
    /// # Panics
    /// Outside a tokio runtime whose time is on.
    #[must_use]
    pub fn new(answers: Answers) -> Self {
        Self {
            clock: ManualClock::new(),
            faults: Faults::default(),
            answers: Mutex::new(answers),
            stores: Mutex::default(),
            queues: Mutex::default(),
        }
    }

    /// Every session that has a record.
    #[must_use]
    pub fn sessions(&self) -> Vec<Session> {
        self.stores().sessions.values().cloned().collect()
    }

    /// How many sealed parts are kept, expired or not.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.stores().parts.len()
    }

    /// How many connections are known by the session that they belong to.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.stores().connections.len()
    }

    /// What was sent to the queues and to clients.
    #[must_use]
    pub fn pushed(&self) -> Vec<Pushed> {
        self.queues().pushed.clone()
    }

    /// A call to a port: it happens as [`Faults`] has it.
    async fn call<T>(&self, call: Call, act: impl FnOnce(&Self) -> T) -> Result<T, Unavailable> {
        self.carrying(call, Cargo::Any, act).await
    }

    /// The same, of one that carries something.
    async fn carrying<T>(
        &self,
        call: Call,
        cargo: Cargo<'_>,
        act: impl FnOnce(&Self) -> T,
    ) -> Result<T, Unavailable> {
        self.faults.run(call, cargo, || act(self)).await
    }

    fn stores(&self) -> MutexGuard<'_, Stores> {
        self.stores.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn script<T>(&self, read: impl FnOnce(&Answers) -> T) -> T {
        read(&self.answers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

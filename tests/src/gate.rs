//! Counts each request of the functions on its way to AWS and the AI, and can end the function that makes a certain one.

mod step;

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use dodolens_local::{
    aws_proxy::{Answer, Call, Observer, Proxy},
    cloud::Cloud,
    launch::RunningStack,
};
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};

pub use step::{Side, Step};

/// Stands before everything that functions ask. To be named in their environment, and told afterwards where the services
/// are.
pub struct Gate {
    proxy: Proxy,
    counter: Counter,
    kills: AsyncMutex<mpsc::UnboundedReceiver<Kill>>,
}

/// A function that is to be ended; dropped, it has been.
struct Kill {
    function: String,
    _done: oneshot::Sender<()>,
}

#[derive(Clone)]
struct Counter {
    counts: Arc<Mutex<BTreeMap<(String, String), u32>>>,
    deadly: Option<(Step, Side)>,
    kills: mpsc::UnboundedSender<Kill>,
}

impl Gate {
    /// Starts one that lets everything pass, but ends the function that takes the step `deadly`.
    ///
    /// # Panics
    /// When it has no port.
    #[allow(clippy::expect_used)]
    pub async fn start(deadly: Option<(Step, Side)>) -> Self {
        let (sender, kills) = mpsc::unbounded_channel();
        let counter = Counter {
            counts: Arc::default(),
            deadly,
            kills: sender,
        };
        Self {
            proxy: Proxy::start(counter.clone()).await.expect("a port"),
            counter,
            kills: AsyncMutex::new(kills),
        }
    }

    /// The variables that lead a function's requests here.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut variables = self.proxy.environment();
        variables.push(self.proxy.ai_environment());
        variables
    }

    /// Where to lead them from here.
    pub fn lead_to(&self, stack: &RunningStack) {
        self.proxy.lead_to(stack);
    }

    /// Waits for the deadly step, and ends the function with SIGKILL before the request is let go, or its answer.
    pub async fn kill_once(&self, cloud: &Cloud) {
        if let Some(kill) = self.kills.lock().await.recv().await {
            cloud.kill_instance(&kill.function).await;
        }
    }

    /// Every step that was taken so far.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let counts = self.counter.counts();
        let steps = counts.iter().flat_map(|((function, operation), count)| {
            (1..=*count).map(|number| Step {
                function: function.clone(),
                operation: operation.clone(),
                number,
            })
        });
        steps.collect()
    }
}

impl Counter {
    fn counts(&self) -> MutexGuard<'_, BTreeMap<(String, String), u32>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, call: &Call) -> Step {
        let mut counts = self.counts();
        let key = (call.function.clone(), step::operation(call));
        let (function, operation) = key.clone();
        let number = counts.entry(key).or_default();
        *number += 1;
        Step {
            function,
            operation,
            number: *number,
        }
    }

    /// Has the function ended, if this is what ends it, and waits until it is gone.
    async fn kill_at(&self, step: &Step, side: Side) -> bool {
        let deadly = self.deadly.as_ref();
        if deadly.is_none_or(|(at, when)| at != step || *when != side) {
            return false;
        }
        let (sender, done) = oneshot::channel();
        let kill = Kill {
            function: step.function.clone(),
            _done: sender,
        };
        drop(self.kills.send(kill));
        // An error says that the sender is gone, which is the sign.
        drop(done.await);
        true
    }
}

impl Observer for Counter {
    async fn around(&self, call: Call, service: impl Future<Output = Answer> + Send) -> Answer {
        let step = self.count(&call);
        if self.kill_at(&step, Side::Before).await {
            return Answer::nobody();
        }
        let answer = service.await;
        if self.kill_at(&step, Side::After).await {
            return Answer::nobody();
        }
        answer
    }
}

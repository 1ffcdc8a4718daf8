//! Stands before AWS as IAM does: refuses what a function's policy does not allow, and notes what was asked for.

use std::{
    collections::BTreeSet,
    future::Future,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use axum::http::{HeaderMap, StatusCode};
use dodolens_local::{
    aws_proxy::{Answer, Call, Observer, Proxy},
    launch::RunningStack,
};
use tokio::sync::oneshot;

use crate::iam::{Policies, Use, uses};

pub struct Guard {
    pub proxy: Proxy,
    watch: Watch,
}

#[derive(Clone, Default)]
struct Watch(Arc<Shared>);

#[derive(Default)]
struct Shared {
    policies: OnceLock<Policies>,
    seen: Mutex<BTreeSet<Use>>,
    hold: Mutex<Option<Hold>>,
}

/// The next call of this operation is held.
struct Hold {
    operation: &'static str,
    reached: oneshot::Sender<()>,
    released: oneshot::Receiver<()>,
}

/// A call that is being held, until this is dropped.
pub struct Held {
    reached: oneshot::Receiver<()>,
    _release: oneshot::Sender<()>,
}

impl Held {
    pub async fn reached(&mut self) {
        (&mut self.reached).await.unwrap();
    }
}

impl Guard {
    pub async fn start() -> Self {
        let watch = Watch::default();
        let proxy = Proxy::start(watch.clone()).await.unwrap();
        Self { proxy, watch }
    }

    /// Where the services are, and what the functions are allowed.
    pub fn lead_to(&self, stack: &RunningStack) {
        let policies = Policies::of(stack.cloud.stack());
        drop(self.watch.0.policies.set(policies));
        self.proxy.lead_to(stack);
    }

    /// Holds the next call of an operation before the service gets it.
    pub fn hold(&self, operation: &'static str) -> Held {
        let (reached, is_reached) = oneshot::channel();
        let (release, released) = oneshot::channel();
        *locked(&self.watch.0.hold) = Some(Hold {
            operation,
            reached,
            released,
        });
        Held {
            reached: is_reached,
            _release: release,
        }
    }

    /// What was asked for without being allowed, and what is allowed without having been asked for.
    pub fn findings(&self) -> (Vec<Use>, Vec<Use>) {
        let policies = self.watch.policies();
        let seen = locked(&self.watch.0.seen);
        let denied = seen.iter().filter(|it| !policies.allow(it)).cloned();
        (denied.collect(), policies.unused(&seen))
    }
}

impl Watch {
    fn policies(&self) -> &Policies {
        self.0.policies.get().unwrap()
    }
}

impl Observer for Watch {
    async fn around(&self, call: Call, service: impl Future<Output = Answer> + Send) -> Answer {
        let uses = uses(&call);
        assert!(!uses.is_empty(), "{call:?} is about nothing");
        let denied: Vec<_> = uses
            .iter()
            .filter(|it| !self.policies().allow(it))
            .collect();
        for denied in &denied {
            eprintln!("not allowed: {denied}");
        }
        let refused = !denied.is_empty();
        locked(&self.0.seen).extend(uses);
        if refused {
            return access_denied();
        }
        let held = locked(&self.0.hold).take_if(|hold| hold.operation == call.operation);
        if let Some(hold) = held {
            let _ = hold.reached.send(());
            // An error says that the sender is gone, which is the sign.
            let _ = hold.released.await;
        }
        service.await
    }
}

/// As DynamoDB and the others answer; `@connections` tells it by the status.
fn access_denied() -> Answer {
    Answer {
        status: StatusCode::FORBIDDEN,
        headers: HeaderMap::new(),
        body: r#"{"__type":"AccessDeniedException"}"#.into(),
    }
}

fn locked<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

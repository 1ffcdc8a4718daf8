//! What is sent: jobs, orders, messages to clients, results.

use std::time::Duration;

use dodolens_app::ports::{
    CompletedResult, DeliveryQueue, JobQueue, Notifier, PushOutcome, ResultSink, SinkError,
    Unavailable,
};
use dodolens_domain::{
    ids::{ConnectionId, SessionId},
    sink::SinkName,
};

use crate::{Call, Cargo, Memory};

/// A message to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// To whom.
    pub connection: ConnectionId,
    /// As it went over the wire.
    pub message: String,
}

#[derive(Debug, Default)]
pub struct Queues {
    pub pushed: Vec<Pushed>,
    closed: Vec<ConnectionId>,
    jobs: Vec<SessionId>,
    orders: Vec<(SessionId, SinkName)>,
    /// Whose results the sink has.
    results: Vec<SessionId>,
}

impl Memory {
    /// The jobs that were sent, each as often as it was.
    #[must_use]
    pub fn jobs(&self) -> Vec<SessionId> {
        self.queues().jobs.clone()
    }

    /// The orders to deliver that were sent, each as often as it was.
    #[must_use]
    pub fn orders(&self) -> Vec<(SessionId, SinkName)> {
        self.queues().orders.clone()
    }

    /// Whose results the sink was given, each as often as it was.
    #[must_use]
    pub fn delivered(&self) -> Vec<SessionId> {
        self.queues().results.clone()
    }

    /// A client closes its connection.
    pub fn close(&self, connection: &ConnectionId) {
        self.queues().closed.push(connection.clone());
    }
}

impl JobQueue for Memory {
    async fn send(&self, session: SessionId) -> Result<(), Unavailable> {
        self.call(Call("JobQueue::send"), |world| {
            world.queues().jobs.push(session);
        })
        .await
    }

    async fn retry_now(&self, _: &str) -> Result<(), Unavailable> {
        self.call(Call("JobQueue::retry_now"), |_| ()).await
    }
}

impl DeliveryQueue for Memory {
    async fn send(&self, session: SessionId, sink: SinkName) -> Result<(), Unavailable> {
        self.call(Call("DeliveryQueue::send"), |world| {
            world.queues().orders.push((session, sink));
        })
        .await
    }

    async fn retry_after(&self, _: &str, _: Duration) -> Result<(), Unavailable> {
        self.call(Call("DeliveryQueue::retry_after"), |_| ()).await
    }
}

impl Notifier for Memory {
    async fn push(
        &self,
        connection: &ConnectionId,
        message: &str,
    ) -> Result<PushOutcome, Unavailable> {
        let (call, cargo) = (Call("Notifier::push"), Cargo::Message(message));
        self.carrying(call, cargo, |world| {
            let mut queues = world.queues();
            if queues.closed.contains(connection) {
                return PushOutcome::Gone;
            }
            queues.pushed.push(Pushed {
                connection: connection.clone(),
                message: message.to_owned(),
            });
            PushOutcome::Accepted
        })
        .await
    }
}

impl ResultSink for Memory {
    const NAME: SinkName = SinkName::Webhook;

    async fn accept(&self, result: &CompletedResult<'_>) -> Result<(), SinkError> {
        let accepted = self.call(Call("ResultSink::accept"), |world| {
            world.queues().results.push(result.session);
        });
        accepted.await.map_err(|_| SinkError::Unreachable)
    }
}

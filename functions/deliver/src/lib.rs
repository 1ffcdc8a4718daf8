//! Results to the mover's own systems, after the media are destroyed.

mod sinks;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use dodolens::{
    app::{
        deliver::{Delivered, Undelivered},
        metrics::{self, table},
        ports::DeliveryQueue as _,
        provide,
    },
    aws::{DynamoSessions, SqsDeliveries, SystemClock, clients},
    config::ConfigError,
    domain::{ids::SessionId, sink::SinkName},
    wire::delivery::{DeliveryOrder, MAX_ATTEMPTS},
};
use futures::future::join_all;
use lambda_runtime::{Error, LambdaEvent};
use tracing::Instrument as _;

use sinks::Sinks;

/// What this function works with.
#[derive(Debug)]
pub struct Deps {
    sessions: DynamoSessions,
    orders: SqsDeliveries,
    dead_letters: SqsDeliveries,
    sinks: Sinks,
    clock: SystemClock,
}

provide!(Deps {
    HasSessions::sessions: DynamoSessions = sessions,
    HasClock::clock: SystemClock = clock,
});

impl Deps {
    /// From the environment. The sinks' credentials are read when they are needed.
    ///
    /// # Errors
    /// When a variable is missing or unreadable.
    pub async fn from_environment() -> Result<Self, Error> {
        let aws = clients::load().await;
        Ok(Self {
            sessions: aws.sessions()?,
            orders: aws
                .deliveries()?
                .ok_or(ConfigError::Missing("DELIVERIES_QUEUE_URL"))?,
            dead_letters: aws.dead_deliveries()?,
            sinks: Sinks::from_environment(&aws)?,
            clock: SystemClock,
        })
    }
}

/// Carries out the orders of a batch, all at once; those that should come again are told by name.
///
/// # Errors
/// None: each order has its own outcome.
pub async fn handle(event: LambdaEvent<SqsEvent>, deps: &Deps) -> Result<SqsBatchResponse, Error> {
    let messages = &event.payload.records;
    let done = join_all(messages.iter().map(|message| carry_out(deps, message))).await;
    let mut response = SqsBatchResponse::default();
    for (message, done) in messages.iter().zip(done) {
        if !done {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.clone().unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    Ok(response)
}

/// Whether the message is done with.
async fn carry_out(deps: &Deps, message: &SqsMessage) -> bool {
    let Some((session, sink)) = message.body.as_deref().and_then(DeliveryOrder::read) else {
        tracing::error!("a message of the queue is no order to deliver");
        return true;
    };
    let span = tracing::info_span!("delivery", %session, %sink);
    let attempt = async {
        match deps.sinks.deliver(deps, session, sink).await {
            Ok(Delivered::Accepted) => {
                tracing::info!("a result was delivered");
                metrics::record(&table::DELIVERIES_ACCEPTED, 1.0);
            }
            Ok(Delivered::Erased) => tracing::info!("an erased session is not delivered"),
            Err(error) => return put_off(deps, message, (session, sink), error).await,
        }
        true
    };
    Box::pin(attempt.instrument(span)).await
}

/// Leaves a failed order for later, or gives it up. Whether the message is done with.
async fn put_off(
    deps: &Deps,
    message: &SqsMessage,
    (session, sink): (SessionId, SinkName),
    error: Undelivered,
) -> bool {
    let attempt = attempts(message);
    let Some(wait) = error.wait(attempt, chance()) else {
        tracing::error!(%error, attempt, "a result could not be delivered");
        metrics::record(&table::DELIVERIES_GIVEN_UP, 1.0);
        // If it can't be sent, the order comes again, and in the end the queue gives it up.
        return deps.dead_letters.send(session, sink).await.is_ok();
    };
    tracing::warn!(%error, attempt, wait_seconds = wait.as_secs(), "a delivery failed; another attempt follows");
    let handle = message.receipt_handle.as_deref().unwrap_or_default();
    if let Err(error) = deps.orders.retry_after(handle, wait).await {
        tracing::warn!(%error, "the order comes again only when its visibility timeout is over");
    }
    false
}

/// How often this order has been tried, this time included.
fn attempts(message: &SqsMessage) -> u32 {
    message
        .attributes
        .get("ApproximateReceiveCount")
        .and_then(|count| count.parse().ok())
        .unwrap_or(MAX_ATTEMPTS)
}

/// A random number, 0 to 1.
fn chance() -> f64 {
    f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

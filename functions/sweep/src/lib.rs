//! Every minute, and for jobs that were given up: whatever is past its deadline is destroyed.

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use dodolens::{
    Parts,
    app::{
        error::Error,
        metrics::{self, table},
        ports::HasDeliveries,
        provide,
        sweep::{give_up, sweep},
    },
    aws::{
        ApiGatewayNotifier, DynamoSessions, SecretsManagerReceipts, SqsDeliveries, SystemClock,
        clients,
    },
    config::{self, ConfigError},
    domain::{receipt::PartDeletion, sink::SinkName},
    wire::job::Job,
};
use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use serde_json::Value;

/// What this function works with.
#[derive(Debug)]
pub struct Deps {
    sessions: DynamoSessions,
    parts: Parts,
    receipts: SecretsManagerReceipts,
    notifier: ApiGatewayNotifier,
    deliveries: Option<SqsDeliveries>,
    sinks: Vec<SinkName>,
    clock: SystemClock,
    deletion: PartDeletion,
}

provide!(Deps {
    HasSessions::sessions: DynamoSessions = sessions,
    HasParts::parts: Parts = parts,
    HasReceipts::receipts: SecretsManagerReceipts = receipts,
    HasNotifier::notifier: ApiGatewayNotifier = notifier,
    HasClock::clock: SystemClock = clock,
});

impl HasDeliveries for Deps {
    type Port = SqsDeliveries;

    fn deliveries(&self) -> Option<&SqsDeliveries> {
        self.deliveries.as_ref()
    }
}

impl Deps {
    /// From the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable that is missing or unreadable.
    pub async fn from_environment() -> Result<Self, ConfigError> {
        let aws = clients::load().await;
        Ok(Self {
            sessions: aws.sessions()?,
            parts: Parts::from_environment(&aws).await?,
            receipts: aws.receipts()?,
            notifier: aws.notifier()?,
            deliveries: aws.deliveries()?,
            sinks: config::sinks()?,
            clock: SystemClock,
            deletion: config::part_deletion()?,
        })
    }
}

/// What wakes this function.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Wake {
    /// Messages of the dead-letter queue.
    DeadLetters(SqsEvent),
    /// The schedule; what it says does not matter.
    Schedule(Value),
}

/// Sweeps, or gives up the sessions of dead letters.
///
/// # Errors
/// When the index can't be read, or a session could not be dealt with, so that it shows among the function's errors; the
/// next sweep tries again.
pub async fn handle(
    event: LambdaEvent<Wake>,
    deps: &Deps,
) -> Result<SqsBatchResponse, lambda_runtime::Error> {
    match event.payload {
        Wake::DeadLetters(letters) => Ok(bury(&letters, deps).await),
        Wake::Schedule(_) => {
            let swept = sweep(deps, deps.deletion).await?;
            metrics::record(&table::MEDIA_OVERDUE, swept.overdue as f64);
            tracing::info!(due = swept.due, failed = swept.failed, "swept");
            if swept.failed > 0 {
                return Err(format!("{} sessions could not be swept", swept.failed).into());
            }
            Ok(SqsBatchResponse::default())
        }
    }
}

async fn bury(letters: &SqsEvent, deps: &Deps) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for letter in &letters.records {
        if let Err(error) = bury_one(letter, deps).await {
            tracing::error!(%error, "a dead letter could not be dealt with");
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = letter.message_id.clone().unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    response
}

async fn bury_one(letter: &SqsMessage, deps: &Deps) -> Result<(), Error> {
    let Some(session) = letter.body.as_deref().and_then(Job::session) else {
        tracing::error!("a dead letter is no job");
        return Ok(());
    };
    tracing::error!(%session, "a job was given up");
    metrics::record(&table::JOBS_GIVEN_UP, 1.0);
    give_up(deps, deps.deletion, &deps.sinks, session).await
}

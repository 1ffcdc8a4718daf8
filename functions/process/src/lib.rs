//! From a complete upload to an inventory.

use std::time::Duration;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use dodolens::{
    Parts,
    ai::{Ai, AiConfig, ApiKeys},
    app::{
        metrics::{self, table},
        ports::{
            Clock as _, HasDeliveries, JobQueue as _, KeyVault as _, MediaLimits, ReceiptVault as _,
        },
        process::{Disposition, JobDelivery, ProcessSettings, process},
        provide,
    },
    aws::{
        ApiGatewayNotifier, DynamoSessions, SecretsManagerReceipts, SecretsManagerVault,
        SqsDeliveries, SqsJobs, SystemClock, clients, secret_text,
    },
    config::{self, ConfigError},
    domain::{money::Usd, time::Timestamp},
    media::{FfmpegConfig, FfmpegExtractor},
    wire::job::{Job, MAX_DELIVERIES},
};
use lambda_runtime::{Error, LambdaEvent};
use tracing::Instrument as _;

/// Extraction is done, or given up, within this. An 80 MB video takes about a second.
const MEDIA_DEADLINE: Duration = Duration::from_secs(40);
/// The models, with all their retries and fallbacks, are done within this.
const ANALYSIS_TIME: Duration = Duration::from_secs(45);
/// Clients are told how far the work is within this, or not at all.
const TELLING: Duration = Duration::from_secs(4);
/// Left for destroying and telling before Lambda ends the invocation.
const RESERVE: Duration = Duration::from_secs(15);
/// The long side of a picture, pixels: what a model of today looks at without scaling down itself.
const FRAME_LONG_SIDE: u32 = 1024;
/// Most pixels of a picture in the video: 8K.
const SOURCE_PIXELS: u64 = 7680 * 4320;

/// What this function works with.
#[derive(Debug)]
pub struct Deps {
    sessions: DynamoSessions,
    parts: Parts,
    vault: SecretsManagerVault,
    receipts: SecretsManagerReceipts,
    jobs: SqsJobs,
    deliveries: Option<SqsDeliveries>,
    notifier: ApiGatewayNotifier,
    extractor: FfmpegExtractor,
    ai: Ai,
    clock: SystemClock,
    settings: ProcessSettings,
}

provide!(Deps {
    HasSessions::sessions: DynamoSessions = sessions,
    HasParts::parts: Parts = parts,
    HasVault::vault: SecretsManagerVault = vault,
    HasReceipts::receipts: SecretsManagerReceipts = receipts,
    HasNotifier::notifier: ApiGatewayNotifier = notifier,
    HasExtractor::extractor: FfmpegExtractor = extractor,
    HasVision::vision: Ai = ai,
    HasTranscriber::transcriber: Ai = ai,
    HasCues::cues: Ai = ai,
    HasClock::clock: SystemClock = clock,
});

impl HasDeliveries for Deps {
    type Port = SqsDeliveries;

    fn deliveries(&self) -> Option<&SqsDeliveries> {
        self.deliveries.as_ref()
    }
}

impl Deps {
    /// From the environment, and the AI providers' keys from their secret.
    ///
    /// # Errors
    /// When a variable is missing or unreadable, the keys can't be read, or ffmpeg can't be confined as configured.
    pub async fn from_environment() -> Result<Self, Error> {
        let aws = clients::load().await;
        let ai = AiConfig::from_environment()?;
        let (deliveries, sinks) = (aws.deliveries()?, config::sinks()?);
        let result_lifetime = config::result_lifetime()?;
        if result_lifetime.is_zero() && !sinks.is_empty() {
            // There would be nothing to deliver.
            return Err(ConfigError::Invalid("RESULT_TTL_SECONDS").into());
        }
        let (sessions, vault, receipts) = (aws.sessions()?, aws.vault()?, aws.receipts()?);
        let (secrets, keys) = (aws.secrets(), config::text("AI_KEY_SECRET")?);
        let endpoint = config::text("CONNECTIONS_ENDPOINT")?;
        let ahead = Box::pin(clients::ahead(async {
            tokio::join!(
                sessions.connect(1),
                vault.current(),
                receipts.keys(),
                aws.connect(&endpoint)
            )
        }));
        let keys = secret_text(&secrets, &keys, "the AI providers' keys");
        let (keys, ()) = tokio::join!(keys, ahead);
        Ok(Self {
            sessions,
            parts: Parts::from_environment(&aws).await?,
            vault,
            receipts,
            jobs: aws.jobs()?,
            deliveries,
            notifier: aws.notifier()?,
            extractor: FfmpegExtractor::new(FfmpegConfig {
                path: config::value("FFMPEG_PATH")?,
                strictness: config::value("DECODER_JAIL")?,
            })
            .await?,
            ai: Ai::new(
                &ai,
                &ApiKeys::from_json(&keys?)?,
                config::value("AI_CALL_LIMITS")?,
            )?,
            clock: SystemClock,
            settings: ProcessSettings {
                media: MediaLimits {
                    frames: config::value("MAX_FRAMES")?,
                    long_side: FRAME_LONG_SIDE,
                    source_pixels: SOURCE_PIXELS,
                    deadline: MEDIA_DEADLINE,
                },
                analysis_time: ANALYSIS_TIME,
                // So that all deliveries of a job keep within the budget of its session.
                analysis_budget: config::value::<Usd>("AI_BUDGET_USD")?.split(MAX_DELIVERIES),
                telling: TELLING,
                result_lifetime,
                reserve: RESERVE,
                deletion: config::part_deletion()?,
                sinks,
            },
        })
    }
}

/// Processes the sessions of a batch; those that should come again are told by name.
///
/// # Errors
/// None: each message has its own outcome.
pub async fn handle(event: LambdaEvent<SqsEvent>, deps: &Deps) -> Result<SqsBatchResponse, Error> {
    let deadline =
        Timestamp::from_millis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
    let mut response = SqsBatchResponse::default();
    for message in &event.payload.records {
        let Some(session) = message.body.as_deref().and_then(Job::session) else {
            tracing::error!("a message of the queue is no job");
            continue;
        };
        let (sent_at, deliveries) = (sent_at(message), deliveries(message));
        if let (Some(sent_at), 1) = (sent_at, deliveries) {
            metrics::record_time(&table::STAGE_WAIT, deps.clock.now().since(sent_at));
        }
        let job = JobDelivery {
            session,
            owner: event.context.request_id.clone(),
            deadline,
            sent_at,
            retryable: deliveries < MAX_DELIVERIES,
        };
        if take(deps, &job, message).await != Disposition::Done {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.clone().unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    Ok(response)
}

async fn take(deps: &Deps, job: &JobDelivery, message: &SqsMessage) -> Disposition {
    let span = tracing::info_span!("job", session = %job.session);
    let processing = Box::pin(process(deps, &deps.settings, job));
    let disposition = processing.instrument(span.clone()).await;
    span.in_scope(|| tracing::info!(?disposition, "job taken"));
    if disposition == Disposition::RetryNow
        && let Some(handle) = &message.receipt_handle
        && let Err(error) = deps.jobs.retry_now(handle).await
    {
        tracing::warn!(%error, "the job comes again only when its visibility timeout is over");
    }
    disposition
}

/// When this message was sent.
fn sent_at(message: &SqsMessage) -> Option<Timestamp> {
    let millis = message.attributes.get("SentTimestamp")?.parse().ok()?;
    Some(Timestamp::from_millis(millis))
}

/// How often this message has been delivered, this time included.
fn deliveries(message: &SqsMessage) -> u32 {
    message
        .attributes
        .get("ApproximateReceiveCount")
        .and_then(|count| count.parse().ok())
        .unwrap_or(MAX_DELIVERIES)
}

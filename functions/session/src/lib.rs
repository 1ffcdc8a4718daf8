//! Opening, showing and erasing a session, and the health of the service.

mod principal;

use dodolens::{
    Parts,
    ai::{AiConfig, configured_models, retirement_warnings},
    app::{
        access::open_session,
        create::{CreateSettings, create_session},
        erase::erase,
        ports::{Clock as _, KeyVault as _, ReceiptVault as _},
        provide,
    },
    aws::{
        ApiGatewayNotifier, DynamoQuotas, DynamoSessions, SecretsManagerReceipts,
        SecretsManagerVault, SystemClock, clients,
    },
    config::{self, ConfigError},
    domain::{quota::Quota, receipt::PartDeletion},
    edge::{
        credential::credential,
        error::Error,
        request::{MAX_JSON_BYTES, bearer, json, limit_body},
        response::{self, Answer},
    },
    wire::{
        http::{Health, HealthModel, HealthWarning, Snapshot},
        problem::ProblemCode,
    },
};
use jiff::{Zoned, tz::TimeZone};
use lambda_http::{
    Request, RequestExt as _,
    http::{Method, StatusCode},
};

/// What this function works with.
#[derive(Debug)]
pub struct Deps {
    sessions: DynamoSessions,
    parts: Parts,
    quotas: DynamoQuotas,
    vault: SecretsManagerVault,
    receipts: SecretsManagerReceipts,
    notifier: ApiGatewayNotifier,
    clock: SystemClock,
    settings: CreateSettings,
    deletion: PartDeletion,
    /// The configured models; `None` if they can't be read, which is no reason to refuse an erasure.
    models: Option<Vec<HealthModel>>,
}

provide!(Deps {
    HasSessions::sessions: DynamoSessions = sessions,
    HasParts::parts: Parts = parts,
    HasQuotas::quotas: DynamoQuotas = quotas,
    HasVault::vault: SecretsManagerVault = vault,
    HasReceipts::receipts: SecretsManagerReceipts = receipts,
    HasNotifier::notifier: ApiGatewayNotifier = notifier,
    HasClock::clock: SystemClock = clock,
});

impl Deps {
    /// From the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable that is missing or unreadable.
    pub async fn from_environment() -> Result<Self, ConfigError> {
        let aws = clients::load().await;
        let models = configured_models(&AiConfig::from_environment()?)
            .inspect_err(|error| tracing::error!(%error, "the models can't be read"))
            .ok();
        let deps = Self {
            sessions: aws.sessions()?,
            parts: Parts::from_environment(&aws).await?,
            quotas: aws.quotas()?,
            vault: aws.vault()?,
            receipts: aws.receipts()?,
            notifier: aws.notifier()?,
            clock: SystemClock,
            settings: CreateSettings {
                max_video_bytes: config::value("MAX_VIDEO_BYTES")?,
                quota: Quota {
                    sessions: config::value("SESSIONS_PER_CLIENT")?,
                    window_seconds: config::value("QUOTA_WINDOW_SECONDS")?,
                },
                lifetimes: config::lifetimes()?,
                websocket_url: config::text("WEBSOCKET_URL")?,
            },
            deletion: config::part_deletion()?,
            models,
        };
        // To open a session; the rest is for erasing, which is seldom.
        clients::ahead(async { tokio::join!(deps.sessions.connect(1), deps.vault.current()) })
            .await;
        Ok(deps)
    }
}

/// Answers a request.
pub async fn handle(request: Request, deps: &Deps) -> Answer {
    route(&request, deps)
        .await
        .unwrap_or_else(|error| response::problem(&error))
}

async fn route(request: &Request, deps: &Deps) -> Result<Answer, Error> {
    limit_body(request.body(), MAX_JSON_BYTES)?;
    let path = request.raw_http_path();
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (request.method(), segments.as_slice()) {
        (&Method::POST, ["v1", "sessions"]) => create(request, deps).await,
        (&Method::GET, ["v1", "sessions", id]) => show(request, deps, id).await,
        (&Method::DELETE, ["v1", "sessions", id]) => remove(request, deps, id).await,
        (&Method::GET, ["v1", "receipt-keys"]) => {
            let keys = deps.receipts.keys().await?.published();
            Ok(response::json(StatusCode::OK, &keys))
        }
        (&Method::GET, ["v1", "health"]) => Ok(response::json(StatusCode::OK, &health(deps))),
        _ => Err(ProblemCode::RouteNotFound.into()),
    }
}

fn health(deps: &Deps) -> Health {
    let today = Zoned::now().with_time_zone(TimeZone::UTC).date();
    Health {
        status: "ok".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        models: deps.models.clone().unwrap_or_default(),
        warnings: match &deps.models {
            Some(models) => retirement_warnings(models, today),
            None => vec![HealthWarning::ModelsUnreadable],
        },
    }
}

async fn create(request: &Request, deps: &Deps) -> Result<Answer, Error> {
    let wanted = json(request.body())?;
    let client = principal::of(request)?;
    let created = create_session(deps, &deps.settings, &client, &wanted).await?;
    tracing::info!(
        session = created.session_id,
        chunks = created.total_chunks,
        "session opened"
    );
    Ok(response::json(StatusCode::CREATED, &created))
}

async fn show(request: &Request, deps: &Deps, id: &str) -> Result<Answer, Error> {
    let credential = credential(id, bearer(request.headers()))?;
    let session = open_session(deps, &credential).await?;
    Ok(response::json(
        StatusCode::OK,
        &Snapshot::of(&session, deps.clock.now()),
    ))
}

async fn remove(request: &Request, deps: &Deps, id: &str) -> Result<Answer, Error> {
    let credential = credential(id, bearer(request.headers()))?;
    let receipt = erase(deps, deps.deletion, &credential).await?;
    Ok(response::json(StatusCode::OK, &receipt))
}

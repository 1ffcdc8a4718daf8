//! Taking one chunk of a video in.

use std::time::Duration;

use dodolens::{
    Parts,
    app::{
        ports::KeyVault as _,
        provide,
        receive_chunk::{IncomingChunk, receive_chunk},
    },
    aws::{ApiGatewayNotifier, DynamoSessions, SecretsManagerVault, SystemClock, clients},
    config::{self, ConfigError},
    domain::plan::MAX_CHUNK_BYTES,
    edge::{
        credential::credential,
        error::Error,
        request::{bearer, content_digest, limit_body},
        response::{self, Answer},
    },
    wire::problem::ProblemCode,
};
use lambda_http::{Request, RequestExt as _};

/// Parts of a chunk of the default length, which are stored at the same time.
const USUAL_PARTS: usize = 3;

/// What this function works with.
#[derive(Debug)]
pub struct Deps {
    sessions: DynamoSessions,
    parts: Parts,
    vault: SecretsManagerVault,
    notifier: ApiGatewayNotifier,
    clock: SystemClock,
    media_lifetime: Duration,
}

provide!(Deps {
    HasSessions::sessions: DynamoSessions = sessions,
    HasParts::parts: Parts = parts,
    HasVault::vault: SecretsManagerVault = vault,
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
        let deps = Self {
            sessions: aws.sessions()?,
            parts: Parts::from_environment(&aws).await?,
            vault: aws.vault()?,
            notifier: aws.notifier()?,
            clock: SystemClock,
            media_lifetime: config::media_lifetime()?,
        };
        let endpoint = config::text("CONNECTIONS_ENDPOINT")?;
        clients::ahead(async {
            tokio::join!(
                deps.sessions.connect(USUAL_PARTS),
                deps.vault.current(),
                aws.connect(&endpoint)
            )
        })
        .await;
        Ok(deps)
    }
}

/// Answers `PUT /v1/sessions/{id}/chunks/{index}`.
pub async fn handle(request: Request, deps: &Deps) -> Answer {
    match receive(&request, deps).await {
        Ok(()) => response::no_content(),
        Err(error) => response::problem(&error),
    }
}

async fn receive(request: &Request, deps: &Deps) -> Result<(), Error> {
    limit_body(request.body(), MAX_CHUNK_BYTES as usize)?;
    let path = request.path_parameters();
    let credential = credential(
        path.first("id").unwrap_or_default(),
        bearer(request.headers()),
    )?;
    let index = path
        .first("index")
        // Rust also takes a `+` before a number.
        .filter(|index| index.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|index| index.parse().ok())
        .ok_or(ProblemCode::ChunkOutOfRange)?;
    let chunk = IncomingChunk {
        index,
        bytes: request.body(),
        digest: content_digest(request.headers())?,
    };
    receive_chunk(deps, deps.media_lifetime, &credential, &chunk).await?;
    Ok(())
}

//! The client has sent everything.

use dodolens::{
    app::{finalize::finalize, provide},
    aws::{DynamoSessions, SqsJobs, SystemClock, clients},
    config::{self, ConfigError},
    edge::{
        credential::credential,
        error::Error,
        request::{MAX_JSON_BYTES, bearer, limit_body},
        response::{self, Answer},
    },
    wire::http::Finalized,
};
use lambda_http::{Request, RequestExt as _, http::StatusCode};

/// What this function works with.
#[derive(Debug)]
pub struct Deps {
    sessions: DynamoSessions,
    jobs: SqsJobs,
    clock: SystemClock,
}

provide!(Deps {
    HasSessions::sessions: DynamoSessions = sessions,
    HasJobs::jobs: SqsJobs = jobs,
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
            jobs: aws.jobs()?,
            clock: SystemClock,
        };
        let queue = config::text("JOBS_QUEUE_URL")?;
        clients::ahead(async { tokio::join!(deps.sessions.connect(1), aws.connect(&queue)) }).await;
        Ok(deps)
    }
}

/// Answers `POST /v1/sessions/{id}/finalize`.
pub async fn handle(request: Request, deps: &Deps) -> Answer {
    match queue(&request, deps).await {
        Ok(finalized) => response::json(StatusCode::ACCEPTED, &finalized),
        Err(error) => response::problem(&error),
    }
}

async fn queue(request: &Request, deps: &Deps) -> Result<Finalized, Error> {
    limit_body(request.body(), MAX_JSON_BYTES)?;
    let path = request.path_parameters();
    let credential = credential(
        path.first("id").unwrap_or_default(),
        bearer(request.headers()),
    )?;
    let session = finalize(deps, &credential).await?;
    Ok(Finalized::of(&session))
}

//! Who asks for use cases: each method is what a function does with one event.

use std::time::Duration;

use dodolens_app::{
    access::{Credential, open_session},
    connect::{disconnect, join},
    deliver::deliver,
    erase::erase,
    error::Error,
    ports::{Clock as _, MediaLimits, ResultSink as _},
    process::{Disposition, JobDelivery, ProcessSettings, process},
    sweep::{give_up, sweep},
};
use dodolens_domain::{money::Usd, receipt::PartDeletion, session::Session, sink::SinkName};
use dodolens_memory::{Answers, Memory};

use crate::common::{World, armchairs, connection, film, quiet};

/// How long an invocation of `process` may take, and its lease lasts.
pub const INVOCATION: Duration = Duration::from_secs(120);

/// To whom results go.
const SINKS: [SinkName; 1] = [Memory::NAME];

/// Why a caller has to try again.
#[derive(Debug, PartialEq)]
pub enum Again {
    /// The use case says so.
    Failed(Error),
    /// The job comes again.
    Job(Disposition),
    /// The order comes again.
    Order(String),
}

impl From<Error> for Again {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// A world in which an armchair is seen.
pub fn world() -> World {
    World::new(Answers {
        seen: Ok(armchairs(2)),
        ..quiet(film())
    })
}

impl World {
    pub async fn join(&self, credential: &Credential) -> Result<(), Again> {
        Ok(join(&self.memory, &connection(), credential.session).await?)
    }

    pub async fn disconnect(&self) -> Result<(), Again> {
        Ok(disconnect(&self.memory, &connection()).await?)
    }

    /// The first delivery of the job, or its second and last.
    pub async fn process(&self, credential: &Credential, last: bool) -> Result<(), Again> {
        let job = JobDelivery {
            session: credential.session,
            owner: format!("invocation {last}"),
            deadline: self.memory.now() + INVOCATION,
            sent_at: None,
            retryable: !last,
        };
        match process(&self.memory, &settings(), &job).await {
            Disposition::Done => Ok(()),
            disposition => Err(Again::Job(disposition)),
        }
    }

    pub async fn erase(&self, credential: &Credential) -> Result<(), Again> {
        erase(&self.memory, PartDeletion::Explicit, credential).await?;
        Ok(())
    }

    /// Fails where one of the sessions could not be swept.
    pub async fn sweep(&self) -> Result<(), Again> {
        match sweep(&self.memory, PartDeletion::Explicit).await?.failed {
            0 => Ok(()),
            failed => Err(Again::Order(format!("{failed} could not be swept"))),
        }
    }

    pub async fn give_up(&self, credential: &Credential) -> Result<(), Again> {
        let deletion = PartDeletion::Explicit;
        Ok(give_up(&self.memory, deletion, &SINKS, credential.session).await?)
    }

    pub async fn deliver(&self, credential: &Credential) -> Result<(), Again> {
        let delivered = deliver(&self.memory, &self.memory, credential.session).await;
        delivered
            .map(drop)
            .map_err(|error| Again::Order(error.to_string()))
    }

    /// The session that a client can still show its token for.
    pub async fn session(&self, credential: &Credential) -> Option<Session> {
        open_session(&self.memory, credential).await.ok()
    }
}

fn settings() -> ProcessSettings {
    ProcessSettings {
        media: MediaLimits {
            frames: 4,
            long_side: 1024,
            source_pixels: u64::MAX,
            deadline: INVOCATION,
        },
        analysis_time: INVOCATION,
        analysis_budget: Usd::from_nanos(1_000_000),
        telling: INVOCATION,
        result_lifetime: Duration::from_secs(3600),
        reserve: Duration::ZERO,
        deletion: PartDeletion::Explicit,
        sinks: SINKS.to_vec(),
    }
}

//! Functions from their start to their first events, each a bootstrap of its own beside a local stack.

mod events;
mod front;
mod instance;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use dodolens_local::stack::Stack;
use tempfile::NamedTempFile;

pub use self::front::Certificate;
use self::{
    events::{Events, assert_good},
    front::Front,
    instance::Instance,
};
use crate::stack::TestStack;

/// Functions that a client waits for.
pub const AWAITED: [&str; 5] = [
    "SessionFunction",
    "ChunkUploadFunction",
    "FinalizeFunction",
    "WebSocketConnectFunction",
    "ProcessFunction",
];

/// Functions that nobody waits for.
pub const UNAWAITED: [&str; 3] = ["SweepFunction", "DeliverFunction", "RotateKeyFunction"];

/// Leaves the jobs to whoever sends `process` its events.
pub fn unfed(stack: &mut Stack) {
    if let Some(process) = stack.functions.get_mut("ProcessFunction") {
        process.queues.clear();
    }
}

/// A function's start, its first event and its second one.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// From the start of the process until it asks for its first event.
    pub init: Duration,
    /// The first event.
    pub first: Duration,
    /// An event like the first.
    pub second: Duration,
    /// Connections to AWS that were made before the first event, during it, and during the second.
    pub connections: [usize; 3],
}

/// A stack whose services are behind doors, and what its functions are sent.
pub struct Cold<'a> {
    stack: &'a TestStack,
    fronts: Vec<(&'static str, Front)>,
    trusted: Option<NamedTempFile>,
    events: Events<'a>,
}

impl<'a> Cold<'a> {
    /// With TLS before the services if there is a certificate. The stack must not feed `process` by itself.
    ///
    /// # Panics
    /// When something can't be set up.
    #[allow(clippy::expect_used)]
    pub async fn new(stack: &'a TestStack, video: &'a Bytes, tls: Option<&Certificate>) -> Self {
        let urls = stack.running.cloud.urls();
        let stage = &stack.running.cloud.stack().websocket.stage;
        let mut fronts = Vec::new();
        for (variable, url) in [
            ("AWS_ENDPOINT_URL_DYNAMODB", urls.dynamodb()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", urls.secrets_manager()),
            ("AWS_ENDPOINT_URL_SQS", urls.sqs()),
            ("CONNECTIONS_ENDPOINT", urls.connections(stage)),
        ] {
            fronts.push((variable, Front::before(&url, tls).await));
        }
        let trusted = tls.map(|tls| {
            let file = NamedTempFile::new().expect("a file");
            std::fs::write(file.path(), &tls.pem).expect("a file");
            file
        });
        Self {
            stack,
            fronts,
            trusted,
            events: Events { stack, video },
        }
    }

    /// Starts a function with the bootstrap of a directory and sends it two events.
    ///
    /// # Panics
    /// When it fails.
    pub async fn start(&self, function: &str, bootstraps: &Path) -> Start {
        let before = self.connections();
        let (mut instance, init) = self.instance(function, bootstraps).await;
        let ready = self.connections();
        let event = self.events.of(function).await;
        let (answer, first) = instance.invoke(&event.event).await;
        assert_good(function, &answer);
        let once = self.connections();
        let event = self.events.of(function).await;
        let (answer, second) = instance.invoke(&event.event).await;
        assert_good(function, &answer);
        let twice = self.connections();
        Start {
            init,
            first,
            second,
            connections: [ready - before, once - ready, twice - once],
        }
    }

    /// Starts a function and ends it again; gives the time until it asked for its first event.
    pub async fn init(&self, function: &str, bootstraps: &Path) -> Duration {
        self.instance(function, bootstraps).await.1
    }

    async fn instance(&self, function: &str, bootstraps: &Path) -> (Instance, Duration) {
        let bootstrap = self.bootstrap(function, bootstraps);
        Instance::start(&bootstrap, &self.environment(function)).await
    }

    #[allow(clippy::indexing_slicing)]
    fn bootstrap(&self, function: &str, bootstraps: &Path) -> PathBuf {
        bootstraps.join(&self.stack.running.cloud.stack().functions[function].binary)
    }

    #[allow(clippy::indexing_slicing)]
    fn environment(&self, function: &str) -> BTreeMap<String, String> {
        let function = &self.stack.running.cloud.stack().functions[function];
        let mut all = function.environment.clone();
        let memory = function.memory_mb.to_string();
        for (name, value) in [
            ("AWS_LAMBDA_FUNCTION_NAME", "f"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
            ("AWS_REGION", "eu-west-3"),
            ("AWS_ACCESS_KEY_ID", "k"),
            ("AWS_SECRET_ACCESS_KEY", "k"),
        ] {
            all.insert(name.to_owned(), value.to_owned());
        }
        for (name, front) in &self.fronts {
            all.insert((*name).to_owned(), front.url.clone());
        }
        if let Some(jobs) = all.get_mut("JOBS_QUEUE_URL")
            && let Some((_, sqs)) = self.fronts.iter().find(|(name, _)| name.ends_with("SQS"))
        {
            *jobs = jobs.replace(&self.stack.running.cloud.urls().sqs(), &sqs.url);
        }
        if let Some(file) = &self.trusted {
            let path = file.path().display().to_string();
            all.insert("SSL_CERT_FILE".to_owned(), path);
        }
        all
    }

    fn connections(&self) -> usize {
        self.fronts
            .iter()
            .map(|(_, front)| front.connections())
            .sum()
    }
}

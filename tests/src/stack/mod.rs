//! A stack of its own for each test that wants one, and videos to send it.

mod setup;
mod videos;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use dodolens::{
    aws::{
        DynamoParts, DynamoQuotas, DynamoSessions, SecretsClient, SecretsManagerVault, SystemClock,
    },
    wire::http::{CreateSession, SessionCreated},
};
use dodolens_local::{
    client::{Client, Options, Outcome, VideoFile},
    cloud::{LogLine, LogSink},
    launch::{Ai, Launch, RunningStack},
};

pub use self::{
    setup::Setup,
    videos::{showing, video},
};

/// The key of the simulated AI.
pub const AI_KEY: &str = "the key of the tests";

/// A busy machine may take as long to start a function, or to answer for one.
const PATIENCE: Duration = Duration::from_secs(120);

/// A stack with its client and all that its functions have logged.
pub struct TestStack {
    /// What runs.
    pub running: RunningStack,
    /// Speaks to it.
    pub client: Client,
    /// What the functions logged so far.
    pub logs: Arc<Mutex<Vec<LogLine>>>,
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    secrets: OnceLock<SecretsClient>,
}

impl TestStack {
    /// Starts a stack; the bootstraps are built if they are not there.
    ///
    /// # Panics
    /// When it does not start.
    #[allow(clippy::expect_used)]
    pub async fn start(setup: Setup) -> Self {
        let logs: Arc<Mutex<Vec<LogLine>>> = Arc::default();
        let taken = Arc::clone(&logs);
        let mut launch = Launch::new(Ai::Simulated(Box::new(setup.peer)));
        for (parameter, value) in setup.parameters {
            launch = launch.with(parameter, value);
        }
        launch.layers = setup.layers;
        launch.adjust = setup.adjust;
        let environment = setup.environment.into_iter();
        launch.environment = environment
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let wrappers = setup.wrappers.into_iter();
        launch.cloud.wrappers = wrappers
            .map(|(function, command)| (function.to_owned(), command))
            .collect();
        if let Some(most) = setup.max_instances {
            launch.cloud.max_instances = most;
        }
        launch.cloud.limits.init = PATIENCE;
        launch.cloud.limits.integration = PATIENCE;
        launch.cloud.schedule_scale = setup.schedule_scale;
        launch.cloud.logs = LogSink::new(move |line| {
            taken
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line)
        });
        let running = launch.start().await.expect("the stack starts");
        let client = Client::new(running.endpoint.clone()).expect("a client");
        Self {
            running,
            client,
            logs,
            dynamodb: OnceLock::new(),
            secrets: OnceLock::new(),
        }
    }

    /// Sends a video and waits for the end of its session.
    ///
    /// # Panics
    /// When the session does not end.
    #[allow(clippy::expect_used)]
    pub async fn analyze(&self, video: &Path) -> Outcome {
        let video = VideoFile::open(video).expect("a video");
        self.client
            .analyze(&video, &Options::default(), &mut |_| {})
            .await
            .expect("the session ends")
    }

    /// How many sealed parts the table holds.
    ///
    /// # Panics
    /// When the table can't be read.
    pub async fn parts(&self) -> usize {
        self.items("Chunks").await.len()
    }

    /// All items of a table, by a scan of the embedded database.
    ///
    /// # Panics
    /// When the table can't be read.
    #[allow(clippy::expect_used)]
    pub async fn items(&self, table: &str) -> Vec<HashMap<String, AttributeValue>> {
        let scan = self.dynamodb().scan().table_name(self.table(table));
        let pages = scan.into_paginator().items().send();
        let items: Result<Vec<_>, _> = pages.collect().await;
        items.expect("items")
    }

    /// Deletes a table, so that whoever needs it fails.
    ///
    /// # Panics
    /// When it can't be deleted.
    #[allow(clippy::expect_used)]
    pub async fn lose_table(&self, logical: &str) {
        let request = self.dynamodb().delete_table();
        let name = self.table(logical);
        request.table_name(name).send().await.expect("no table");
    }

    /// The physical name of a table.
    #[allow(clippy::expect_used)]
    fn table(&self, logical: &str) -> String {
        let mut tables = self.running.cloud.stack().tables.iter();
        tables
            .find(|table| table.name.ends_with(logical))
            .expect("the table")
            .name
            .clone()
    }

    /// The physical name of a secret.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[allow(clippy::expect_used)]
    pub fn secret(&self, logical: &str) -> String {
        let mut secrets = self.running.cloud.stack().secrets.iter();
        secrets
            .find(|secret| secret.name.ends_with(logical))
            .expect("the secret")
            .name
            .clone()
    }

    fn aws(&self, endpoint: String) -> aws_config::SdkConfig {
        aws_config::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::from_static("eu-west-3"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
            .endpoint_url(endpoint)
            .build()
    }

    /// The embedded DynamoDB.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let client = || {
            let endpoint = self.running.cloud.urls().dynamodb();
            aws_sdk_dynamodb::Client::new(&self.aws(endpoint))
        };
        self.dynamodb.get_or_init(client).clone()
    }

    /// The Sessions table.
    #[must_use]
    pub fn sessions(&self) -> DynamoSessions {
        DynamoSessions::new(self.dynamodb(), self.table("Sessions"))
    }

    /// The Chunks table.
    #[must_use]
    pub fn chunks(&self) -> DynamoParts {
        DynamoParts::new(self.dynamodb(), self.table("Chunks"))
    }

    /// The Quotas table.
    #[must_use]
    pub fn quotas(&self) -> DynamoQuotas {
        DynamoQuotas::new(self.dynamodb(), self.table("Quotas"))
    }

    /// The embedded Secrets Manager.
    #[must_use]
    pub fn secrets(&self) -> SecretsClient {
        let client = || {
            let endpoint = self.running.cloud.urls().secrets_manager();
            SecretsClient::new(&self.aws(endpoint))
        };
        self.secrets.get_or_init(client).clone()
    }

    /// The master key, as a function that has just started sees it.
    #[must_use]
    pub fn vault(&self) -> SecretsManagerVault {
        SecretsManagerVault::new(self.secrets(), self.secret("MasterKey"), SystemClock)
    }

    /// Rotates a secret as its schedule does.
    ///
    /// # Panics
    /// When a step fails.
    #[allow(clippy::expect_used)]
    pub async fn rotate(&self, logical: &str) {
        self.running
            .cloud
            .rotate_secret(&self.secret(logical))
            .await
            .expect("a rotation");
    }

    /// Everything that the functions logged so far, a line each.
    #[must_use]
    pub fn logged(&self) -> String {
        let logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.iter().map(|line| format!("{line}\n")).collect()
    }

    /// Sends all of a video's chunks.
    ///
    /// # Panics
    /// When one is refused.
    #[allow(clippy::expect_used)]
    pub async fn upload(&self, session: &SessionCreated, video: &Bytes) {
        let size = usize::try_from(session.chunk_bytes).unwrap_or(usize::MAX);
        for (index, chunk) in (0..).zip(video.chunks(size)) {
            let sent = self
                .client
                .put_chunk(session, index, video.slice_ref(chunk));
            sent.await.expect("a chunk is stored");
        }
    }

    /// Opens a session for `bytes` bytes of MP4 in chunks of 256 KiB.
    ///
    /// # Panics
    /// When it is refused.
    #[allow(clippy::expect_used)]
    pub async fn open(&self, bytes: u64) -> SessionCreated {
        let request = CreateSession {
            total_bytes: bytes,
            content_type: "video/mp4".into(),
            chunk_bytes: Some(256 * 1024),
            locale: None,
        };
        self.client.create(&request).await.expect("a session")
    }
}

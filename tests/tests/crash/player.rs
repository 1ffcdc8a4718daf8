//! A client that does one thing at a time, and what it waits for.

use std::{fmt::Display, time::Duration};

use bytes::Bytes;
use dodolens::{
    app::ports::{Clock as _, SessionStore as _},
    aws::SystemClock,
    domain::{session::Session, time::Timestamp},
    wire::{
        http::{CreateSession, SessionCreated},
        ws::Event,
    },
};
use dodolens_local::client::{ClientError, EventSocket};
use dodolens_tests::stack::TestStack;

/// Bytes of a chunk; each full one has two parts.
pub const CHUNK: u32 = 512 * 1024;
/// Longest that anything may take, the queue's visibility timeout included.
pub const PATIENCE: Duration = Duration::from_secs(240);

/// Why something did not come to its end.
pub type Broken = String;

/// A client with its video.
pub struct Player<'a> {
    pub stack: &'a TestStack,
    pub video: &'a Bytes,
    /// How often it makes a call that fails.
    pub tries: usize,
}

impl Player<'_> {
    /// Rotates a secret. A rotation that was cut short is taken up again with the same version; one whose last answer alone
    /// was lost is over.
    pub async fn rotate(&self, logical: &str) -> Result<(), Broken> {
        let secret = self.stack.secret(logical);
        let before = self.current(&secret).await;
        let mut error = String::new();
        for _ in 0..self.tries {
            match self.stack.running.cloud.rotate_secret(&secret).await {
                Ok(()) => return Ok(()),
                Err(_) if self.current(&secret).await != before => return Ok(()),
                Err(failed) => error = failed.to_string(),
            }
        }
        Err(error)
    }

    async fn current(&self, secret: &str) -> Option<String> {
        let value = self.stack.secrets().get_secret_value().secret_id(secret);
        value.send().await.unwrap().version_id
    }

    pub async fn open(&self) -> Result<SessionCreated, Broken> {
        let request = CreateSession {
            total_bytes: self.video.len() as u64,
            content_type: "video/mp4".into(),
            chunk_bytes: Some(CHUNK),
            locale: None,
        };
        self.again(|| self.stack.client.create(&request)).await
    }

    /// Connects and waits for the answer to joining.
    pub async fn listen(&self, session: &SessionCreated) -> Result<EventSocket, Broken> {
        self.again(async || {
            let failed = |error: ClientError| error.to_string();
            let mut socket = self.stack.client.connect(session).await.map_err(failed)?;
            socket.join().await.map_err(failed)?;
            let joined = async {
                while let Some(message) = socket.next().await.map_err(failed)? {
                    if matches!(message.event, Event::SessionJoined(_)) {
                        return Ok(());
                    }
                }
                Err("closed".to_owned())
            };
            let joined = tokio::time::timeout(Duration::from_secs(60), joined).await;
            joined.map_err(|_| "no answer to joining".to_owned())??;
            Ok::<_, String>(socket)
        })
        .await
    }

    pub async fn upload(&self, session: &SessionCreated, most: usize) -> Result<(), Broken> {
        for (index, chunk) in (0..).zip(self.video.chunks(CHUNK as usize)).take(most) {
            let chunk = self.video.slice_ref(chunk);
            self.again(|| self.stack.client.put_chunk(session, index, chunk.clone()))
                .await?;
        }
        Ok(())
    }

    /// Waits until a session has its receipt.
    pub async fn ended(&self, session: &SessionCreated) -> Result<Session, Broken> {
        until(PATIENCE, async || {
            self.load(session).await.receipt.is_some()
        })
        .await?;
        Ok(self.load(session).await)
    }

    /// A session as the table has it; its own function is not asked.
    pub async fn load(&self, session: &SessionCreated) -> Session {
        let id = session.session_id.parse().unwrap();
        self.stack.sessions().load(id).await.unwrap().unwrap()
    }

    /// Makes a call, again if it fails and the client is patient.
    pub async fn again<T, E: Display>(
        &self,
        call: impl AsyncFn() -> Result<T, E>,
    ) -> Result<T, Broken> {
        let mut error = String::new();
        for _ in 0..self.tries {
            match call().await {
                Ok(answer) => return Ok(answer),
                Err(failed) => error = failed.to_string(),
            }
        }
        Err(error)
    }
}

/// Waits until something is so.
pub async fn until(limit: Duration, so: impl AsyncFn() -> bool) -> Result<(), Broken> {
    let wait = async {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let waited = tokio::time::timeout(limit, wait).await;
    waited.map_err(|_| format!("it did not come within {limit:?}"))
}

/// Whether no function has anything to do.
pub fn idle(stack: &TestStack) -> bool {
    let cloud = &stack.running.cloud;
    let mut functions = cloud.stack().functions.keys();
    functions.all(|function| cloud.instances(function).iter().all(|each| !each.busy))
}

/// Waits until a point in time has passed.
pub async fn past(at: Timestamp) {
    while SystemClock.now() <= at {
        let left = at.since(SystemClock.now()) + Duration::from_millis(1);
        tokio::time::sleep(left).await;
    }
}

//! What is going on when a function is ended: sessions of every fate, each by one client that does one thing at a time.

use std::{fmt::Display, time::Duration};

use bytes::Bytes;
use dodolens::{
    adapters::aws::SystemClock,
    domain::{
        session::{Session, SessionState},
        time::Timestamp,
    },
    ports::{Clock as _, SessionStore as _},
    wire::{
        http::{CreateSession, SessionCreated},
        ws::Event,
    },
};
use dodolens_local::{
    client::EventSocket,
    peer::{Failures, Faults, PeerOptions},
};
use dodolens_tests::stack::{AI_KEY, TestStack};
use serde_json::json;

use crate::remains;

/// Bytes of a chunk; each full one has two parts.
pub const CHUNK: u32 = 512 * 1024;
/// How often a client makes a call that fails.
const TRIES: usize = 3;
/// Longest that anything may take, the queue's visibility timeout included.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest that a function may take which is not ended.
const SOON: Duration = Duration::from_secs(10);
/// The function that makes the inventory.
pub const PROCESS: &str = "ProcessFunction";
const SWEEP: &str = "SweepFunction";

/// Why a scenario did not come to its end.
pub type Broken = String;

/// A way of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scenario {
    /// A video becomes an inventory while its client listens.
    Completes,
    /// Both AI models refuse, so the job is tried twice and fails.
    Fails,
    /// The client erases a session with a chunk.
    Erased,
    /// The client leaves after a chunk: the sweep drops it in time, and later ends the session.
    Abandoned,
    /// The queue has given the job up.
    GivenUp,
    /// The keys are rotated, and the former master key is retired when no session can need it.
    Rotated,
}

impl Scenario {
    pub const ALL: [Self; 6] = [
        Self::Completes,
        Self::Fails,
        Self::Erased,
        Self::Abandoned,
        Self::GivenUp,
        Self::Rotated,
    ];

    /// The functions that are ended in this scenario; the others' steps in it are those of other scenarios.
    pub const fn victims(self) -> &'static [&'static str] {
        match self {
            Self::Completes => &[
                "SessionFunction",
                "WebSocketConnectFunction",
                "ChunkUploadFunction",
                "FinalizeFunction",
                PROCESS,
            ],
            Self::Fails => &[PROCESS],
            Self::Erased => &["SessionFunction"],
            Self::Abandoned | Self::GivenUp => &[SWEEP],
            Self::Rotated => &["RotateKeyFunction"],
        }
    }

    /// Whether the scenario waits for deadlines itself.
    pub const fn outlives_its_media(self) -> bool {
        matches!(self, Self::Abandoned)
    }

    pub fn peer(self) -> PeerOptions {
        let refusing = match self {
            Self::Fails => Faults {
                fail: Some(Failures {
                    status: 400,
                    requests: None,
                }),
                ..Faults::default()
            },
            _ => Faults::default(),
        };
        PeerOptions {
            vision: refusing.clone(),
            transcription: refusing,
            ..PeerOptions::new(AI_KEY)
        }
    }

    /// Goes the way to its end. What fails is repeated, as a good client, the queue and the schedules do.
    pub async fn play(self, stack: &TestStack, video: &Bytes) -> Result<(), Broken> {
        match self {
            Self::Completes => completes(stack, video).await,
            Self::Fails => fails(stack, video).await,
            Self::Erased => erased(stack, video).await,
            Self::Abandoned => abandoned(stack, video).await,
            Self::GivenUp => given_up(stack, video).await,
            Self::Rotated => rotated(stack, video).await,
        }
    }
}

async fn completes(stack: &TestStack, video: &Bytes) -> Result<(), Broken> {
    let session = open(stack, video).await?;
    let socket = listen(stack, &session).await?;
    upload(stack, &session, video, usize::MAX).await?;
    again(|| stack.client.finalize(&session)).await?;
    let ended = ended(stack, &session).await?;
    drop(socket);
    // Nobody repeats what happens when a connection closes, so that a crash there leaves it in the record.
    let closed = async || load(stack, &session).await.connections.is_empty();
    drop(until(Duration::from_secs(5), closed).await);
    is(&ended, SessionState::Complete)
}

async fn fails(stack: &TestStack, video: &Bytes) -> Result<(), Broken> {
    let session = open(stack, video).await?;
    let _socket = listen(stack, &session).await?;
    upload(stack, &session, video, usize::MAX).await?;
    again(|| stack.client.finalize(&session)).await?;
    let is_final = async || load(stack, &session).await.state.is_final();
    until(PATIENCE, is_final).await?;
    let certified = async || load(stack, &session).await.receipt.is_some();
    if until(SOON, certified).await.is_err() {
        // The job is not delivered a third time.
        again(|| stack.running.cloud.run_schedule(SWEEP)).await?;
    }
    is(&ended(stack, &session).await?, SessionState::Failed)
}

async fn erased(stack: &TestStack, video: &Bytes) -> Result<(), Broken> {
    let session = open(stack, video).await?;
    let _socket = listen(stack, &session).await?;
    upload(stack, &session, video, 1).await?;
    again(|| stack.client.erase(&session)).await?;
    is(&ended(stack, &session).await?, SessionState::Erased)
}

async fn abandoned(stack: &TestStack, video: &Bytes) -> Result<(), Broken> {
    let session = open(stack, video).await?;
    let _socket = listen(stack, &session).await?;
    upload(stack, &session, video, 1).await?;
    if let Some(at) = remains::media_deadline(stack).await {
        past(at).await;
    }
    again(|| stack.running.cloud.run_schedule(SWEEP)).await?;
    past(load(stack, &session).await.expires_at).await;
    again(|| stack.running.cloud.run_schedule(SWEEP)).await?;
    is(&ended(stack, &session).await?, SessionState::Expired)
}

async fn given_up(stack: &TestStack, video: &Bytes) -> Result<(), Broken> {
    let session = open(stack, video).await?;
    let _socket = listen(stack, &session).await?;
    upload(stack, &session, video, 1).await?;
    let letter = json!({"Records": [{
        "messageId": "m", "receiptHandle": "h", "body": json!({"sessionId": session.session_id}).to_string(),
        "attributes": {}, "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "eu-west-3",
    }]});
    again(|| stack.running.cloud.invoke(SWEEP, &letter)).await?;
    // What the function left undone, the sweep does; the queue gives up a letter that it has delivered.
    again(|| stack.running.cloud.run_schedule(SWEEP)).await?;
    is(&ended(stack, &session).await?, SessionState::Failed)
}

async fn rotated(stack: &TestStack, video: &Bytes) -> Result<(), Broken> {
    let cloud = &stack.running.cloud;
    let session = open(stack, video).await?;
    upload(stack, &session, video, usize::MAX).await?;
    rotate(stack, "MasterKey").await?;
    // Those that are warm go on with the key that they know.
    while cloud.kill_instance("SessionFunction").await.is_some() {}
    let newer = open(stack, video).await?;
    upload(stack, &newer, video, usize::MAX).await?;
    rotate(stack, "ReceiptKey").await?;
    for each in [&session, &newer] {
        again(|| stack.client.finalize(each)).await?;
        is(&ended(stack, each).await?, SessionState::Complete)?;
    }
    let (old, new) = (load(stack, &session).await, load(stack, &newer).await);
    if old.key_id == new.key_id {
        return Err("the master key is the same after its rotation".to_owned());
    }
    let secret = stack.secret("MasterKey");
    cloud.age_secret(&secret, PATIENCE * 60).unwrap();
    again(|| cloud.run_schedule("RotateKeyFunction")).await?;
    for (session, is_there) in [(old, false), (new, true)] {
        use dodolens::ports::KeyVault as _;
        let version = stack.vault().version(&session.key_id).await.unwrap();
        if version.is_some() != is_there {
            return Err(format!(
                "master key {} is there: {}",
                session.key_id, !is_there
            ));
        }
    }
    Ok(())
}

/// Rotates a secret. A rotation that was cut short is taken up again with the same version; one whose last answer alone
/// was lost is over.
async fn rotate(stack: &TestStack, logical: &str) -> Result<(), Broken> {
    let secret = stack.secret(logical);
    let before = current(stack, &secret).await;
    let mut error = String::new();
    for _ in 0..TRIES {
        match stack.running.cloud.rotate_secret(&secret).await {
            Ok(()) => return Ok(()),
            Err(_) if current(stack, &secret).await != before => return Ok(()),
            Err(failed) => error = failed.to_string(),
        }
    }
    Err(error)
}

async fn current(stack: &TestStack, secret: &str) -> Option<String> {
    let value = stack.secrets().get_secret_value().secret_id(secret);
    value.send().await.unwrap().version_id
}

async fn open(stack: &TestStack, video: &Bytes) -> Result<SessionCreated, Broken> {
    let request = CreateSession {
        total_bytes: video.len() as u64,
        content_type: "video/mp4".into(),
        chunk_bytes: Some(CHUNK),
        locale: None,
    };
    again(|| stack.client.create(&request)).await
}

/// Connects and waits for the answer to joining.
async fn listen(stack: &TestStack, session: &SessionCreated) -> Result<EventSocket, Broken> {
    again(async || {
        let failed = |error: dodolens_local::client::ClientError| error.to_string();
        let mut socket = stack.client.connect(session).await.map_err(failed)?;
        socket.join().await.map_err(failed)?;
        let joined = async {
            while let Some(message) = socket.next().await.map_err(failed)? {
                if matches!(message.event, Event::SessionJoined(_)) {
                    return Ok(());
                }
            }
            Err("closed".to_owned())
        };
        let joined = tokio::time::timeout(Duration::from_secs(3), joined).await;
        joined.map_err(|_| "no answer to joining".to_owned())??;
        Ok::<_, String>(socket)
    })
    .await
}

async fn upload(
    stack: &TestStack,
    session: &SessionCreated,
    video: &Bytes,
    most: usize,
) -> Result<(), Broken> {
    for (index, chunk) in (0..).zip(video.chunks(CHUNK as usize)).take(most) {
        let chunk = video.slice_ref(chunk);
        again(|| stack.client.put_chunk(session, index, chunk.clone())).await?;
    }
    Ok(())
}

/// Waits until a session has its receipt.
async fn ended(stack: &TestStack, session: &SessionCreated) -> Result<Session, Broken> {
    until(PATIENCE, async || {
        load(stack, session).await.receipt.is_some()
    })
    .await?;
    Ok(load(stack, session).await)
}

/// A session as the table has it; its own function is not asked.
async fn load(stack: &TestStack, session: &SessionCreated) -> Session {
    let id = session.session_id.parse().unwrap();
    stack.sessions().load(id).await.unwrap().unwrap()
}

fn is(session: &Session, state: SessionState) -> Result<(), Broken> {
    if session.state == state {
        return Ok(());
    }
    let Session {
        state: is, failure, ..
    } = session;
    Err(format!("{is:?} ({failure:?}), not {state:?}"))
}

async fn again<T, E: Display>(call: impl AsyncFn() -> Result<T, E>) -> Result<T, Broken> {
    let mut error = String::new();
    for _ in 0..TRIES {
        match call().await {
            Ok(answer) => return Ok(answer),
            Err(failed) => error = failed.to_string(),
        }
    }
    Err(error)
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

/// Waits until a point in time has passed.
pub async fn past(at: Timestamp) {
    while SystemClock.now() <= at {
        let left = at.since(SystemClock.now()) + Duration::from_millis(1);
        tokio::time::sleep(left).await;
    }
}

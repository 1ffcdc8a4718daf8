//! What is going on when a function is ended: sessions of every fate, each by one client that does one thing at a time.

use std::time::Duration;

use dodolens::{
    app::ports::KeyVault as _,
    domain::session::{Session, SessionState},
};
use dodolens_local::peer::{Failures, Faults, PeerOptions};
use dodolens_tests::stack::AI_KEY;
use serde_json::json;

use crate::{
    player::{Broken, PATIENCE, Player, past, until},
    remains,
};

/// Longest that a function may take which is not ended.
const SOON: Duration = Duration::from_secs(10);
/// The function that makes the inventory.
pub const PROCESS: &str = "ProcessFunction";
const SWEEP: &str = "SweepFunction";

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
    pub async fn play(self, player: &Player<'_>) -> Result<(), Broken> {
        match self {
            Self::Completes => completes(player).await,
            Self::Fails => fails(player).await,
            Self::Erased => erased(player).await,
            Self::Abandoned => abandoned(player).await,
            Self::GivenUp => given_up(player).await,
            Self::Rotated => rotated(player).await,
        }
    }
}

async fn completes(player: &Player<'_>) -> Result<(), Broken> {
    let session = player.open().await?;
    let socket = player.listen(&session).await?;
    player.upload(&session, usize::MAX).await?;
    player
        .again(|| player.stack.client.finalize(&session))
        .await?;
    let session_ended = player.ended(&session).await?;
    drop(socket);
    // Nobody repeats what happens when a connection closes, so that a crash there leaves it in the record.
    let closed = async || player.load(&session).await.connections.is_empty();
    drop(until(Duration::from_secs(5), closed).await);
    is(&session_ended, SessionState::Complete)
}

async fn fails(player: &Player<'_>) -> Result<(), Broken> {
    let session = player.open().await?;
    let _socket = player.listen(&session).await?;
    player.upload(&session, usize::MAX).await?;
    player
        .again(|| player.stack.client.finalize(&session))
        .await?;
    let is_final = async || player.load(&session).await.state.is_final();
    until(PATIENCE, is_final).await?;
    let certified = async || player.load(&session).await.receipt.is_some();
    if until(SOON, certified).await.is_err() {
        // The job is not delivered a third time.
        player
            .again(|| player.stack.running.cloud.run_schedule(SWEEP))
            .await?;
    }
    is(&player.ended(&session).await?, SessionState::Failed)
}

async fn erased(player: &Player<'_>) -> Result<(), Broken> {
    let session = player.open().await?;
    let _socket = player.listen(&session).await?;
    player.upload(&session, 1).await?;
    player.again(|| player.stack.client.erase(&session)).await?;
    is(&player.ended(&session).await?, SessionState::Erased)
}

async fn abandoned(player: &Player<'_>) -> Result<(), Broken> {
    let session = player.open().await?;
    let _socket = player.listen(&session).await?;
    player.upload(&session, 1).await?;
    // Once it has ended, its record lives on for the receipt's sake.
    let expires_at = player.load(&session).await.expires_at;
    if let Some(at) = remains::media_deadline(player.stack).await {
        past(at).await;
    }
    player
        .again(|| player.stack.running.cloud.run_schedule(SWEEP))
        .await?;
    past(expires_at).await;
    player
        .again(|| player.stack.running.cloud.run_schedule(SWEEP))
        .await?;
    is(&player.ended(&session).await?, SessionState::Expired)
}

async fn given_up(player: &Player<'_>) -> Result<(), Broken> {
    let session = player.open().await?;
    let _socket = player.listen(&session).await?;
    player.upload(&session, 1).await?;
    let letter = json!({"Records": [{
        "messageId": "m", "receiptHandle": "h", "body": json!({"sessionId": session.session_id}).to_string(),
        "attributes": {}, "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "eu-west-3",
    }]});
    player
        .again(|| player.stack.running.cloud.invoke(SWEEP, &letter))
        .await?;
    // What the function left undone, the sweep does; the queue gives up a letter that it has delivered.
    player
        .again(|| player.stack.running.cloud.run_schedule(SWEEP))
        .await?;
    is(&player.ended(&session).await?, SessionState::Failed)
}

async fn rotated(player: &Player<'_>) -> Result<(), Broken> {
    let cloud = &player.stack.running.cloud;
    let session = player.open().await?;
    player.upload(&session, usize::MAX).await?;
    player.rotate("MasterKey").await?;
    // Those that are warm go on with the key that they know.
    while cloud.kill_instance("SessionFunction").await.is_some() {}
    let newer = player.open().await?;
    player.upload(&newer, usize::MAX).await?;
    player.rotate("ReceiptKey").await?;
    for each in [&session, &newer] {
        player.again(|| player.stack.client.finalize(each)).await?;
        is(&player.ended(each).await?, SessionState::Complete)?;
    }
    let (old, new) = (player.load(&session).await, player.load(&newer).await);
    if old.key_id == new.key_id {
        return Err("the master key is the same after its rotation".to_owned());
    }
    let secret = player.stack.secret("MasterKey");
    cloud.age_secret(&secret, PATIENCE * 60).unwrap();
    player
        .again(|| cloud.run_schedule("RotateKeyFunction"))
        .await?;
    for (session, is_there) in [(old, false), (new, true)] {
        let version = player.stack.vault().version(&session.key_id).await.unwrap();
        if version.is_some() != is_there {
            return Err(format!(
                "master key {} is there: {}",
                session.key_id, !is_there
            ));
        }
    }
    Ok(())
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

//! The use cases: how the world is when each is asked for, and what must be so once it is done.

use std::time::Duration;

use dodolens_app::{access::Credential, process::Disposition};
use dodolens_domain::session::{Session, SessionState};
use dodolens_memory::{Call, Fault};

use crate::{
    common::{LIFETIMES, World, connection},
    world::Again,
};

/// A use case, as one of its callers asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UseCase {
    Open,
    Connect,
    Join,
    Disconnect,
    Upload,
    /// The client is not there any more, and its connection is dead.
    UploadToNobody,
    Finalize,
    Process,
    /// The worker has completed the session, and crashed before the result was ordered.
    ProcessComplete,
    Erase,
    EraseComplete,
    SweepMedia,
    SweepSession,
    SweepEnded,
    SweepRecord,
    GiveUp,
    /// After the same crash, as often as the job was tried.
    GiveUpComplete,
    Deliver,
}

impl UseCase {
    pub const ALL: [Self; 18] = [
        Self::Open,
        Self::Connect,
        Self::Join,
        Self::Disconnect,
        Self::Upload,
        Self::UploadToNobody,
        Self::Finalize,
        Self::Process,
        Self::ProcessComplete,
        Self::Erase,
        Self::EraseComplete,
        Self::SweepMedia,
        Self::SweepSession,
        Self::SweepEnded,
        Self::SweepRecord,
        Self::GiveUp,
        Self::GiveUpComplete,
        Self::Deliver,
    ];

    /// Goes as far as this use case needs it; nothing else fails meanwhile.
    pub async fn arrange(self, world: &World) -> Credential {
        let credential = world.open().await.unwrap();
        let clock = &world.memory.clock;
        match self {
            Self::Open | Self::Connect => {}
            Self::Join | Self::Disconnect | Self::Upload => {
                world.connect(&credential).await.unwrap();
            }
            Self::UploadToNobody => {
                world.connect(&credential).await.unwrap();
                world.memory.close(&connection());
                clock.advance(Duration::from_secs(60));
            }
            Self::SweepMedia => {
                world.connect(&credential).await.unwrap();
                world.upload(&credential, 0).await.unwrap();
                clock.advance(LIFETIMES.media);
            }
            Self::SweepSession => {
                world.upload(&credential, 0).await.unwrap();
                clock.advance(LIFETIMES.session);
            }
            Self::Finalize => {
                world.connect(&credential).await.unwrap();
                world.upload_all(&credential).await.unwrap();
            }
            Self::Process | Self::Erase | Self::GiveUp => {
                world.queue(&credential).await.unwrap();
            }
            Self::ProcessComplete | Self::GiveUpComplete => {
                world.queue(&credential).await.unwrap();
                let orders = Call("DeliveryQueue::send");
                let faults = &world.memory.faults;
                faults.last(Some((orders.into(), Fault::Before)));
                let taken = world.process(&credential, false).await;
                assert_eq!(taken, Err(Again::Job(Disposition::RetryNow)));
                faults.last(None);
            }
            Self::SweepEnded => {
                Self::complete(world, &credential).await;
                // When parts of a chunk that was still on its way may have come.
                clock.advance(Duration::from_secs(60));
            }
            Self::EraseComplete | Self::Deliver => {
                Self::complete(world, &credential).await;
            }
            Self::SweepRecord => {
                Self::complete(world, &credential).await;
                clock.advance(Duration::from_secs(60));
                world.sweep().await.unwrap();
                clock.advance(Duration::from_secs(3600));
            }
        }
        credential
    }

    async fn complete(world: &World, credential: &Credential) {
        world.queue(credential).await.unwrap();
        world.process(credential, false).await.unwrap();
    }

    /// Asks for it, for the so-manieth time.
    pub async fn ask(
        self,
        world: &World,
        credential: &mut Credential,
        time: u32,
    ) -> Result<(), Again> {
        match self {
            Self::Open => {
                *credential = world.open().await?;
                Ok(())
            }
            Self::Connect => Ok(world.connect(credential).await?),
            Self::Join => world.join(credential).await,
            Self::Disconnect => world.disconnect().await,
            Self::Upload | Self::UploadToNobody => Ok(world.upload(credential, 0).await?),
            Self::Finalize => Ok(world.finalize(credential).await?),
            Self::Process | Self::ProcessComplete => world.process(credential, time > 0).await,
            Self::Erase | Self::EraseComplete => world.erase(credential).await,
            Self::SweepMedia | Self::SweepSession | Self::SweepEnded | Self::SweepRecord => {
                world.sweep().await
            }
            Self::GiveUp | Self::GiveUpComplete => world.give_up(credential).await,
            Self::Deliver => world.deliver(credential).await,
        }
    }

    /// What is not as it must be once it is done; the destruction of what has ended may be left to the sweep.
    pub async fn check(self, world: &World, credential: &Credential) -> Result<(), String> {
        let session = world.session(credential).await;
        if self == Self::SweepRecord {
            return is(session.is_none(), "the record is kept");
        }
        let session = session.ok_or("the session is not there")?;
        let memory = &world.memory;
        match self {
            Self::Open | Self::Join => state(&session, SessionState::Open),
            Self::Connect => is(!session.connections.is_empty(), "nobody is connected"),
            Self::Disconnect => is(memory.connections() == 0, "the connection is remembered"),
            Self::Upload | Self::UploadToNobody => {
                state(&session, SessionState::Open)?;
                is(session.received.contains_key(&0), "the chunk is not there")?;
                is(memory.parts() == 1, "its part is not there")
            }
            Self::Finalize => {
                state(&session, SessionState::Queued)?;
                is(memory.jobs().contains(&session.id), "no job was sent")
            }
            Self::Process | Self::ProcessComplete | Self::GiveUpComplete => {
                state(&session, SessionState::Complete)?;
                is(session.result.is_some(), "there is no inventory")?;
                is(session.key.is_none(), "the key is there")?;
                is(!memory.orders().is_empty(), "no order was sent")
            }
            Self::Erase | Self::EraseComplete => {
                state(&session, SessionState::Erased)?;
                is(session.receipt.is_some(), "there is no receipt")?;
                is(session.result.is_none(), "the inventory is there")?;
                is(
                    session.key.is_none() && memory.parts() == 0,
                    "media are left",
                )
            }
            Self::SweepMedia => {
                state(&session, SessionState::Open)?;
                is(session.received.is_empty(), "the chunk counts")?;
                is(memory.parts() == 0, "its part is there")
            }
            Self::SweepSession => {
                state(&session, SessionState::Expired)?;
                is(session.key.is_none(), "the key is there")
            }
            Self::SweepEnded => {
                state(&session, SessionState::Complete)?;
                is(session.result.is_some(), "there is no inventory")
            }
            Self::GiveUp => {
                state(&session, SessionState::Failed)?;
                is(session.key.is_none(), "the key is there")?;
                is(memory.orders().is_empty(), "no result was ordered")
            }
            Self::Deliver => is(!memory.delivered().is_empty(), "nobody has the result"),
            Self::SweepRecord => Ok(()),
        }
    }
}

fn is(so: bool, otherwise: &str) -> Result<(), String> {
    so.then_some(()).ok_or_else(|| otherwise.to_owned())
}

fn state(session: &Session, state: SessionState) -> Result<(), String> {
    let (is, failure) = (session.state, session.failure);
    (is == state)
        .then_some(())
        .ok_or_else(|| format!("it is {is:?} ({failure:?}), not {state:?}"))
}

//! A service in memory, and its callers: each method is what a function does with one event.

use std::{
    num::{NonZeroU32, NonZeroU64},
    time::Duration,
};

use dodolens_app::{
    access::{Credential, open_session},
    connect, create, deliver,
    destroy::Destruction,
    error::Error,
    finalize,
    models::Models,
    ports::{Clock as _, MediaLimits, ResultSink as _},
    process::{Delivery, Disposition, ProcessPorts, ProcessSettings},
    receive_chunk::{IncomingChunk, receive_chunk},
};
use dodolens_domain::{
    catalogue,
    evidence::{Observation, SizeClass},
    ids::ConnectionId,
    media::{ExtractedMedia, Frame, Losses, Sound, SoundFormat},
    money::Usd,
    quota::{Principal, Quota},
    receipt::PartDeletion,
    session::{Lifetimes, Session},
};
use dodolens_memory::{Answers, Memory};
use dodolens_wire::http::CreateSession;

pub const LIFETIMES: Lifetimes = Lifetimes {
    media: Duration::from_secs(300),
    session: Duration::from_secs(600),
};
/// How long an invocation of `process` may take, and its lease lasts.
pub const INVOCATION: Duration = Duration::from_secs(120);
/// A chunk of one part, and what is left.
const CHUNKS: [usize; 2] = [256 * 1024, 1000];

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

pub struct World {
    pub memory: Memory,
}

impl World {
    pub fn new() -> Self {
        Self {
            memory: Memory::new(Answers {
                media: Ok(film()),
                seen: Ok(vec![armchair()]),
                heard: Ok("so many words".to_owned()),
                cues: Ok(Vec::new()),
            }),
        }
    }

    pub async fn open(&self) -> Result<Credential, Again> {
        let settings = create::CreateSettings {
            max_video_bytes: u64::MAX,
            quota: Quota {
                sessions: NonZeroU32::new(100).unwrap(),
                window_seconds: NonZeroU64::new(3600).unwrap(),
            },
            lifetimes: LIFETIMES,
            websocket_url: "wss://dodolens.example".to_owned(),
        };
        let request = CreateSession {
            total_bytes: CHUNKS.iter().sum::<usize>() as u64,
            content_type: "video/mp4".to_owned(),
            chunk_bytes: Some(u32::try_from(CHUNKS[0]).unwrap()),
            locale: None,
        };
        let client = Principal::address("192.0.2.1".parse().unwrap());
        let memory = &self.memory;
        let created =
            create::create_session(memory, memory, memory, memory, &settings, &client, &request)
                .await?;
        Ok(Credential {
            session: created.session_id.parse().unwrap(),
            token: created.token.parse().unwrap(),
        })
    }

    pub async fn upload(&self, credential: &Credential, index: u32) -> Result<(), Again> {
        let (memory, bytes) = (&self.memory, vec![index as u8; CHUNKS[index as usize]]);
        let chunk = IncomingChunk {
            index,
            bytes: &bytes,
            digest: None,
        };
        let lifetime = LIFETIMES.media;
        receive_chunk(
            memory, memory, memory, memory, memory, lifetime, credential, &chunk,
        )
        .await?;
        Ok(())
    }

    pub async fn upload_all(&self, credential: &Credential) -> Result<(), Again> {
        for index in 0..CHUNKS.len() as u32 {
            self.upload(credential, index).await?;
        }
        Ok(())
    }

    pub async fn connect(&self, credential: &Credential) -> Result<(), Again> {
        let (memory, connection) = (&self.memory, connection());
        connect::connect(memory, memory, credential, &connection).await?;
        Ok(())
    }

    pub async fn join(&self, credential: &Credential) -> Result<(), Again> {
        let (memory, connection) = (&self.memory, connection());
        connect::join(memory, memory, memory, &connection, credential.session).await?;
        Ok(())
    }

    pub async fn disconnect(&self) -> Result<(), Again> {
        connect::disconnect(&self.memory, &self.memory, &connection()).await?;
        Ok(())
    }

    pub async fn finalize(&self, credential: &Credential) -> Result<(), Again> {
        let memory = &self.memory;
        finalize::finalize(memory, memory, memory, credential).await?;
        Ok(())
    }

    /// The first delivery of the job, or its second and last.
    pub async fn process(&self, credential: &Credential, last: bool) -> Result<(), Again> {
        let memory = &self.memory;
        let ports = ProcessPorts {
            sessions: memory,
            chunks: memory,
            vault: memory,
            extractor: memory,
            models: Models {
                vision: memory,
                transcriber: memory,
                cues: memory,
            },
            receipts: memory,
            notifier: memory,
            clock: memory,
        };
        let delivery = Delivery {
            session: credential.session,
            owner: format!("invocation {last}"),
            deadline: memory.now() + INVOCATION,
            sent_at: None,
            retryable: !last,
        };
        match ports.process(&PROCESSING, &delivery).await {
            Disposition::Done => Ok(()),
            disposition => Err(Again::Job(disposition)),
        }
    }

    pub async fn erase(&self, credential: &Credential) -> Result<(), Again> {
        self.destruction().erase(&self.memory, credential).await?;
        Ok(())
    }

    /// Fails where one of the sessions could not be swept.
    pub async fn sweep(&self) -> Result<(), Again> {
        let swept = self.destruction().sweep(&self.memory).await?;
        match swept.failed {
            0 => Ok(()),
            failed => Err(Again::Order(format!("{failed} could not be swept"))),
        }
    }

    pub async fn give_up(&self, credential: &Credential) -> Result<(), Again> {
        let destruction = self.destruction();
        destruction
            .give_up(&self.memory, credential.session)
            .await?;
        Ok(())
    }

    pub async fn order(&self, credential: &Credential) -> Result<(), Again> {
        let (memory, sinks) = (&self.memory, [Memory::NAME]);
        let ordered = deliver::order(memory, memory, &sinks, credential.session).await;
        ordered.map_err(|error| Error::from(error).into())
    }

    pub async fn deliver(&self, credential: &Credential) -> Result<(), Again> {
        let memory = &self.memory;
        let delivered = deliver::deliver(memory, memory, memory, credential.session).await;
        delivered
            .map(drop)
            .map_err(|error| Again::Order(error.to_string()))
    }

    /// The session that a client can still show its token for.
    pub async fn session(&self, credential: &Credential) -> Option<Session> {
        open_session(&self.memory, credential).await.ok()
    }

    const fn destruction(&self) -> Destruction<'_, Memory, Memory, Memory, Memory> {
        Destruction {
            sessions: &self.memory,
            chunks: &self.memory,
            receipts: &self.memory,
            clock: &self.memory,
            deletion: PartDeletion::Explicit,
        }
    }
}

const PROCESSING: ProcessSettings = ProcessSettings {
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
};

pub fn connection() -> ConnectionId {
    ConnectionId::from("there".to_owned())
}

/// A film with pictures and sound.
fn film() -> ExtractedMedia {
    let frame = |at| Frame {
        jpeg: vec![1].into(),
        at: Duration::from_secs(at),
    };
    ExtractedMedia {
        frames: (0..4).map(frame).collect(),
        sound: Some(Sound {
            bytes: vec![1].into(),
            format: SoundFormat::M4a,
            duration: Duration::from_secs(4),
        }),
        duration: Duration::from_secs(4),
        losses: Losses::default(),
    }
}

fn armchair() -> Observation {
    Observation {
        frame: 0,
        item: catalogue::item("armchair"),
        label: String::new(),
        room: None,
        count: 1,
        size: SizeClass::Medium,
        fragile: false,
        confidence: 0.9,
    }
}

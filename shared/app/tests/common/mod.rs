//! A service in memory, and a client with a session in it.

use std::{
    num::{NonZeroU32, NonZeroU64},
    time::Duration,
};

use dodolens_app::{
    access::Credential,
    connect::connect,
    create::{CreateSettings, create_session},
    error::Error,
    finalize::finalize,
    receive_chunk::{IncomingChunk, receive_chunk},
};
use dodolens_domain::{
    catalogue,
    evidence::{Observation, SizeClass},
    ids::ConnectionId,
    media::{Coverage, ExtractedMedia, Frame, Losses, Sound, SoundFormat},
    quota::{Principal, Quota},
    session::Lifetimes,
};
use dodolens_memory::{Answers, Memory};
use dodolens_wire::http::CreateSession;

pub const LIFETIMES: Lifetimes = Lifetimes {
    media: Duration::from_secs(300),
    session: Duration::from_secs(600),
};
/// A chunk of one part, and what is left.
const CHUNKS: [usize; 2] = [256 * 1024, 1000];

pub struct World {
    pub memory: Memory,
}

impl World {
    pub fn new(answers: Answers) -> Self {
        Self {
            memory: Memory::new(answers),
        }
    }

    pub async fn open(&self) -> Result<Credential, Error> {
        let settings = CreateSettings {
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
        let created = create_session(&self.memory, &settings, &client, &request).await?;
        Ok(Credential {
            session: created.session_id.parse().unwrap(),
            token: created.token.parse().unwrap(),
        })
    }

    pub async fn connect(&self, credential: &Credential) -> Result<(), Error> {
        connect(&self.memory, credential, &connection()).await
    }

    pub async fn upload(&self, credential: &Credential, index: u32) -> Result<(), Error> {
        let bytes = vec![index as u8; CHUNKS[index as usize]];
        let chunk = IncomingChunk {
            index,
            bytes: &bytes,
            digest: None,
        };
        receive_chunk(&self.memory, LIFETIMES.media, credential, &chunk).await
    }

    pub async fn upload_all(&self, credential: &Credential) -> Result<(), Error> {
        for index in 0..CHUNKS.len() as u32 {
            self.upload(credential, index).await?;
        }
        Ok(())
    }

    pub async fn finalize(&self, credential: &Credential) -> Result<(), Error> {
        finalize(&self.memory, credential).await.map(drop)
    }

    /// Goes on from an open session until it waits to be processed, with a client that listens.
    pub async fn queue(&self, credential: &Credential) -> Result<(), Error> {
        self.connect(credential).await?;
        self.upload_all(credential).await?;
        self.finalize(credential).await
    }
}

pub fn connection() -> ConnectionId {
    ConnectionId::from("there".to_owned())
}

/// Nothing is seen, and of no object is spoken.
pub fn quiet(media: ExtractedMedia) -> Answers {
    Answers {
        media: Ok(media),
        seen: Ok(Vec::new()),
        heard: Ok("so many words".to_owned()),
        cues: Ok(Vec::new()),
    }
}

/// A film with pictures and sound.
pub fn film() -> ExtractedMedia {
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
        coverage: Coverage::default(),
    }
}

pub fn armchair() -> Vec<Observation> {
    vec![Observation {
        frame: 0,
        item: catalogue::item("armchair"),
        label: String::new(),
        room: None,
        count: 1,
        size: SizeClass::Medium,
        fragile: false,
        confidence: 0.9,
    }]
}

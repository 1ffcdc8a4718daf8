//! Everything that processing touches, in memory: a session that is ready, a video, models. One of them may hang.

use std::{
    collections::BTreeMap,
    future::pending,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use crate::ports::{
    ChangeError, ChunkStore, Clock, CueReader, Delivery, KeyVault, MediaError, MediaExtractor,
    MediaLimits, ModelError, Notifier, PartKey, Read, ReadError, ReceiptVault, SessionStore, Terms,
    Transcriber, Unavailable, VideoSource, VisionModel,
};
use dodolens_crypto::{MasterKey, SessionKey, receipt::ReceiptKeys};
use dodolens_domain::{
    evidence::{Cue, Observation, Transcript},
    ids::{ConnectionId, SessionId, TokenHash},
    locale::Locale,
    media::{ContentType, ExtractedMedia, Frame, Sound},
    money::Usd,
    plan::UploadPlan,
    session::{
        Change, Fingerprint, Lifetimes, Opening, Progress, ReceivedChunk, Session, SessionState,
    },
    time::Timestamp,
};

const T0: Timestamp = Timestamp::from_millis(1_795_222_800_000);

/// What does not come to an end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Hangs {
    Nothing,
    Vault,
    Parts,
    Decoder,
    Report(Progress),
    Vision,
    Transcription,
    /// Of messages that tell how far the work is.
    Pushes,
}

/// What models answer.
pub type Answer<A> = Result<A, ModelError>;

pub struct World {
    pub session: Mutex<Session>,
    pub begun: Instant,
    pub media: ExtractedMedia,
    pub seen: Answer<Vec<Observation>>,
    pub heard: Answer<&'static str>,
    pub cues: Answer<Vec<Cue>>,
    pub hangs: Hangs,
    /// Whether what hangs was waited for, with all the time that it may have.
    pub reached: AtomicBool,
    /// How often a transcription was asked for.
    pub listened: AtomicUsize,
    pub pushed: Mutex<Vec<String>>,
}

impl World {
    pub fn new(media: ExtractedMedia) -> Self {
        Self {
            session: Mutex::new(queued()),
            begun: Instant::now(),
            media,
            seen: Ok(Vec::new()),
            heard: Ok("so many words"),
            cues: Ok(Vec::new()),
            hangs: Hangs::Nothing,
            reached: AtomicBool::new(false),
            listened: AtomicUsize::new(0),
            pushed: Mutex::default(),
        }
    }

    /// The session as it stands.
    pub fn session(&self) -> Session {
        self.session.lock().unwrap().clone()
    }

    async fn pass(&self, here: Hangs) {
        if self.hangs == here {
            self.reached.store(true, Relaxed);
            pending::<()>().await;
        }
    }
}

fn master() -> MasterKey {
    MasterKey::from_secret("v1".into(), &[b'm'; 64]).unwrap()
}

/// A session of one chunk that waits to be processed, with one connection.
fn queued() -> Session {
    let id = SessionId::from_bytes([1; 16]);
    let lifetimes = Lifetimes {
        media: Duration::from_secs(300),
        session: Duration::from_secs(600),
    };
    let opening = Opening {
        id,
        plan: UploadPlan::new(1 << 18, 1 << 18, u64::MAX).unwrap(),
        content_type: ContentType::Mp4,
        locale: Locale::En,
        token_hash: TokenHash::from_bytes([2; 32]),
        key: master().wrap(id, &SessionKey::generate().unwrap()).unwrap(),
    };
    let chunk = ReceivedChunk {
        fingerprint: Fingerprint([3; 16]),
        expires_at: T0 + lifetimes.media,
    };
    Session {
        state: SessionState::Queued,
        received: BTreeMap::from([(0, chunk)]),
        connections: BTreeMap::from([(ConnectionId::from("there".to_owned()), T0)]),
        ..Session::open(opening, &lifetimes, T0)
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        T0 + self.begun.elapsed()
    }
}

impl SessionStore for World {
    async fn create(&self, _: &Session) -> Result<(), Unavailable> {
        unreachable!("processing opens no session")
    }

    async fn load(&self, _: SessionId) -> Result<Option<Session>, Unavailable> {
        Ok(Some(self.session()))
    }

    async fn change(
        &self,
        _: SessionId,
        change: &Change,
        now: Timestamp,
    ) -> Result<Session, ChangeError> {
        if let Change::Report { progress, .. } = change {
            self.pass(Hangs::Report(*progress)).await;
        }
        let mut session = self.session.lock().unwrap();
        session.apply(change, now)?;
        Ok(session.clone())
    }

    async fn due(&self, _: Timestamp) -> Result<Vec<SessionId>, Unavailable> {
        unreachable!("processing does not sweep")
    }

    async fn forget(&self, _: SessionId) -> Result<(), Unavailable> {
        unreachable!("processing does not sweep")
    }
}

impl ChunkStore for World {
    async fn put(&self, _: PartKey, _: Vec<u8>, _: Timestamp) -> Result<(), Unavailable> {
        unreachable!("processing stores no part")
    }

    async fn get(&self, _: PartKey, _: Timestamp) -> Result<Option<Vec<u8>>, Unavailable> {
        self.pass(Hangs::Parts).await;
        Err(Unavailable("the table of parts"))
    }

    async fn delete(&self, _: PartKey, _: Option<Timestamp>) -> Result<(), Unavailable> {
        Ok(())
    }

    async fn count_present(&self, _: &[PartKey]) -> Result<usize, Unavailable> {
        Ok(0)
    }
}

impl KeyVault for World {
    async fn current(&self) -> Result<MasterKey, Unavailable> {
        Ok(master())
    }

    async fn version(&self, _: &str) -> Result<Option<MasterKey>, Unavailable> {
        self.pass(Hangs::Vault).await;
        Ok(Some(master()))
    }
}

impl ReceiptVault for World {
    async fn keys(&self) -> Result<ReceiptKeys, Unavailable> {
        Ok(ReceiptKeys::new(&[b'r'; 64], &[]).unwrap())
    }
}

impl Notifier for World {
    async fn push(&self, _: &ConnectionId, message: &str) -> Result<Delivery, Unavailable> {
        if !["analysis_complete", "error"]
            .map(|end| message.contains(end))
            .contains(&true)
        {
            self.pass(Hangs::Pushes).await;
        }
        self.pushed.lock().unwrap().push(message.to_owned());
        Ok(Delivery::Accepted)
    }
}

impl MediaExtractor for World {
    async fn extract(
        &self,
        video: &(impl VideoSource + Send),
        limits: &MediaLimits,
    ) -> Result<ExtractedMedia, MediaError> {
        match self.hangs {
            Hangs::Parts => match timeout(limits.deadline, video.read_range(0..1)).await {
                Ok(read) => drop(read?),
                Err(_) => return Err(ReadError::TooSlow.into()),
            },
            Hangs::Decoder => {
                self.reached.store(limits.deadline == DECODING, Relaxed);
                pending().await
            }
            _ => {}
        }
        Ok(self.media.clone())
    }
}

/// What decoding may take.
pub const DECODING: Duration = Duration::from_millis(20);

fn read<A>(answer: Answer<A>) -> Read<A> {
    Read {
        answer,
        calls: Vec::new(),
        left: Usd::ZERO,
    }
}

impl VisionModel for World {
    async fn observe(
        &self,
        _: &[Frame],
        _: &Terms,
        _: &watch::Sender<Vec<Observation>>,
    ) -> Read<Vec<Observation>> {
        self.pass(Hangs::Vision).await;
        read(self.seen.clone())
    }

    fn price(&self, _: usize) -> Usd {
        Usd::ZERO
    }
}

impl Transcriber for World {
    async fn transcribe(&self, _: &Sound, _: &Terms) -> Read<Transcript> {
        self.listened.fetch_add(1, Relaxed);
        self.pass(Hangs::Transcription).await;
        read(self.heard.map(|text| text.to_owned().into()))
    }

    fn price(&self, _: Duration) -> Usd {
        Usd::ZERO
    }
}

impl CueReader for World {
    async fn read(&self, _: &Transcript, _: &Terms) -> Read<Vec<Cue>> {
        read(self.cues.clone())
    }

    fn price(&self, _: Duration) -> Usd {
        Usd::ZERO
    }
}

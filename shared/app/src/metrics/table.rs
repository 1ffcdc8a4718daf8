//! The table of all metrics: name, unit, dimensions, who emits it, meaning. `docs/METRICS.md`, the dashboard and the alarms
//! say the same; `tests/tests/template` sees to it.

/// The namespace of all metrics.
pub const NAMESPACE: &str = "DodoLens";

/// A metric.
#[derive(Debug)]
pub struct Metric {
    /// Its name in CloudWatch.
    pub name: &'static str,
    /// What its values count.
    pub unit: Unit,
    /// What its values are kept apart by.
    pub dimensions: Dimensions,
    /// Who emits it. Nobody: a metric filter of the template makes it of API Gateway's access logs.
    pub functions: &'static [Function],
    /// What a value says.
    pub meaning: &'static str,
}

/// What the values of a metric count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things. Within one invocation they are added up.
    Count,
    /// 1 for each that went wrong, 0 for each that went well.
    Outcome,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Hundredths.
    Percent,
    /// US dollars, for which CloudWatch has no unit.
    Dollars,
}

impl Unit {
    /// Its name in CloudWatch.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html>
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count | Self::Outcome => "Count",
            Self::Bytes => "Bytes",
            Self::Milliseconds => "Milliseconds",
            Self::Seconds => "Seconds",
            Self::Percent => "Percent",
            Self::Dollars => "None",
        }
    }
}

/// What the values of a metric are kept apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimensions {
    /// The function that emits it, by the name that Lambda gives it, so that stacks are kept apart too.
    Function,
    /// The function, and the provider by its name in the configuration.
    Provider,
    /// The API.
    Api,
}

impl Dimensions {
    /// Their names in CloudWatch.
    #[must_use]
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Function => &["FunctionName"],
            Self::Provider => &["FunctionName", "Provider"],
            Self::Api => &["ApiId"],
        }
    }
}

/// A function of the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Opens, shows and erases sessions.
    Session,
    /// Takes chunks in.
    ChunkUpload,
    /// Queues complete uploads.
    Finalize,
    /// Makes inventories.
    Process,
    /// Registers WebSocket connections.
    WebSocketConnect,
    /// Destroys what is past its deadline.
    Sweep,
    /// Hands results to sinks.
    Deliver,
    /// Rotates keys.
    RotateKey,
}

impl Function {
    /// All.
    pub const ALL: [Self; 8] = [
        Self::Session,
        Self::ChunkUpload,
        Self::Finalize,
        Self::Process,
        Self::WebSocketConnect,
        Self::Sweep,
        Self::Deliver,
        Self::RotateKey,
    ];

    /// Its binary.
    #[must_use]
    pub const fn binary(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::ChunkUpload => "chunk-upload",
            Self::Finalize => "finalize",
            Self::Process => "process",
            Self::WebSocketConnect => "websocket-connect",
            Self::Sweep => "sweep",
            Self::Deliver => "deliver",
            Self::RotateKey => "rotate-key",
        }
    }
}

macro_rules! table {
    ($($(#[doc = $meaning:literal])+
       $constant:ident = $name:literal, $unit:ident, $dimensions:ident, [$($function:ident),*];)+) => {
        $(
            $(#[doc = $meaning])+
            pub const $constant: Metric = Metric {
                name: $name,
                unit: Unit::$unit,
                dimensions: Dimensions::$dimensions,
                functions: &[$(Function::$function),*],
                meaning: concat!($($meaning),+),
            };
        )+
        /// All metrics, in the order of the documentation.
        pub const ALL: &[Metric] = &[$($constant),+];
    };
}

table! {
    /// sessions that were opened
    SESSIONS_OPENED = "sessions.opened", Count, Function, [Session];
    /// sessions whose job was sent to the queue
    SESSIONS_QUEUED = "sessions.queued", Count, Function, [Finalize];
    /// sessions that ended with an inventory
    SESSIONS_COMPLETED = "sessions.completed", Count, Function, [Process];
    /// sessions that ended without an inventory for a reason that does not lie in the video
    SESSIONS_FAILED = "sessions.failed", Count, Function, [Process, Sweep];
    /// sessions that ended without an inventory because their video can't be read or is too large to decode
    SESSIONS_UNUSABLE = "sessions.unusable", Count, Function, [Process];
    /// sessions that their client had erased
    SESSIONS_ERASED = "sessions.erased", Count, Function, [Session];
    /// sessions whose time was over before their video was processed
    SESSIONS_EXPIRED = "sessions.expired", Count, Function, [Sweep];
    /// analyses that gave an inventory without pictures, without some of them or without speech because no provider
    /// answered
    ANALYSES_DEGRADED = "analyses.degraded", Count, Function, [Process];
    /// 1 for an analysis that gave no inventory since a provider did not answer, else 0; so its number of samples is that of
    /// analyses
    ANALYSES_FAILED = "analyses.failed", Outcome, Function, [Process];
    /// 1 for a run of the decoder that its jail, the system or itself ended, that had too little memory or could not begin,
    /// else 0; so its number of samples is that of runs
    DECODER_FAILURES = "decoder.failures", Outcome, Function, [Process];
    /// pictures of a video that were chosen and did not come
    PICTURES_LOST = "pictures.lost", Count, Function, [Process];
    /// pictures of a video that were planned and not decoded for want of time
    PICTURES_SKIPPED = "pictures.skipped", Count, Function, [Process];
    /// videos whose sound could not be read, was cut or is silent
    SOUND_LOST = "sound.lost", Count, Function, [Process];
    /// chunks that were stored; one that was there already does not count
    UPLOAD_CHUNKS = "upload.chunks", Count, Function, [ChunkUpload];
    /// bytes of the chunks that were stored
    UPLOAD_BYTES = "upload.bytes", Bytes, Function, [ChunkUpload];
    /// size of a video whose job was sent
    VIDEO_SIZE = "video.size", Bytes, Function, [Finalize];
    /// from the opening of a session to the sending of its job
    STAGE_UPLOAD = "stage.upload", Milliseconds, Function, [Finalize];
    /// from the sending of a job to its first delivery
    STAGE_WAIT = "stage.wait", Milliseconds, Function, [Process];
    /// taking pictures and sound out of a video
    STAGE_EXTRACT = "stage.extract", Milliseconds, Function, [Process];
    /// pictures and speech, with all retries and fallbacks
    STAGE_ANALYSE = "stage.analyse", Milliseconds, Function, [Process];
    /// from the destruction of a session's key to its receipt
    STAGE_ERASE = "stage.erase", Milliseconds, Function, [Session, Process, Sweep];
    /// from the sending of a job to the telling of its inventory, with all tries
    INVENTORY_TIME = "inventory.time", Milliseconds, Function, [Process];
    /// tries of a job that failed and are followed by another
    JOBS_RETRIED = "jobs.retried", Count, Function, [Process];
    /// jobs that no try could do: dead letters
    JOBS_GIVEN_UP = "jobs.given_up", Count, Function, [Sweep];
    /// one request to a provider, by the price table; 0 where the provider did not tell what it used
    AI_COST = "ai.cost", Dollars, Provider, [Process];
    /// from a request to the end of its answer
    AI_LATENCY = "ai.latency", Milliseconds, Provider, [Process];
    /// 1 for a request without a usable answer, else 0; so its number of samples is that of requests
    AI_FAILURES = "ai.failures", Outcome, Provider, [Process];
    /// tokens that a model read
    AI_TOKENS_READ = "ai.tokens.read", Count, Provider, [Process];
    /// tokens that a model wrote
    AI_TOKENS_WRITTEN = "ai.tokens.written", Count, Provider, [Process];
    /// sound that a model heard
    AI_SOUND = "ai.sound", Seconds, Provider, [Process];
    /// requests that were repeated with the same model
    AI_RETRIES = "ai.retries", Count, Function, [Process];
    /// answers by another model than the first of its chain
    AI_FALLBACKS = "ai.fallbacks", Count, Function, [Process];
    /// all requests to providers in one try of a session
    SESSION_COST = "session.cost", Dollars, Function, [Process];
    /// one message to one WebSocket connection, until API Gateway has taken it or it is given up
    PUSH_LATENCY = "push.latency", Milliseconds, Function, [Session, ChunkUpload, Process, WebSocketConnect, Sweep];
    /// 1 for a message that could not be pushed, else 0; a connection that is gone is no failure
    PUSH_FAILURES = "push.failures", Outcome, Function, [Session, ChunkUpload, Process, WebSocketConnect, Sweep];
    /// requests and messages that API Gateway refused with 429 before any function was asked
    API_THROTTLED = "api.throttled", Count, Api, [];
    /// results that a sink has taken
    DELIVERIES_ACCEPTED = "deliveries.accepted", Count, Function, [Deliver];
    /// results that a sink took in no attempt
    DELIVERIES_GIVEN_UP = "deliveries.given_up", Count, Function, [Deliver];
    /// sessions that got their receipt
    ERASURES = "erasures", Count, Function, [Session, Process, Sweep];
    /// after each sweep: parts that sessions may have which the sweep could not deal with, so that they are not verified
    /// absent, or, with `DeleteParts` `shred`, may still have a key. Must be 0. A session whose record can't be read counts
    /// as one
    MEDIA_OVERDUE = "media.overdue", Count, Function, [Sweep];
    /// every hour: time since the last rotation of the master key, or since its last change if it was never rotated
    KEY_AGE = "key.age", Seconds, Function, [RotateKey];
    /// the most memory that this process has used so far, with its largest ffmpeg, of what the function has
    MEMORY_PEAK = "memory.peak", Percent, Function,
        [Session, ChunkUpload, Finalize, Process, WebSocketConnect, Sweep, Deliver, RotateKey];
}

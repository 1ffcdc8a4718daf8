//! Everything that a use case may ask of the outside. A use case may touch just the ports that its bounds name, so
//! that its signature is its IAM policy. No port shows a type of an SDK.

mod media;
mod model;
mod provide;
mod sink;
mod storage;

pub use media::{DecoderFault, MediaError, MediaExtractor, MediaLimits, ReadError, VideoSource};
pub use model::{
    CueReader, Looked, ModelCall, ModelError, Read, Task, Terms, Transcriber, VisionModel,
};
pub use provide::{
    HasClock, HasConnections, HasCues, HasDeliveries, HasExtractor, HasJobs, HasNotifier, HasParts,
    HasQuotas, HasReceipts, HasSessions, HasTranscriber, HasVault, HasVision,
};
pub use sink::{CompletedResult, DeliveryQueue, ResultSink, SinkError};
pub use storage::{
    Admission, ChangeError, Clock, ConnectionStore, Corrupt, JobQueue, KeyVault, Notifier, PartKey,
    PartStore, PushOutcome, QuotaStore, ReceiptVault, SessionStore, StoreError, Unavailable,
};

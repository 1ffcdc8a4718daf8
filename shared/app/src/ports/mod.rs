//! Everything that a use case may ask of the outside. A use case may touch just the ports that its bounds name, so
//! that its signature is its IAM policy. No port shows a type of an SDK.

mod media;
mod model;
mod provide;
mod sink;
mod storage;

pub use media::{DecoderFault, MediaError, MediaExtractor, MediaLimits, ReadError, VideoSource};
pub use model::{CueReader, ModelCall, ModelError, Read, Task, Terms, Transcriber, VisionModel};
pub use provide::{
    HasChunks, HasClock, HasConnections, HasCues, HasDeliveries, HasExtractor, HasJobs,
    HasNotifier, HasQuotas, HasReceipts, HasSessions, HasTranscriber, HasVault, HasVision,
};
pub use sink::{CompletedResult, DeliveryQueue, ResultSink, SinkError};
pub use storage::{
    Admission, ChangeError, ChunkStore, Clock, ConnectionStore, Corrupt, JobQueue, KeyVault,
    Notifier, PartKey, PushOutcome, QuotaStore, ReceiptVault, SessionStore, StoreError,
    Unavailable,
};

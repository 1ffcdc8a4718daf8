//! Everything that a use case may ask of the outside. A use case takes just the ports that it needs, so that its
//! signature is its IAM policy. No port shows a type of an SDK.

mod media;
mod model;
mod sink;
mod storage;

pub use media::{DecoderFault, MediaError, MediaExtractor, MediaLimits, ReadError, VideoSource};
pub use model::{CueReader, ModelCall, ModelError, Read, Task, Terms, Transcriber, VisionModel};
pub use sink::{CompletedResult, DeliveryQueue, ResultSink, SinkError};
pub use storage::{
    Admission, ChangeError, ChunkStore, Clock, ConnectionStore, Delivery, JobQueue, KeyVault,
    Notifier, PartKey, QuotaStore, ReceiptVault, SessionStore, Unavailable,
};

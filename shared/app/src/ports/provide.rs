//! Who has which port. A use case is given one value, and its bounds say which ports of it the use case may touch.

use super::{
    Clock, ConnectionStore, CueReader, DeliveryQueue, JobQueue, KeyVault, MediaExtractor, Notifier,
    PartStore, QuotaStore, ReceiptVault, SessionStore, Transcriber, VisionModel,
};

/// Makes a provider of each port; whatever is a port itself provides it.
macro_rules! providers {
    ($($(#[$doc:meta])* $has:ident::$port:ident: $trait:ident;)*) => {$(
        $(#[$doc])*
        pub trait $has {
            /// What it is here.
            type Port: $trait;

            /// The port.
            fn $port(&self) -> &Self::Port;
        }

        impl<T: $trait> $has for T {
            type Port = T;

            fn $port(&self) -> &T {
                self
            }
        }
    )*};
}

providers! {
    /// Has sessions.
    HasSessions::sessions: SessionStore;
    /// Knows whose a connection is.
    HasConnections::connections: ConnectionStore;
    /// Has sealed parts.
    HasParts::parts: PartStore;
    /// Has counts of clients.
    HasQuotas::quotas: QuotaStore;
    /// Has master keys.
    HasVault::vault: KeyVault;
    /// Has the keys of receipts.
    HasReceipts::receipts: ReceiptVault;
    /// Has a queue of jobs.
    HasJobs::jobs: JobQueue;
    /// Reaches clients.
    HasNotifier::notifier: Notifier;
    /// Has a decoder.
    HasExtractor::extractor: MediaExtractor;
    /// Has a model that sees.
    HasVision::vision: VisionModel;
    /// Has a model that hears.
    HasTranscriber::transcriber: Transcriber;
    /// Has a model that understands.
    HasCues::cues: CueReader;
    /// Has the time.
    HasClock::clock: Clock;
}

/// May have a queue of orders to deliver.
pub trait HasDeliveries {
    /// What it is here.
    type Port: DeliveryQueue;

    /// The port; `None` where results go to nobody.
    fn deliveries(&self) -> Option<&Self::Port>;
}

impl<T: DeliveryQueue> HasDeliveries for T {
    type Port = T;

    fn deliveries(&self) -> Option<&T> {
        Some(self)
    }
}

/// Says in which fields a type has its ports, as `provide!(Deps { HasClock::clock: SystemClock = clock })`: the provider, its
/// method, the adapter and the field.
#[macro_export]
macro_rules! provide {
    ($deps:ty { $($has:ident::$port:ident: $adapter:ty = $field:ident),* $(,)? }) => {$(
        impl $crate::ports::$has for $deps {
            type Port = $adapter;

            fn $port(&self) -> &$adapter {
                &self.$field
            }
        }
    )*};
}

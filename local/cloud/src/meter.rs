//! What AWS would bill that no function asks for by itself: invocations, requests and messages of the gateways, polling.

use std::{fmt, sync::Arc, time::Duration};

/// Something that is billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Metered {
    /// A function was invoked.
    Invocation {
        /// Logical id of the function.
        function: String,
        /// From the event to the answer; the start of an instance, or the wait for one, included.
        took: Duration,
    },
    /// A request to the HTTP API.
    Request {
        /// Of its body.
        request_bytes: usize,
        /// Of the answer's body.
        response_bytes: usize,
    },
    /// A message of a client over the WebSocket API.
    Message {
        /// Its length.
        bytes: usize,
    },
    /// A batch was taken from a queue for a function, and what was done with deleted.
    Batch,
}

/// Takes what is metered as it comes.
#[derive(Clone)]
pub struct Meter(Arc<dyn Fn(Metered) + Send + Sync>);

impl Meter {
    /// A meter that calls `take`, which must not block.
    pub fn new(take: impl Fn(Metered) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    pub(super) fn note(&self, metered: Metered) {
        (self.0)(metered);
    }
}

impl Default for Meter {
    /// A meter that nobody reads.
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

//! The message from process to deliver.

use serde::{Deserialize, Serialize};

use dodolens_domain::{ids::SessionId, sink::SinkName};

/// Asks for the result of one session to be handed to one sink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryOrder {
    /// Whose.
    pub session_id: String,
    /// To whom.
    pub sink: SinkName,
}

impl DeliveryOrder {
    /// What the body of a message orders; `None` when it is no order.
    #[must_use]
    pub fn read(body: &str) -> Option<(SessionId, SinkName)> {
        let order: Self = serde_json::from_str(body).ok()?;
        Some((order.session_id.parse().ok()?, order.sink))
    }
}

/// How often an order is tried before it is given up: `maxReceiveCount` of its queue's redrive policy.
pub const MAX_ATTEMPTS: u32 = 14;

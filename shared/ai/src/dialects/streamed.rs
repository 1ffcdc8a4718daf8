//! Answers that come event by event.

use std::ops::ControlFlow;

use serde::Deserialize;

use super::super::{call::Begun, events::Events, question::Answer};
use dodolens_app::ports::ModelError;

/// Puts an answer together from its events.
pub(in super::super) trait Assemble {
    /// Takes the data of the next event, and gives the pieces of text in it to `shown`; the answer after the last event.
    fn take(
        &mut self,
        event: &[u8],
        shown: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Option<Answer>, ModelError>;
}

/// Reads a streamed answer to its last event. One that ends before was cut off.
pub(super) async fn read(
    begun: &mut Begun,
    mut assembler: Box<dyn Assemble + Send>,
    shown: &mut (dyn FnMut(&str) + Send),
) -> Result<Answer, ModelError> {
    let mut events = Events::default();
    while let Some(piece) = begun.piece().await? {
        let flow = events.feed(&piece, |event| {
            match assembler.take(event, shown).transpose() {
                Some(outcome) => ControlFlow::Break(outcome),
                None => ControlFlow::Continue(()),
            }
        })?;
        if let ControlFlow::Break(outcome) = flow {
            return outcome;
        }
    }
    Err(ModelError::Interrupted)
}

/// Reads an event.
pub(super) fn json<'de, T: Deserialize<'de>>(event: &'de [u8]) -> Result<T, ModelError> {
    serde_json::from_slice(event).map_err(|_| ModelError::Malformed)
}

/// What an error within a stream means, by OpenAI's code for it. Whoever has begun to write may ask for money.
pub(super) fn broken_off(code: Option<&str>, begun: bool) -> ModelError {
    match code {
        Some("rate_limit_exceeded") => ModelError::RateLimited { retry_after: None },
        Some("insufficient_quota") => ModelError::OutOfQuota,
        _ if begun => ModelError::Interrupted,
        _ => ModelError::Unavailable,
    }
}

//! Notes each call of the functions.

use std::{
    future::Future,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::http::StatusCode;

use super::{Answer, Call, Observer, Proxy, Service, capacity};

/// A call and what became of it; no content.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The call.
    pub call: Call,
    /// Status of the answer.
    pub status: StatusCode,
    /// Length of the answer's body, bytes; what DynamoDB says of capacity is in it.
    pub response_bytes: usize,
    /// Units that DynamoDB counted, of reads or writes by the operation. `None` of other services and of errors, though
    /// a write whose condition fails is paid for too.
    pub capacity_units: Option<f64>,
}

/// Notes each call on its way.
pub struct Recorder {
    proxy: Proxy,
    calls: Calls,
}

#[derive(Clone, Default)]
struct Calls(Arc<Mutex<Vec<Recorded>>>);

impl Recorder {
    /// Starts it.
    ///
    /// # Errors
    /// When it has no port.
    pub async fn start() -> io::Result<Self> {
        let calls = Calls::default();
        let proxy = Proxy::start(calls.clone()).await?;
        Ok(Self { proxy, calls })
    }

    /// The proxy that it is.
    #[must_use]
    pub const fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// The calls that were answered since this was asked last, in the order of their answers.
    #[must_use]
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.calls.lock())
    }
}

impl Calls {
    fn lock(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Calls {
    async fn around(&self, call: Call, service: impl Future<Output = Answer> + Send) -> Answer {
        let answer = service.await;
        let of_dynamodb = call.service == Service::DynamoDb;
        self.lock().push(Recorded {
            status: answer.status,
            response_bytes: answer.body.len(),
            capacity_units: of_dynamodb.then(|| capacity::told(&answer.body)).flatten(),
            call,
        });
        answer
    }
}

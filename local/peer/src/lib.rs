//! The simulated AI peer: stands in for OpenAI, Anthropic, Gemini and a compatible server on the wire where there is no key.
//!
//! Written from the providers' published API references. It checks requests more strictly than the provider, knows
//! nothing but what it is sent, and answers what it finds in it: QR codes in pictures, DTMF tones in sound, household
//! words in a text (see [`dodolens_video::markers`]). It can be told to fail, to be slow, to throttle, and to err.

mod answer;
mod anthropic;
mod asked;
mod audio;
mod chat;
mod cues;
mod dtmf;
mod error;
mod faults;
mod fields;
mod form;
mod gemini;
mod mistakes;
mod options;
mod responses;
mod same;
mod schema;
mod streamed;
#[cfg(test)]
mod tests;
mod things;
mod transcriptions;
mod vision;

pub use faults::{Failures, Faults, Hold, Throttle};
pub use mistakes::Rates;
pub use options::{PeerOptions, Provider, Seen, Task, TranscriptionModel};

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::HeaderMap,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use error::ApiError;
use faults::Counters;
use vision::Eyes;

/// A running peer; stops when dropped.
#[derive(Debug)]
pub struct Peer {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Peer {
    /// What to configure as OpenAI's base URL.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}{}", self.address, Provider::OpenAi.path())
    }

    /// What to configure as the base URLs of all providers, by their names.
    #[must_use]
    pub fn base_urls(&self) -> BTreeMap<&'static str, String> {
        let urls = Provider::ALL.iter();
        urls.map(|it| (it.name(), format!("http://{}{}", self.address, it.path())))
            .collect()
    }

    /// The requests with a valid key that were answered so far, oldest first.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.shared
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Debug)]
struct Shared {
    options: PeerOptions,
    counters: Counters,
    eyes: Eyes,
    seen: Mutex<Vec<Seen>>,
}

impl Shared {
    /// Applies the task's faults, then `answer`, and notes the shape of the request.
    async fn answer(
        &self,
        mut seen: Seen,
        answer: impl AsyncFnOnce(&mut Seen) -> Result<Response, ApiError>,
    ) -> Response {
        let faults = self.options.faults(seen.provider, seen.task);
        let met = self.counters.apply(seen.provider, seen.task, faults).await;
        let answered = match met {
            Ok(()) => answer(&mut seen).await,
            Err(fault) => Err(fault),
        };
        let response = answered.unwrap_or_else(|error| error.of(seen.provider));
        seen.status = response.status().as_u16();
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(seen);
        response
    }

    /// Checks the key, in the header where the provider wants it.
    fn authorize(&self, provider: Provider, headers: &HeaderMap) -> Result<(), ApiError> {
        let (name, prefix) = match provider {
            Provider::OpenAi | Provider::Compatible => ("authorization", "Bearer "),
            Provider::Anthropic => ("x-api-key", ""),
            Provider::Gemini => ("x-goog-api-key", ""),
        };
        let key = headers
            .get(name)
            .and_then(|value| value.to_str().ok()?.strip_prefix(prefix));
        if key == Some(self.options.key.as_str()) {
            Ok(())
        } else {
            Err(ApiError::unauthorized())
        }
    }
}

/// Serves on `listener` until the handle is dropped.
///
/// # Errors
/// When the listener's address can't be read.
pub fn serve(listener: TcpListener, options: PeerOptions) -> io::Result<Peer> {
    let address = listener.local_addr()?;
    let shared = Arc::new(Shared {
        options,
        counters: Counters::default(),
        eyes: Eyes::new(),
        seen: Mutex::default(),
    });
    let router = Router::new()
        .route("/v1/models", get(models))
        .route("/v1/responses", post(responses::handle))
        .route("/v1/audio/transcriptions", post(transcriptions::open_ai))
        .route("/anthropic/v1/messages", post(anthropic::handle))
        .route("/gemini/v1beta/models/{call}", post(gemini::handle))
        .route("/compatible/v1/chat/completions", post(chat::handle))
        .route(
            "/compatible/v1/audio/transcriptions",
            post(transcriptions::compatible),
        )
        .fallback(async |request: Request| {
            ApiError::unknown_url(request.method(), request.uri().path()).into_response()
        })
        .method_not_allowed_fallback(async |request: Request| {
            ApiError::method_not_allowed(request.method()).into_response()
        })
        .with_state(Arc::clone(&shared));
    let server = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the simulated AI peer has stopped");
        }
    });
    Ok(Peer {
        address,
        shared,
        server,
    })
}

async fn models(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    shared.authorize(Provider::OpenAi, &headers)?;
    let options = &shared.options;
    let names = options
        .response_models
        .iter()
        .chain(options.transcription_models.iter().map(|model| &model.name));
    let data: Vec<Value> = names
        .map(|id| json!({"id": id, "object": "model", "created": 0, "owned_by": "system"}))
        .collect();
    Ok(Json(json!({"object": "list", "data": data})))
}

//! The simulated AI peer: stands in for OpenAI on the wire where there is no key.
//!
//! Written from the provider's published API reference. It checks requests more strictly than the provider, knows
//! nothing but what it is sent, and answers what it finds in it: QR codes in pictures, DTMF tones in sound, household
//! words in a text (see [`crate::markers`]). It can be told to fail, to be slow and to throttle.

mod audio;
mod cues;
mod dtmf;
mod error;
mod faults;
mod form;
mod responses;
mod schema;
#[cfg(test)]
mod tests;
mod transcriptions;
mod vision;

pub use faults::{Failures, Faults, Throttle};

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use error::ApiError;
use faults::Counters;

/// What the provider is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// Pictures at `/v1/responses`.
    Vision,
    /// Sound at `/v1/audio/transcriptions`.
    Transcription,
    /// Text alone at `/v1/responses`.
    Cues,
}

/// How the simulated provider is set up.
#[derive(Debug, Clone)]
pub struct PeerOptions {
    /// The one key that it knows.
    pub key: String,
    /// Names of the models that answer at `/v1/responses`.
    pub response_models: Vec<String>,
    /// Models that answer at `/v1/audio/transcriptions`.
    pub transcription_models: Vec<TranscriptionModel>,
    /// What goes wrong with pictures.
    pub vision: Faults,
    /// What goes wrong with sound.
    pub transcription: Faults,
    /// What goes wrong with text.
    pub cues: Faults,
}

impl PeerOptions {
    /// A provider that knows this key, has today's models and never fails.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            response_models: ["gpt-6-luna", "gpt-6.1-terra", "gpt-6.1-sol"]
                .map(String::from)
                .to_vec(),
            transcription_models: vec![
                TranscriptionModel {
                    name: "gpt-transcribe".into(),
                    takes_languages: true,
                },
                TranscriptionModel {
                    name: "whisper-1".into(),
                    takes_languages: false,
                },
            ],
            vision: Faults::default(),
            transcription: Faults::default(),
            cues: Faults::default(),
        }
    }

    const fn faults(&self, task: Task) -> &Faults {
        match task {
            Task::Vision => &self.vision,
            Task::Transcription => &self.transcription,
            Task::Cues => &self.cues,
        }
    }
}

/// A model that turns speech into text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptionModel {
    /// Its name.
    pub name: String,
    /// Takes `languages[]` and `keywords[]`; else `language`.
    pub takes_languages: bool,
}

/// The shape of one request that was answered; never what was in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What was asked.
    pub task: Task,
    /// The status of the answer.
    pub status: u16,
    /// Length of the request's body, bytes.
    pub body_bytes: usize,
    /// Width and height of each picture, pixels.
    pub pictures: Vec<(u32, u32)>,
    /// Length of the sound, seconds.
    pub audio_seconds: f64,
}

impl Seen {
    const fn new(task: Task, body_bytes: usize) -> Self {
        Self {
            task,
            status: StatusCode::OK.as_u16(),
            body_bytes,
            pictures: Vec::new(),
            audio_seconds: 0.0,
        }
    }
}

/// A running peer; stops when dropped.
#[derive(Debug)]
pub struct Peer {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Peer {
    /// What to configure as the provider's base URL.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
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
    seen: Mutex<Vec<Seen>>,
}

impl Shared {
    /// Applies the task's faults, then `answer`, and notes the shape of the request.
    async fn answer(
        &self,
        mut seen: Seen,
        answer: impl AsyncFnOnce(&mut Seen) -> Result<Response, ApiError>,
    ) -> Response {
        let faults = self.options.faults(seen.task);
        let response = match self.counters.apply(seen.task, faults).await {
            Ok(()) => answer(&mut seen).await,
            Err(fault) => Err(fault),
        }
        .unwrap_or_else(ApiError::into_response);
        seen.status = response.status().as_u16();
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(seen);
        response
    }

    fn authorize(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let key = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
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
        seen: Mutex::default(),
    });
    let router = Router::new()
        .route("/v1/models", get(models))
        .route("/v1/responses", post(responses::handle))
        .route("/v1/audio/transcriptions", post(transcriptions::handle))
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
    shared.authorize(&headers)?;
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

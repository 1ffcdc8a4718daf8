//! A server that plays the API, with faults by script.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get, post, put},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use dodolens::{
    domain::{
        inventory::Inventory, plan::UploadPlan, ranges::ranges, session::SessionState,
        time::Timestamp,
    },
    wire::{
        http::{CreateSession, Finalized, SessionCreated, Snapshot},
        problem::{Problem, ProblemCode},
        ws::Event,
    },
};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::{
    events::socket,
    script::{Script, Seen},
};
use crate::fixture;

pub const ID: &str = "0123456789abcdef0123456789abcdef";
pub const TOKEN: &str = "7777777777777777777777777777777777777777777777777777777777777777";

#[derive(Clone)]
pub struct Server {
    pub seen: Arc<Mutex<Seen>>,
    pub url: reqwest::Url,
    /// Bumped by every change of the state, for sockets and waiting chunks.
    pub changes: watch::Sender<u64>,
}

pub async fn start(script: Script) -> Server {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = Server {
        seen: Arc::new(Mutex::new(Seen::nothing(script))),
        url: url.parse().unwrap(),
        changes: watch::Sender::new(0),
    };
    let app = Router::new()
        .route("/v1/sessions", post(create))
        .route("/v1/sessions/{id}", get(snapshot).delete(erase))
        .route("/v1/sessions/{id}/chunks/{index}", put(chunk))
        .route("/v1/sessions/{id}/finalize", post(finalize))
        .route("/ws", any(socket))
        .with_state(server.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    server
}

impl Server {
    fn plan(&self) -> UploadPlan {
        let seen = self.seen.lock().unwrap();
        let created = seen.created.as_ref().unwrap();
        UploadPlan::new(created.total_bytes, created.chunk_bytes.unwrap(), u64::MAX).unwrap()
    }

    pub fn changed(&self) {
        let mut seen = self.seen.lock().unwrap();
        let due = seen.joins >= seen.script.joins && seen.snapshots >= seen.script.snapshots;
        if seen.state == SessionState::Processing && due {
            seen.state = match seen.script.failure {
                Some(_) => SessionState::Failed,
                None => SessionState::Complete,
            };
        }
        drop(seen);
        self.changes.send_modify(|n| *n += 1);
    }

    pub fn snapshot(&self) -> Snapshot {
        let plan = self.plan();
        let seen = self.seen.lock().unwrap();
        let open = seen.state == SessionState::Open;
        let kept = seen.state == SessionState::Complete && seen.script.keeps_result;
        Snapshot {
            session_id: ID.to_owned(),
            state: seen.state,
            seq: 0,
            total_chunks: plan.chunks(),
            chunk_bytes: plan.chunk_bytes(),
            received: ranges(seen.chunks.keys().copied()),
            missing: ranges(
                (0..plan.chunks()).filter(|index| open && !seen.chunks.contains_key(index)),
            ),
            progress: None,
            result: kept.then(fixture::inventory),
            problem: seen
                .script
                .failure
                .filter(|_| seen.state == SessionState::Failed)
                .map(Problem::new),
            receipt: seen.state.is_final().then(fixture::receipt),
            session_expires_at: fixture::NOW,
        }
    }

    pub fn ending(&self) -> Option<Event> {
        let seen = self.seen.lock().unwrap();
        match (seen.state, seen.script.failure) {
            (SessionState::Complete, _) => Some(Event::AnalysisComplete(Box::<Inventory>::new(
                fixture::inventory(),
            ))),
            (SessionState::Failed, Some(code)) => Some(Event::Error(Box::new(code.into()))),
            _ => None,
        }
    }
}

fn problem(code: ProblemCode) -> Response {
    answer(Problem::new(code))
}

fn answer(problem: Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap();
    (status, Json(problem)).into_response()
}

fn refused(id: &str, headers: &HeaderMap) -> bool {
    id != ID || headers.get(header::AUTHORIZATION).unwrap() != &format!("Bearer {TOKEN}")
}

async fn create(
    State(server): State<Server>,
    headers: HeaderMap,
    Json(mut request): Json<CreateSession>,
) -> Response {
    request.chunk_bytes.get_or_insert(256 * 1024);
    {
        let mut seen = server.seen.lock().unwrap();
        seen.created = Some(request);
        let by = headers.get(header::AUTHORIZATION);
        seen.opened_by = by.map(|by| by.to_str().unwrap().to_owned());
    }
    let plan = server.plan();
    let created = SessionCreated {
        session_id: ID.to_owned(),
        token: TOKEN.to_owned(),
        chunk_bytes: plan.chunk_bytes(),
        total_chunks: plan.chunks(),
        websocket_url: format!("ws://{}/ws", server.url.authority()),
        media_expires_in: 300,
        session_expires_at: Timestamp::from_millis(0),
        max_parallel: 4,
    };
    (StatusCode::CREATED, Json(created)).into_response()
}

async fn chunk(
    State(server): State<Server>,
    Path((id, index)): Path<(String, u32)>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    if refused(&id, &headers) {
        return problem(ProblemCode::SessionNotFound);
    }
    let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(&bytes)));
    if headers.get("content-digest").unwrap() != &digest {
        return problem(ProblemCode::DigestMismatch);
    }
    let (meet, fault) = {
        let mut seen = server.seen.lock().unwrap();
        seen.in_flight += 1;
        seen.most_in_flight = seen.most_in_flight.max(seen.in_flight);
        let fault = seen
            .script
            .chunk_faults
            .get_mut(&index)
            .and_then(VecDeque::pop_front);
        (seen.script.meet, fault)
    };
    server.changed();
    let mut changes = server.changes.subscribe();
    while server.seen.lock().unwrap().most_in_flight < meet {
        changes.changed().await.unwrap();
    }
    // Later chunks of a batch overtake earlier ones.
    tokio::time::sleep(Duration::from_millis(20 * u64::from(4 - index % 4))).await;
    let mut seen = server.seen.lock().unwrap();
    seen.in_flight -= 1;
    if let Some((status, retry_after)) = fault {
        let status = StatusCode::from_u16(status).unwrap();
        return match retry_after {
            Some(seconds) => (status, [(header::RETRY_AFTER, seconds)]).into_response(),
            None => status.into_response(),
        };
    }
    seen.chunks.insert(index, bytes);
    seen.arrivals.push(index);
    StatusCode::NO_CONTENT.into_response()
}

async fn snapshot(
    State(server): State<Server>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if refused(&id, &headers) {
        return problem(ProblemCode::SessionNotFound);
    }
    server.seen.lock().unwrap().snapshots += 1;
    server.changed();
    Json(server.snapshot()).into_response()
}

async fn erase(
    State(server): State<Server>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if refused(&id, &headers) {
        return problem(ProblemCode::SessionNotFound);
    }
    server.seen.lock().unwrap().state = SessionState::Erased;
    Json(fixture::receipt()).into_response()
}

async fn finalize(State(server): State<Server>) -> Response {
    let lost = {
        let mut seen = server.seen.lock().unwrap();
        seen.finalizes += 1;
        seen.script.lose.take()
    };
    if let Some(index) = lost {
        server.seen.lock().unwrap().chunks.remove(&index);
    }
    let missing = server.snapshot().missing;
    if !missing.is_empty() {
        return answer(Problem {
            missing: Some(missing),
            ..ProblemCode::ChunksMissing.into()
        });
    }
    server.seen.lock().unwrap().state = SessionState::Processing;
    server.changed();
    let finalized = Finalized {
        session_id: ID.to_owned(),
        state: SessionState::Queued,
    };
    (StatusCode::ACCEPTED, Json(finalized)).into_response()
}

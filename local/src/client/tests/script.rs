use std::collections::{BTreeMap, HashMap, VecDeque};

use axum::body::Bytes;
use dodolens::{
    domain::session::SessionState,
    wire::{http::CreateSession, problem::ProblemCode},
};

/// What goes wrong, and how the session ends.
pub struct Script {
    /// Answers to the next uploads of a chunk, in place of taking it.
    pub chunk_faults: HashMap<u32, VecDeque<(u16, Option<&'static str>)>>,
    /// A chunk that is lost when the video is finalized for the first time.
    pub lose: Option<u32>,
    /// The session ends once so many sockets have joined.
    pub joins: usize,
    /// And once so many snapshots were asked for.
    pub snapshots: usize,
    /// Sockets that are dropped after they have joined.
    pub drops: usize,
    /// Why there is no inventory; it is made otherwise.
    pub failure: Option<ProblemCode>,
    /// Whether the inventory is in the snapshot.
    pub keeps_result: bool,
    /// Chunks wait until so many are on their way.
    pub meet: usize,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            chunk_faults: HashMap::new(),
            lose: None,
            joins: 1,
            snapshots: 0,
            drops: 0,
            failure: None,
            keeps_result: true,
            meet: 1,
        }
    }
}

/// What the server has seen.
pub struct Seen {
    pub script: Script,
    pub created: Option<CreateSession>,
    /// The `Authorization` header by which the session was opened.
    pub opened_by: Option<String>,
    pub chunks: BTreeMap<u32, Bytes>,
    /// Indices in the order in which uploads ended.
    pub arrivals: Vec<u32>,
    pub in_flight: usize,
    pub most_in_flight: usize,
    pub finalizes: usize,
    pub joins: usize,
    pub snapshots: usize,
    pub state: SessionState,
}

impl Seen {
    pub fn nothing(script: Script) -> Self {
        Self {
            script,
            created: None,
            opened_by: None,
            chunks: BTreeMap::new(),
            arrivals: vec![],
            in_flight: 0,
            most_in_flight: 0,
            finalizes: 0,
            joins: 0,
            snapshots: 0,
            state: SessionState::Open,
        }
    }
}

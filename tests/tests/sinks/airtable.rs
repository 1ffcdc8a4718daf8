//! A simulated Airtable with one table, as strict as the real one.
//! <https://airtable.com/developers/web/api/update-multiple-records>

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::answers::{Answer, Script};

pub const BASE_ID: &str = "app0123456789abcd";
/// A name that has to be escaped in a path.
pub const TABLE: &str = "Moves 2026/27";
const PATH: &str = "/v0/app0123456789abcd/Moves%202026%2F27";
pub const TOKEN: &str = "patVerySecret.0123456789";
/// Requests of a base in any second.
const RATE: usize = 5;
const PENALTY: Duration = Duration::from_secs(30);
/// Characters of a cell with long text.
const LONG_TEXT: usize = 100_000;

#[derive(Clone, Copy)]
enum Kind {
    Text,
    LongText,
    DateTime,
    Number,
}

const FIELDS: [(&str, Kind); 10] = [
    ("Session", Kind::Text),
    ("Completed", Kind::DateTime),
    ("Language", Kind::Text),
    ("Volume m3", Kind::Number),
    ("Volume m3 from", Kind::Number),
    ("Volume m3 to", Kind::Number),
    ("Weight kg", Kind::Number),
    ("Vehicle", Kind::Text),
    ("Vehicles", Kind::Number),
    ("Inventory", Kind::LongText),
];

/// A running simulation; it ends with its test.
pub struct Airtable {
    /// What stands for `https://api.airtable.com/v0`.
    pub api: String,
    base: Arc<Base>,
}

#[derive(Default)]
struct Base {
    script: Script,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    bodies: Vec<Value>,
    rows: Vec<Map<String, Value>>,
    /// When requests came in the last second.
    recent: Vec<Instant>,
    without_a_rate: bool,
    shut_until: Option<Instant>,
    refused: Vec<(u16, &'static str)>,
}

type Refused = (u16, &'static str);

impl Airtable {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = format!("http://{}/v0", listener.local_addr().unwrap());
        let base: Arc<Base> = Arc::default();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&base));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { api, base }
    }

    /// Takes any number of requests a second: on a slow machine those that are sent apart may arrive together.
    pub fn without_a_rate(self) -> Self {
        self.base.seen.lock().unwrap().without_a_rate = true;
        self
    }

    pub fn then(&self, answers: impl IntoIterator<Item = Answer>) {
        self.base.script.then(answers);
    }

    pub fn rows(&self) -> Vec<Map<String, Value>> {
        self.base.seen.lock().unwrap().rows.clone()
    }

    /// Bodies of all requests, in order.
    pub fn bodies(&self) -> Vec<Value> {
        self.base.seen.lock().unwrap().bodies.clone()
    }

    /// What was wrong with requests.
    pub fn refused(&self) -> Vec<Refused> {
        self.base.seen.lock().unwrap().refused.clone()
    }
}

async fn answer(
    State(base): State<Arc<Base>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(scripted) = base.script.next().await {
        return scripted.into_response();
    }
    let mut seen = base.seen.lock().unwrap();
    let answered = seen
        .let_in()
        .and_then(|()| read(&method, &uri, &headers, &body))
        .and_then(|body| {
            seen.bodies.push(body.clone());
            seen.upsert(&body)
        });
    match answered {
        Ok(answer) => axum::Json(answer).into_response(),
        Err((status, kind)) => {
            seen.refused.push((status, kind));
            let status = StatusCode::from_u16(status).unwrap();
            (
                status,
                axum::Json(json!({"error": {"type": kind, "message": kind}})),
            )
                .into_response()
        }
    }
}

impl Seen {
    /// <https://airtable.com/developers/web/api/rate-limits>
    fn let_in(&mut self) -> Result<(), Refused> {
        let now = Instant::now();
        if self.shut_until.is_some_and(|until| until > now) {
            return Err((429, "RATE_LIMIT_REACHED"));
        }
        self.recent
            .retain(|at| now.duration_since(*at) < Duration::from_secs(1));
        self.recent.push(now);
        if self.recent.len() > RATE && !self.without_a_rate {
            self.shut_until = Some(now + PENALTY);
            return Err((429, "RATE_LIMIT_REACHED"));
        }
        Ok(())
    }

    fn upsert(&mut self, body: &Value) -> Result<Value, Refused> {
        let merge_on = merge_fields(body)?;
        let (mut records, mut created, mut updated) = (Vec::new(), Vec::new(), Vec::new());
        for fields in new_fields(body)? {
            let same = |row: &Map<String, Value>| {
                let mut keys = merge_on.iter();
                keys.all(|key| row.get(*key) == fields.get(*key))
            };
            let found: Vec<_> = (0..self.rows.len())
                .filter(|index| same(&self.rows[*index]))
                .collect();
            let index = match found[..] {
                [] => {
                    self.rows.push(Map::new());
                    created.push(format!("rec{:014}", self.rows.len() - 1));
                    self.rows.len() - 1
                }
                [index] => {
                    updated.push(format!("rec{index:014}"));
                    index
                }
                _ => return Err((422, "INVALID_REQUEST_UNKNOWN")),
            };
            self.rows[index].extend(fields.clone());
            records.push(json!({
                "id": format!("rec{index:014}"), "createdTime": "2026-11-21T09:00:00.000Z", "fields": self.rows[index],
            }));
        }
        Ok(json!({"records": records, "createdRecords": created, "updatedRecords": updated}))
    }
}

/// The body of a request that is an upsert by its head.
fn read(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Result<Value, Refused> {
    if method != Method::PATCH || uri.path() != PATH || uri.query().is_some() {
        return Err((404, "NOT_FOUND"));
    }
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if header(header::AUTHORIZATION) != Some(&format!("Bearer {TOKEN}")) {
        return Err((401, "AUTHENTICATION_REQUIRED"));
    }
    if header(header::CONTENT_TYPE) != Some("application/json") {
        return Err((422, "INVALID_REQUEST_UNKNOWN"));
    }
    serde_json::from_slice(body).map_err(|_| (422, "INVALID_REQUEST_BODY"))
}

/// An object with these members and no other.
fn object<'a>(value: &'a Value, members: &[&str]) -> Result<&'a Map<String, Value>, Refused> {
    let object = value.as_object().ok_or((422, "INVALID_REQUEST_BODY"))?;
    let all = members.iter().all(|name| object.contains_key(*name));
    if all && object.len() == members.len() {
        return Ok(object);
    }
    Err((422, "INVALID_REQUEST_BODY"))
}

fn list(value: &Value, most: usize) -> Result<&[Value], Refused> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    if (1..=most).contains(&list.len()) {
        return Ok(list);
    }
    Err((422, "INVALID_REQUEST_BODY"))
}

fn merge_fields(body: &Value) -> Result<Vec<&str>, Refused> {
    let body = object(body, &["performUpsert", "records"])?;
    let upsert = object(&body["performUpsert"], &["fieldsToMergeOn"])?;
    let names = list(&upsert["fieldsToMergeOn"], 3)?.iter().map(|name| {
        let name = name.as_str().unwrap_or_default();
        let known = FIELDS.iter().any(|(field, _)| *field == name);
        known.then_some(name).ok_or((422, "UNKNOWN_FIELD_NAME"))
    });
    names.collect()
}

fn new_fields(body: &Value) -> Result<Vec<&Map<String, Value>>, Refused> {
    let kinds = BTreeMap::from(FIELDS);
    let records = list(&body["records"], 10)?.iter().map(|record| {
        let fields = object(record, &["fields"])?["fields"].as_object();
        let fields = fields.ok_or((422, "INVALID_REQUEST_BODY"))?;
        for (name, value) in fields {
            let kind = kinds.get(name.as_str());
            let fits = match kind.ok_or((422, "UNKNOWN_FIELD_NAME"))? {
                Kind::Text => value.is_string(),
                Kind::LongText => value.as_str().is_some_and(|text| text.len() <= LONG_TEXT),
                Kind::Number => value.is_number(),
                Kind::DateTime => value
                    .as_str()
                    .is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
            };
            if !fits {
                return Err((422, "INVALID_VALUE_FOR_COLUMN"));
            }
        }
        Ok(fields)
    });
    records.collect()
}

//! Stands between the functions and the simulated AI: keeps what is sent, puts rare words into the answers, and can hold
//! an answer back or refuse.

use std::sync::{Arc, Mutex, OnceLock};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};

use super::patterns::{Kind, Patterns};

/// Characters of a label that an inventory takes.
const LABEL: usize = 60;

/// What the tap does with answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Pass,
    /// The answers to structured questions wait.
    Hold,
    /// Everything is refused for good.
    Refuse,
}

pub struct Tap {
    /// `AI_BASE_URLS`: every provider of the peer, by way of the tap.
    pub urls: String,
    shared: Arc<Shared>,
}

struct Shared {
    http: reqwest::Client,
    peer: OnceLock<String>,
    mode: watch::Sender<Mode>,
    held: watch::Sender<usize>,
    patterns: Mutex<Patterns>,
    /// Words that are said.
    said: String,
    /// What stands in answers and is no part of an inventory.
    answered: String,
}

/// Letters that nobody else writes.
fn rare() -> String {
    let random: [u8; 20] = dodolens::crypto::random().unwrap();
    random
        .map(|byte| char::from(b'a' + byte % 26))
        .iter()
        .collect()
}

impl Tap {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let urls = [
            ("openai", "v1"),
            ("anthropic", "anthropic/v1"),
            ("gemini", "gemini/v1beta"),
            ("compatible", "compatible/v1"),
        ];
        let urls = urls.map(|(name, path)| format!("{name}=http://{address}/{path}"));
        let shared = Arc::new(Shared {
            http: reqwest::Client::new(),
            peer: OnceLock::new(),
            mode: watch::Sender::new(Mode::Pass),
            held: watch::Sender::new(0),
            patterns: Mutex::default(),
            said: format!("{} {}", rare(), rare()),
            answered: rare() + &rare(),
        });
        {
            let mut patterns = shared.patterns.lock().unwrap();
            patterns.add_secret(Kind::Transcript, shared.said.as_bytes());
            patterns.add_secret(Kind::Answer, shared.answered.as_bytes());
        }
        let router = Router::new()
            .fallback(forward)
            .layer(DefaultBodyLimit::max(64 << 20))
            .with_state(Arc::clone(&shared));
        tokio::spawn(axum::serve(listener, router).into_future());
        Self {
            urls: urls.join(","),
            shared,
        }
    }

    /// Where the AI is, by its base URL as OpenAI.
    pub fn lead_to(&self, peer: &str) {
        let root = peer.strip_suffix("/v1").unwrap();
        self.shared.peer.set(root.to_owned()).unwrap();
    }

    pub fn set(&self, mode: Mode) {
        self.shared.mode.send_replace(mode);
    }

    /// Waits until that many answers are held back.
    pub async fn held(&self, count: usize) {
        let mut held = self.shared.held.subscribe();
        held.wait_for(|held| *held == count).await.unwrap();
    }

    /// All that went through so far.
    pub fn patterns(&self) -> Patterns {
        self.shared.patterns.lock().unwrap().clone()
    }
}

async fn forward(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    let sound = uri.path().ends_with("/transcriptions");
    let (mut body, mut streamed) = (body, false);
    if sound {
        let mut patterns = shared.patterns.lock().unwrap();
        patterns.add_medium(Kind::Sound, file(&body), usize::MAX);
    } else {
        let mut request: Value = serde_json::from_slice(&body).unwrap();
        let mut patterns = shared.patterns.lock().unwrap();
        for (kind, medium) in media(&request) {
            patterns.add_medium(kind, &medium, usize::MAX);
        }
        // The AI answers at once, so that the answer can be changed; the tap streams it.
        let fields = request.as_object_mut().unwrap();
        streamed = fields.remove("stream") == Some(true.into());
        fields.remove("stream_options");
        body = request.to_string().into();
    }
    let mode = *shared.mode.borrow();
    if mode == Mode::Refuse {
        let refusal = json!({"error": {"message": shared.answered, "code": "refused"}});
        return (StatusCode::BAD_REQUEST, refusal.to_string()).into_response();
    }
    headers.remove(header::HOST);
    headers.remove(header::CONTENT_LENGTH);
    let path = uri.path();
    let request = shared
        .http
        .post(format!("{}{path}", shared.peer.get().unwrap()));
    let answer = request.headers(headers).body(body).send().await.unwrap();
    assert!(
        answer.status().is_success(),
        "the simulated AI refuses {path}"
    );
    let mut answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    if sound {
        let text = format!("{} {}", answer["text"].as_str().unwrap(), shared.said);
        answer["text"] = text.into();
    } else {
        answer["user"] = shared.answered.clone().into();
        let at = TEXTS.iter().find(|at| answer.pointer(at).is_some());
        let text = answer.pointer_mut(at.unwrap()).unwrap();
        let mut inner: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
        if let Some(Value::String(heard)) = inner.get_mut("transcript") {
            heard.push_str(&format!(" {}", shared.said));
        }
        if let Some(seen) = inner.pointer_mut("/things/0/label") {
            *seen = format!("{:x<LABEL$}{}", "", shared.answered).into();
        }
        *text = inner.to_string().into();
        if mode == Mode::Hold {
            shared.held.send_modify(|held| *held += 1);
            let mut now = shared.mode.subscribe();
            now.wait_for(|mode| *mode != Mode::Hold).await.unwrap();
            shared.held.send_modify(|held| *held -= 1);
        }
    }
    if streamed {
        let events = [(header::CONTENT_TYPE, "text/event-stream")];
        return (events, stream(&answer)).into_response();
    }
    let json = [(header::CONTENT_TYPE, "application/json")];
    (json, answer.to_string()).into_response()
}

/// The events of an answer, as OpenAI and as a compatible server streams it.
fn stream(answer: &Value) -> String {
    let at = TEXTS.iter().find_map(|at| answer.pointer(at));
    let text: Vec<char> = at.unwrap().as_str().unwrap().chars().collect();
    let pieces = text.chunks(20).map(String::from_iter);
    let events: Vec<Value> = if answer["object"] == "response" {
        let delta = |piece| json!({"type": "response.output_text.delta", "delta": piece});
        let end = json!({"type": "response.completed", "response": answer});
        pieces.map(delta).chain([end]).collect()
    } else {
        let reason = &answer["choices"][0]["finish_reason"];
        let delta =
            |piece| json!({"choices": [{"delta": {"content": piece}, "finish_reason": null}]});
        let end = json!({"choices": [{"delta": {}, "finish_reason": reason}], "usage": answer["usage"],
            "user": answer["user"]});
        pieces.map(delta).chain([end]).collect()
    };
    let events: String = events
        .iter()
        .map(|event| format!("data: {event}\n\n"))
        .collect();
    match answer["object"] == "response" {
        true => events,
        false => events + "data: [DONE]\n\n",
    }
}

/// Where the providers' answers have their text.
const TEXTS: [&str; 4] = [
    "/output/0/content/0/text",
    "/content/0/text",
    "/candidates/0/content/parts/0/text",
    "/choices/0/message/content",
];

/// The pictures and sounds of a request in JSON, in any provider's form.
fn media(request: &Value) -> Vec<(Kind, Vec<u8>)> {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let mime = text("media_type").or_else(|| text("mimeType"));
    if let (Some(mime), Some(base64)) = (mime, text("data")) {
        let kind = if mime.starts_with("audio/") {
            Kind::Sound
        } else {
            Kind::Picture
        };
        return vec![(kind, STANDARD.decode(base64).unwrap())];
    }
    match request {
        Value::String(text) => {
            let picture = text.strip_prefix("data:image/jpeg;base64,");
            let picture = picture.map(|base64| STANDARD.decode(base64).unwrap());
            picture.map(|it| (Kind::Picture, it)).into_iter().collect()
        }
        Value::Array(values) => values.iter().flat_map(media).collect(),
        Value::Object(fields) => fields.values().flat_map(media).collect(),
        _ => Vec::new(),
    }
}

/// The file of a multipart form.
fn file(form: &[u8]) -> &[u8] {
    let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|here| here == what);
    let name = find(form, b"filename=").unwrap();
    let start = name + find(&form[name..], b"\r\n\r\n").unwrap() + 4;
    let end = form[start..]
        .windows(4)
        .rposition(|here| here == b"\r\n--")
        .unwrap();
    &form[start..start + end]
}

//! What functions ask of AWS and of the AI: a proxy before all of it that counts each request, and can end the function
//! that makes a certain one.

mod step;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use dodolens_local::{cloud::Cloud, launch::RunningStack};
use tokio::{
    net::TcpListener,
    sync::{Mutex as AsyncMutex, mpsc, oneshot},
};

use crate::forward::forward;
use step::{Service, function_of, operation_of};
pub use step::{Side, Step};

/// Below this path the AI is asked.
const AI: &str = "/ai";
/// Below this path connections are told something.
const CONNECTIONS: &str = "/connections";

/// Stands before everything that functions ask. To be named in their environment, and told afterwards where the services
/// are.
pub struct Gate {
    url: String,
    shared: Arc<Shared>,
    kills: AsyncMutex<mpsc::UnboundedReceiver<Kill>>,
}

/// A function that is to be ended; dropped, it has been.
struct Kill {
    function: String,
    _done: oneshot::Sender<()>,
}

struct Shared {
    http: reqwest::Client,
    services: OnceLock<Services>,
    counts: Mutex<BTreeMap<(String, String), u32>>,
    deadly: Option<(Step, Side)>,
    kills: mpsc::UnboundedSender<Kill>,
}

struct Services {
    dynamodb: String,
    sqs: String,
    secrets: String,
    connections: String,
    ai: String,
}

impl Gate {
    /// Starts one that lets everything pass, but ends the function that takes the step `deadly`.
    ///
    /// # Panics
    /// When it has no port.
    #[allow(clippy::expect_used)]
    pub async fn start(deadly: Option<(Step, Side)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (sender, kills) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            http: reqwest::Client::new(),
            services: OnceLock::new(),
            counts: Mutex::default(),
            deadly,
            kills: sender,
        });
        let router = Router::new()
            .fallback(pass)
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&shared));
        tokio::spawn(axum::serve(listener, router).into_future());
        Self {
            url,
            shared,
            kills: AsyncMutex::new(kills),
        }
    }

    /// The variables that lead a function's requests here.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL_DYNAMODB", self.url.clone()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.url.clone()),
            ("AWS_ENDPOINT_URL_SQS", self.url.clone()),
            ("CONNECTIONS_ENDPOINT", format!("{}{CONNECTIONS}", self.url)),
            ("AI_BASE_URLS", format!("openai={}{AI}", self.url)),
        ]
    }

    /// Where to lead them from here.
    ///
    /// # Panics
    /// When the stack's AI is not the simulated one.
    #[allow(clippy::expect_used)]
    pub fn lead_to(&self, stack: &RunningStack) {
        let urls = stack.cloud.urls();
        let services = Services {
            dynamodb: urls.dynamodb(),
            sqs: urls.sqs(),
            secrets: urls.secrets_manager(),
            connections: urls.connections(&stack.cloud.stack().websocket.stage),
            ai: stack.peer.as_ref().expect("a simulated AI").base_url(),
        };
        drop(self.shared.services.set(services));
    }

    /// Waits for the deadly step, and ends the function with SIGKILL before the request is let go, or its answer.
    pub async fn kill_once(&self, cloud: &Cloud) {
        if let Some(kill) = self.kills.lock().await.recv().await {
            cloud.kill_instance(&kill.function).await;
        }
    }

    /// Every step that was taken so far.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let counts = self.shared.counts();
        let steps = counts.iter().flat_map(|((function, operation), count)| {
            (1..=*count).map(|number| Step {
                function: function.clone(),
                operation: operation.clone(),
                number,
            })
        });
        steps.collect()
    }
}

impl Shared {
    fn counts(&self) -> MutexGuard<'_, BTreeMap<(String, String), u32>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, function: String, operation: String) -> Step {
        let mut counts = self.counts();
        let key = (function.clone(), operation.clone());
        let number = counts.entry(key).or_default();
        *number += 1;
        Step {
            function,
            operation,
            number: *number,
        }
    }

    /// Has the function ended, if this is what ends it, and waits until it is gone.
    async fn kill_at(&self, step: &Step, side: Side) -> bool {
        let deadly = self.deadly.as_ref();
        if deadly.is_none_or(|(at, when)| at != step || *when != side) {
            return false;
        }
        let (sender, done) = oneshot::channel();
        let kill = Kill {
            function: step.function.clone(),
            _done: sender,
        };
        drop(self.kills.send(kill));
        // An error says that the sender is gone, which is the sign.
        drop(done.await);
        true
    }
}

async fn pass(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let gone = || StatusCode::BAD_GATEWAY.into_response();
    let Some(services) = shared.services.get() else {
        return gone();
    };
    let path = uri.path();
    let (service, url) = if let Some(below) = path.strip_prefix(AI) {
        (Service::Ai, format!("{}{below}", services.ai))
    } else if let Some(below) = path.strip_prefix(CONNECTIONS) {
        let url = format!("{}{below}", services.connections);
        (Service::Connections, url)
    } else {
        let service = Service::of(&headers);
        let url = match service {
            Service::Sqs => &services.sqs,
            Service::Secrets => &services.secrets,
            _ => &services.dynamodb,
        };
        (service, url.clone())
    };
    let operation = operation_of(service, &method, path, &headers, &body);
    let step = shared.count(function_of(service, &headers), operation);
    if shared.kill_at(&step, Side::Before).await {
        return gone();
    }
    let answer = forward(&shared.http, method, &url, headers, body).await;
    if shared.kill_at(&step, Side::After).await {
        return gone();
    }
    answer
}

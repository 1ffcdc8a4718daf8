//! What functions ask of AWS and of the AI: a proxy before the services that shows each call to an [`Observer`]. A stack
//! has none unless it is asked for, through the environment of its functions.

mod call;
mod capacity;
mod forward;
mod recorder;

use std::{
    future::Future,
    io,
    net::Ipv4Addr,
    sync::{Arc, OnceLock},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, Uri, header::AUTHORIZATION},
};
use tokio::{net::TcpListener, task::AbortHandle};

pub use self::{
    call::{Call, Service},
    forward::Answer,
    recorder::{Recorded, Recorder},
};
use crate::launch::RunningStack;
use dodolens_peer::Peer;

/// Below this path the AI is asked.
const AI: &str = "/ai";
/// Below this path connections are told something.
const CONNECTIONS: &str = "/connections";

/// Sees each call of the functions.
pub trait Observer: Send + Sync + 'static {
    /// Gives the call its answer. `service` is the service's own, which gets the call when this is first awaited.
    fn around(
        &self,
        call: Call,
        service: impl Future<Output = Answer> + Send,
    ) -> impl Future<Output = Answer> + Send;
}

/// Stands before the services for as long as it is kept. To be named in the functions' environment, and told afterwards
/// where the services are; until then it answers with 502.
pub struct Proxy {
    url: String,
    services: Arc<OnceLock<Services>>,
    server: AbortHandle,
}

struct Services {
    dynamodb: String,
    sqs: String,
    secrets: String,
    connections: String,
    /// Id and stage.
    websocket: (String, String),
    ai: Option<String>,
}

struct Shared<O> {
    http: reqwest::Client,
    services: Arc<OnceLock<Services>>,
    observer: O,
}

impl Proxy {
    /// Starts one on 127.0.0.1.
    ///
    /// # Errors
    /// When it has no port.
    pub async fn start(observer: impl Observer) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let services = Arc::<OnceLock<Services>>::default();
        let shared = Arc::new(Shared {
            http: reqwest::Client::new(),
            services: Arc::clone(&services),
            observer,
        });
        let router = Router::new()
            .fallback(pass)
            .layer(DefaultBodyLimit::disable())
            .with_state(shared);
        let server = tokio::spawn(axum::serve(listener, router).into_future());
        Ok(Self {
            url,
            services,
            server: server.abort_handle(),
        })
    }

    /// The variables that lead a function's requests to AWS here.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL_DYNAMODB", self.url.clone()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.url.clone()),
            ("AWS_ENDPOINT_URL_SQS", self.url.clone()),
            ("CONNECTIONS_ENDPOINT", format!("{}{CONNECTIONS}", self.url)),
        ]
    }

    /// The variable that leads requests to the simulated AI here, as the provider `openai`.
    #[must_use]
    pub fn ai_environment(&self) -> (&'static str, String) {
        ("AI_BASE_URLS", format!("openai={}{AI}", self.url))
    }

    /// Where to lead them from here.
    pub fn lead_to(&self, stack: &RunningStack) {
        let urls = stack.cloud.urls();
        let websocket = &stack.cloud.stack().websocket;
        let services = Services {
            dynamodb: urls.dynamodb(),
            sqs: urls.sqs(),
            secrets: urls.secrets_manager(),
            connections: urls.connections(&websocket.stage),
            websocket: (websocket.id.clone(), websocket.stage.clone()),
            ai: stack.peer.as_ref().map(Peer::base_url),
        };
        drop(self.services.set(services));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass<O: Observer>(
    State(shared): State<Arc<Shared<O>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let Some(services) = shared.services.get() else {
        return Answer::nobody();
    };
    let path = uri.path();
    let (service, below, base) = if let Some(below) = path.strip_prefix(AI) {
        match &services.ai {
            Some(ai) => (Service::Ai, below, ai),
            None => return Answer::nobody(),
        }
    } else if let Some(below) = path.strip_prefix(CONNECTIONS) {
        (Service::Connections, below, &services.connections)
    } else {
        let service = Service::of(&headers);
        let base = match service {
            Service::Sqs => &services.sqs,
            Service::Secrets => &services.secrets,
            _ => &services.dynamodb,
        };
        (service, "", base)
    };
    let url = format!("{base}{below}");
    if service != Service::Ai && !headers.contains_key(AUTHORIZATION) {
        // Whoever opens a connection ahead of time signs nothing, and asks for nothing.
        return forward::forward(&shared.http, method, &url, headers, body).await;
    }
    let (api, stage) = &services.websocket;
    let call = Call::of(service, &method, below, &headers, &body, (api, stage));
    let body = match service {
        Service::DynamoDb => capacity::asked(&body),
        _ => body,
    };
    let answer = forward::forward(&shared.http, method, &url, headers, body);
    shared.observer.around(call, answer).await
}

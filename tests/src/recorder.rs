//! What functions ask of DynamoDB and Secrets Manager: a proxy before both that notes each request.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method},
    response::Response,
    routing::post,
};
use dodolens_local::cloud::Urls;
use tokio::net::TcpListener;

use crate::forward;

const TARGET: &str = "x-amz-target";

/// Notes each request on its way. To be named in the functions' environment, and told afterwards where the services are.
pub struct Recorder {
    url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    http: reqwest::Client,
    services: OnceLock<Urls>,
    seen: Mutex<Vec<String>>,
}

impl Recorder {
    /// Starts it.
    ///
    /// # Panics
    /// When it has no port.
    #[allow(clippy::expect_used)]
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::<Shared>::default();
        let router = Router::new()
            .route("/", post(note))
            .with_state(Arc::clone(&shared));
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { url, shared }
    }

    /// The variables that lead a function's requests here.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        [
            "AWS_ENDPOINT_URL_DYNAMODB",
            "AWS_ENDPOINT_URL_SECRETS_MANAGER",
        ]
        .map(|name| (name, self.url.clone()))
        .into()
    }

    /// Where to lead them from here.
    pub fn lead_to(&self, services: &Urls) {
        drop(self.shared.services.set(services.clone()));
    }

    /// The operations that were asked for since this was asked last, such as `DynamoDB_20120810.GetItem`.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.seen())
    }
}

impl Shared {
    fn seen(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn note(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get(TARGET).and_then(|value| value.to_str().ok());
    let target = target.unwrap_or_default().to_owned();
    shared.seen().push(target.clone());
    let service = shared.services.get().map(|services| {
        if target.starts_with("secretsmanager.") {
            services.secrets_manager()
        } else {
            services.dynamodb()
        }
    });
    let service = service.unwrap_or_default();
    forward::forward(&shared.http, Method::POST, &service, headers, body).await
}

//! API Gateway's WebSocket API: the handshake, behind `$connect`, and routes by a message's `action`.

mod connection;
mod event;
mod management;
mod registry;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Path, Request, State},
    http::{
        HeaderMap, Response, StatusCode,
        header::{
            CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
            SEC_WEBSOCKET_VERSION, UPGRADE,
        },
        request::Parts,
    },
    routing,
};
use base64::{Engine, engine::general_purpose::URL_SAFE};
use hyper::upgrade::OnUpgrade;
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::{Message, handshake::derive_accept_key};

use self::{
    event::Context,
    registry::{Command, Connection, Registry},
};
use super::{
    Limits,
    http::response::{self, message},
    lambda::Lambda,
};
use crate::stack::WebSocketApi;

/// Messages posted to a connection and not written yet; more make the posters wait.
const POSTED: usize = 64;

struct Gateway {
    lambda: Arc<Lambda>,
    api: WebSocketApi,
    limits: Limits,
    stop: watch::Receiver<bool>,
    registry: Registry,
}

/// The API's server, `@connections` included; connections close when `stop` changes.
pub(super) fn router(
    api: &WebSocketApi,
    lambda: Arc<Lambda>,
    limits: Limits,
    stop: watch::Receiver<bool>,
) -> Router {
    let gateway = Gateway {
        lambda,
        api: api.clone(),
        limits,
        stop,
        registry: Registry::default(),
    };
    let connection = routing::post(management::post)
        .get(management::get)
        .delete(management::delete);
    Router::new()
        .route("/{stage}", routing::get(connect))
        .route("/{stage}/", routing::get(connect))
        .route("/{stage}/@connections/{id}", connection)
        .fallback(async || message(StatusCode::FORBIDDEN, "Forbidden"))
        .with_state(Arc::new(gateway))
}

async fn connect(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Path(stage): Path<String>,
    request: Request,
) -> Response<Body> {
    if stage != gateway.api.stage {
        return message(StatusCode::FORBIDDEN, "Forbidden");
    }
    let (mut request, _) = request.into_parts();
    let (Some(key), Some(upgrade)) = (
        handshake_key(&request.headers),
        request.extensions.remove::<OnUpgrade>(),
    ) else {
        return message(StatusCode::UPGRADE_REQUIRED, "Upgrade Required");
    };
    let Ok(id) = connection_id() else {
        return message(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error");
    };
    let context = Context::new(id, &stage, client, &request);
    let answer = match gateway.connect(&context, &request).await {
        Ok(answer) => answer,
        Err(refusal) => return refusal,
    };
    let (commands, queue) = mpsc::channel(POSTED);
    gateway.open(&context, commands);
    tokio::spawn(run(gateway, Arc::new(context), upgrade, queue));
    switching(&key, answer.as_ref())
}

/// A connection from its handshake to its `$disconnect`.
async fn run(
    gateway: Arc<Gateway>,
    context: Arc<Context>,
    upgrade: OnUpgrade,
    commands: mpsc::Receiver<Command>,
) {
    let (code, reason) = match upgrade.await {
        Ok(upgraded) => connection::serve(&gateway, &context, upgraded, commands).await,
        Err(_) => (1006, "Connection lost".into()),
    };
    gateway.registry.close(&context.connection_id);
    if let Some(function) = gateway.api.routes.get("$disconnect") {
        let event = context.disconnect(code, &reason).to_string();
        // Best effort, as in AWS.
        drop(gateway.lambda.invoke(function, event.into()).await);
    }
}

impl Gateway {
    /// Asks `$connect`; gives its response's headers, or what refuses the client.
    async fn connect(
        &self,
        context: &Context,
        request: &Parts,
    ) -> Result<Option<HeaderMap>, Response<Body>> {
        let Some(function) = self.api.routes.get("$connect") else {
            return Ok(None);
        };
        let event = context.connect(request).to_string();
        let failed = || message(StatusCode::BAD_GATEWAY, "Internal server error");
        let invocation = self.lambda.invoke(function, event.into());
        let payload = tokio::time::timeout(self.limits.integration, invocation)
            .await
            .map_err(|_| message(StatusCode::GATEWAY_TIMEOUT, "Endpoint request timed out"))?
            .map_err(|_| failed())?;
        let answer = response::read_structured(&payload).map_err(|response::Malformed| failed())?;
        if answer.status().is_success() {
            Ok(Some(answer.headers().clone()))
        } else {
            Err(answer)
        }
    }

    fn open(&self, context: &Context, commands: mpsc::Sender<Command>) {
        let connection = Connection {
            commands,
            connected_at: context.connected_at,
            last_active_at: context.connected_at,
            source_ip: context.client.ip(),
            user_agent: context.user_agent.clone(),
        };
        self.registry
            .open(context.connection_id.clone(), connection);
    }

    fn connection(&self, stage: &str, id: &str) -> Option<Connection> {
        (stage == self.api.stage)
            .then(|| self.registry.get(id))
            .flatten()
    }

    /// Route key and function of a message: by `$request.body.action`, else `$default`.
    fn route_of(&self, message: &Message) -> (&str, Option<&str>) {
        let body: Value = match message {
            Message::Text(text) => serde_json::from_str(text).unwrap_or_default(),
            _ => Value::Null,
        };
        let action = body
            .get("action")
            .and_then(Value::as_str)
            .unwrap_or_default();
        // `$connect` and `$disconnect` are not for clients to choose.
        let chosen = self
            .api
            .routes
            .get_key_value(action)
            .filter(|_| !action.starts_with('$'));
        match chosen.or_else(|| self.api.routes.get_key_value("$default")) {
            Some((key, function)) => (key, Some(function)),
            None => ("$default", None),
        }
    }
}

/// The key of a right opening handshake (RFC 6455, 4.2.1).
fn handshake_key(headers: &HeaderMap) -> Option<String> {
    let has = |name, token: &str| {
        let values = headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok());
        values
            .flat_map(|value| value.split(','))
            .any(|value| value.trim().eq_ignore_ascii_case(token))
    };
    let right =
        has(CONNECTION, "upgrade") && has(UPGRADE, "websocket") && has(SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|_| right)?;
    key.to_str().ok().map(str::to_owned)
}

/// The handshake's answer; a sub-protocol only if `$connect` answered with one.
fn switching(key: &str, answer: Option<&HeaderMap>) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    for (name, value) in [
        (CONNECTION, "upgrade".parse()),
        (UPGRADE, "websocket".parse()),
        (
            SEC_WEBSOCKET_ACCEPT,
            derive_accept_key(key.as_bytes()).parse(),
        ),
    ] {
        headers.extend(value.map(|value| (name, value)));
    }
    if let Some(protocol) = answer.and_then(|answer| answer.get(SEC_WEBSOCKET_PROTOCOL)) {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, protocol.clone());
    }
    response
}

/// Random, and with the `=` at its end that AWS's have, which a URL must escape.
fn connection_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 11];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE.encode(bytes))
}

//! WebSocket connections: `$connect`, `$disconnect`, `join_session`, `ping`.

use std::collections::BTreeMap;

use aws_lambda_events::event::apigw::ApiGatewayWebsocketProxyRequest;
use dodolens::{
    app::{
        connect::{connect, disconnect, join, reply},
        provide,
    },
    aws::{ApiGatewayNotifier, DynamoSessions, SystemClock, clients},
    config::{self, ConfigError},
    domain::ids::ConnectionId,
    edge::{
        credential::credential_of_subprotocols,
        error::Error,
        origin::AllowedOrigins,
        request::{MAX_JSON_BYTES, limit_body},
        response,
    },
    wire::{
        problem::ProblemCode,
        ws::{ClientMessage, Event, PROTOCOL},
    },
};
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};

/// Carries the sub-protocols that a client offers, and the one that we take.
const SUBPROTOCOL: &str = "Sec-WebSocket-Protocol";

/// Names the origin of the page that connects.
const ORIGIN: &str = "Origin";

/// What this function works with.
#[derive(Debug)]
pub struct Deps {
    sessions: DynamoSessions,
    notifier: ApiGatewayNotifier,
    clock: SystemClock,
    origins: AllowedOrigins,
}

provide!(Deps {
    HasSessions::sessions: DynamoSessions = sessions,
    HasConnections::connections: DynamoSessions = sessions,
    HasNotifier::notifier: ApiGatewayNotifier = notifier,
    HasClock::clock: SystemClock = clock,
});

impl Deps {
    /// From the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable that is missing or unreadable.
    pub async fn from_environment() -> Result<Self, ConfigError> {
        let aws = clients::load().await;
        let deps = Self {
            sessions: aws.sessions()?,
            notifier: aws.notifier()?,
            clock: SystemClock,
            origins: config::value("WEBSOCKET_ORIGINS")?,
        };
        let endpoint = config::text("CONNECTIONS_ENDPOINT")?;
        clients::ahead(async { tokio::join!(deps.sessions.connect(1), aws.connect(&endpoint)) })
            .await;
        Ok(deps)
    }
}

/// Answers an event of the WebSocket API.
///
/// # Errors
/// When the event names no connection, which API Gateway's never do.
pub async fn handle(
    event: LambdaEvent<ApiGatewayWebsocketProxyRequest>,
    deps: &Deps,
) -> Result<Value, lambda_runtime::Error> {
    let request = event.payload;
    let context = &request.request_context;
    let connection: ConnectionId = context
        .connection_id
        .clone()
        .ok_or("the event names no connection")?
        .into();
    match context.route_key.as_deref() {
        Some("$connect") => Ok(on_connect(&request, deps, &connection).await),
        Some("$disconnect") => {
            if let Err(error) = disconnect(deps, &connection).await {
                tracing::warn!(%error, "a closed connection could not be forgotten");
            }
            Ok(status(200))
        }
        _ => {
            on_message(
                request.body.as_deref().unwrap_or_default(),
                deps,
                &connection,
            )
            .await;
            Ok(status(200))
        }
    }
}

async fn on_connect(
    request: &ApiGatewayWebsocketProxyRequest,
    deps: &Deps,
    connection: &ConnectionId,
) -> Value {
    let offered = request
        .headers
        .get(SUBPROTOCOL)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let connected = async {
        if !deps.origins.admit(origin_of(request).as_deref()) {
            return Err(ProblemCode::OriginNotAllowed.into());
        }
        let credential = credential_of_subprotocols(offered)?;
        connect(deps, &credential, connection).await?;
        Ok(())
    };
    match connected.await {
        Ok(()) => json!({"statusCode": 200, "headers": {SUBPROTOCOL: PROTOCOL}}),
        Err(error) => refusal(&error),
    }
}

/// The `Origin` header; several are one that names no origin.
fn origin_of(request: &ApiGatewayWebsocketProxyRequest) -> Option<String> {
    let values = request.multi_value_headers.get_all(ORIGIN).iter();
    let texts: Vec<_> = values
        .map(|value| value.to_str().unwrap_or_default())
        .collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

async fn on_message(body: &str, deps: &Deps, connection: &ConnectionId) {
    if let Err(error) = answer(body, deps, connection).await {
        tracing::info!(%error, "a message was refused");
        let problem = Event::Error(Box::new(error.problem()));
        reply(deps, connection, problem).await;
    }
}

async fn answer(body: &str, deps: &Deps, connection: &ConnectionId) -> Result<(), Error> {
    limit_body(body.as_bytes(), MAX_JSON_BYTES)?;
    match serde_json::from_str(body).map_err(|_| ProblemCode::InvalidRequest)? {
        ClientMessage::Ping {} => {
            reply(deps, connection, Event::Pong {}).await;
            Ok(())
        }
        ClientMessage::JoinSession { session_id } => {
            let session = session_id
                .parse()
                .map_err(|_| ProblemCode::SessionNotFound)?;
            join(deps, connection, session).await?;
            Ok(())
        }
    }
}

fn refusal(error: &Error) -> Value {
    let answer = response::problem(error);
    let headers: BTreeMap<&str, &str> = answer
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    json!({"statusCode": answer.status().as_u16(), "headers": headers, "body": answer.body()})
}

fn status(code: u16) -> Value {
    json!({"statusCode": code})
}

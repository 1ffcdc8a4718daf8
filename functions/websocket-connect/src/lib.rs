//! WebSocket connections: `$connect`, `$disconnect`, `join_session`, `ping`.

use std::collections::BTreeMap;

use aws_lambda_events::event::apigw::ApiGatewayWebsocketProxyRequest;
use dodolens::{
    adapters::aws::{ApiGatewayNotifier, DynamoSessions, SystemClock, clients},
    app::connect::{connect, credential_of, disconnect, join, reply},
    config::ConfigError,
    domain::ids::ConnectionId,
    error::Error,
    wire::{
        problem::ProblemCode,
        response,
        ws::{ClientMessage, Event, PROTOCOL},
    },
};
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};

/// Carries the sub-protocols that a client offers, and the one that we take.
const SUBPROTOCOL: &str = "Sec-WebSocket-Protocol";

/// What this function works with.
#[derive(Debug)]
pub struct Deps {
    sessions: DynamoSessions,
    notifier: ApiGatewayNotifier,
}

impl Deps {
    /// From the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable that is missing or unreadable.
    pub async fn from_environment() -> Result<Self, ConfigError> {
        let aws = clients::load().await;
        Ok(Self {
            sessions: aws.sessions()?,
            notifier: aws.notifier()?,
        })
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
            if let Err(error) = disconnect(&deps.sessions, &SystemClock, &connection).await {
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
        let credential = credential_of(offered)?;
        connect(&deps.sessions, &SystemClock, &credential, connection).await
    };
    match connected.await {
        Ok(()) => json!({"statusCode": 200, "headers": {SUBPROTOCOL: PROTOCOL}}),
        Err(error) => refusal(&error),
    }
}

async fn on_message(body: &str, deps: &Deps, connection: &ConnectionId) {
    let answered = match serde_json::from_str(body) {
        Ok(ClientMessage::Ping {}) => {
            reply(&deps.notifier, &SystemClock, connection, Event::Pong {}).await;
            Ok(())
        }
        Ok(ClientMessage::JoinSession { session_id }) => {
            join(
                &deps.sessions,
                &deps.notifier,
                &SystemClock,
                connection,
                &session_id,
            )
            .await
        }
        Err(_) => Err(ProblemCode::InvalidRequest.into()),
    };
    if let Err(error) = answered {
        tracing::info!(%error, "a message was refused");
        reply(
            &deps.notifier,
            &SystemClock,
            connection,
            Event::Error(Box::new(error.problem())),
        )
        .await;
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

//! `@connections`: posting to a client, asking after it, ending its connection.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html>

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;
use tokio::sync::oneshot;

use super::{
    Gateway,
    connection::MESSAGE_LIMIT,
    registry::{Command, Connection},
};
use crate::http::body::{self, Refused};

type Target = Path<(String, String)>;

/// `PostToConnection`
pub(super) async fn post(
    State(gateway): State<Arc<Gateway>>,
    Path((stage, id)): Target,
    body: Body,
) -> Response {
    let data = match body::read(body, MESSAGE_LIMIT).await {
        Ok(data) => data,
        Err(Refused::TooLarge) => {
            return refused(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException");
        }
        Err(Refused::Broken) => return refused(StatusCode::BAD_REQUEST, "BadRequestException"),
    };
    let Some(connection) = gateway.connection(&stage, &id) else {
        return gone();
    };
    let (written, done) = oneshot::channel();
    if connection
        .commands
        .send(Command::Send { data, written })
        .await
        .is_err()
    {
        return gone();
    }
    match done.await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(_) => gone(),
    }
}

/// `GetConnection`
pub(super) async fn get(
    State(gateway): State<Arc<Gateway>>,
    Path((stage, id)): Target,
) -> Response {
    let Some(connection) = gateway.connection(&stage, &id) else {
        return gone();
    };
    let Connection {
        connected_at,
        last_active_at,
        source_ip,
        user_agent,
        ..
    } = connection;
    Json(json!({
        "connectedAt": connected_at,
        "identity": { "sourceIp": source_ip, "userAgent": user_agent },
        "lastActiveAt": last_active_at,
    }))
    .into_response()
}

/// `DeleteConnection`
pub(super) async fn delete(
    State(gateway): State<Arc<Gateway>>,
    Path((stage, id)): Target,
) -> Response {
    match gateway.connection(&stage, &id) {
        Some(connection) if connection.commands.send(Command::Close).await.is_ok() => {
            StatusCode::NO_CONTENT.into_response()
        }
        Some(_) | None => gone(),
    }
}

fn gone() -> Response {
    refused(StatusCode::GONE, "GoneException")
}

/// The header is what the SDKs tell errors by.
fn refused(status: StatusCode, kind: &'static str) -> Response {
    let body = Json(json!({ "message": null }));
    (status, [("x-amzn-errortype", kind)], body).into_response()
}

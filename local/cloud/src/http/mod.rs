//! API Gateway's HTTP API: routes, events, limits, CORS.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>

pub(super) mod body;
mod cors;
pub(super) mod event;
pub(super) mod response;
mod routes;

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, HttpBody as _},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Response, StatusCode, request::Parts},
};
use bytes::Bytes;
use tokio::time::timeout;

use self::{
    body::Refused,
    response::message,
    routes::{Route, Routes},
};
use super::{
    lambda::{InvokeError, Lambda},
    meter::Metered,
    names::uuid,
};
use crate::stack::{Cors, HttpApi};

/// Largest body, bytes.
const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// Request line and header values together, bytes.
const HEADER_LIMIT: usize = 10_240;

struct Gateway {
    lambda: Arc<Lambda>,
    routes: Routes,
    cors: Option<Cors>,
    timeout: Duration,
}

/// The API's server; a client gets `timeout` to send its body, an integration as much to answer.
pub(super) fn router(api: &HttpApi, lambda: Arc<Lambda>, timeout: Duration) -> Router {
    let gateway = Gateway {
        lambda,
        routes: Routes::new(&api.routes),
        cors: api.cors.clone(),
        timeout,
    };
    Router::new().fallback(handle).with_state(Arc::new(gateway))
}

async fn handle(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let (request, body) = request.into_parts();
    let id = uuid();
    let mut response = gateway.answer(&request, body, client, &id).await;
    let headers = response.headers_mut();
    if let Ok(id) = id.parse() {
        headers.insert("apigw-requestid", id);
    }
    if let Some(cors) = &gateway.cors
        && !cors::is_preflight(&request)
    {
        cors::put(cors, &request, headers);
    }
    response
}

impl Gateway {
    async fn answer(
        &self,
        request: &Parts,
        body: Body,
        client: SocketAddr,
        id: &str,
    ) -> Response<Body> {
        if header_bytes(request) > HEADER_LIMIT {
            let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            return message(status, "Request Header Fields Too Large");
        }
        if let Some(cors) = &self.cors
            && cors::is_preflight(request)
        {
            return empty(StatusCode::NO_CONTENT, cors::preflight(cors, request));
        }
        let body = match timeout(self.timeout, body::read(body, BODY_LIMIT)).await {
            Ok(Ok(body)) => body,
            Ok(Err(Refused::TooLarge)) => return too_large(),
            Ok(Err(Refused::Broken)) => return message(StatusCode::BAD_REQUEST, "Bad Request"),
            Err(_) => return message(StatusCode::REQUEST_TIMEOUT, "Request Timeout"),
        };
        match self
            .routes
            .find(request.method.as_str(), request.uri.path())
        {
            Some((route, variables)) => {
                let answer = self
                    .invoke(request, client, route, variables, &body, id)
                    .await;
                self.lambda.meter().note(Metered::Request {
                    request_bytes: body.len(),
                    response_bytes: usize::try_from(answer.body().size_hint().lower())
                        .unwrap_or(usize::MAX),
                });
                answer
            }
            None => message(StatusCode::NOT_FOUND, "Not Found"),
        }
    }

    async fn invoke(
        &self,
        request: &Parts,
        client: SocketAddr,
        route: &Route,
        variables: BTreeMap<String, String>,
        body: &Bytes,
        id: &str,
    ) -> Response<Body> {
        let event = event::of(request, client, route, variables, body, id).to_string();
        let invocation = self.lambda.invoke(&route.function, event.into());
        let Ok(result) = timeout(self.timeout, invocation).await else {
            return message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
        };
        match result {
            Ok(payload) => {
                response::read(&payload).unwrap_or_else(|response::Malformed| server_error())
            }
            Err(InvokeError::RequestTooLarge) => too_large(),
            Err(InvokeError::Throttled | InvokeError::ShuttingDown) => {
                message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
            }
            Err(InvokeError::Function(_) | InvokeError::UnknownFunction(_)) => server_error(),
        }
    }
}

fn header_bytes(request: &Parts) -> usize {
    let line = request.method.as_str().len() + request.uri.to_string().len() + " HTTP/1.1 ".len();
    let headers = request.headers.iter();
    line + headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum::<usize>()
}

fn empty(status: StatusCode, headers: HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn too_large() -> Response<Body> {
    message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
}

fn server_error() -> Response<Body> {
    message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

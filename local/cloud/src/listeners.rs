//! The ports, bound before anything runs: a template's environment needs their URLs first.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use super::names::ACCOUNT;

/// Bound ports of every service; connections wait until [`Cloud::start`](super::Cloud::start).
#[derive(Debug)]
pub struct Listeners {
    pub(super) http: TcpListener,
    pub(super) websocket: TcpListener,
    pub(super) dynamodb: TcpListener,
    pub(super) sqs: TcpListener,
    pub(super) secrets: TcpListener,
    urls: Urls,
}

impl Listeners {
    /// Binds every service on 127.0.0.1: the HTTP API at `http_port` (0 for any), the rest anywhere.
    ///
    /// # Errors
    /// When a port cannot be bound.
    pub async fn bind(http_port: u16) -> std::io::Result<Self> {
        let http = listen(http_port).await?;
        let websocket = listen(0).await?;
        let dynamodb = listen(0).await?;
        let sqs = listen(0).await?;
        let secrets = listen(0).await?;
        let urls = Urls {
            http: http.local_addr()?,
            websocket: websocket.local_addr()?,
            dynamodb: dynamodb.local_addr()?,
            sqs: sqs.local_addr()?,
            secrets: secrets.local_addr()?,
        };
        Ok(Self {
            http,
            websocket,
            dynamodb,
            sqs,
            secrets,
            urls,
        })
    }

    /// Where the services are.
    #[must_use]
    pub fn urls(&self) -> &Urls {
        &self.urls
    }
}

pub(super) async fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

/// Where the services are; no URL ends with a slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    http: SocketAddr,
    websocket: SocketAddr,
    dynamodb: SocketAddr,
    pub(super) sqs: SocketAddr,
    secrets: SocketAddr,
}

impl Urls {
    /// The HTTP API.
    #[must_use]
    pub fn http(&self) -> String {
        format!("http://{}", self.http)
    }

    /// The WebSocket API at a stage.
    #[must_use]
    pub fn websocket(&self, stage: &str) -> String {
        format!("ws://{}/{stage}", self.websocket)
    }

    /// Endpoint of the API Gateway Management API (`@connections`) at a stage.
    #[must_use]
    pub fn connections(&self, stage: &str) -> String {
        format!("http://{}/{stage}", self.websocket)
    }

    /// The DynamoDB endpoint.
    #[must_use]
    pub fn dynamodb(&self) -> String {
        format!("http://{}", self.dynamodb)
    }

    /// The SQS endpoint.
    #[must_use]
    pub fn sqs(&self) -> String {
        format!("http://{}", self.sqs)
    }

    /// URL of a queue, by its physical name.
    #[must_use]
    pub fn queue(&self, name: &str) -> String {
        format!("http://{}/{ACCOUNT}/{name}", self.sqs)
    }

    /// The Secrets Manager endpoint.
    #[must_use]
    pub fn secrets_manager(&self) -> String {
        format!("http://{}", self.secrets)
    }
}

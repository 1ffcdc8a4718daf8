//! One request each, without retries.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use dodolens::{
    crypto::receipt::JwkSet,
    domain::receipt::ErasureReceipt,
    wire::{
        http::{CreateSession, Finalized, Health, SessionCreated, Snapshot},
        problem::Problem,
    },
};
use reqwest::{Method, RequestBuilder, Url, header};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{Client, ClientError};

/// A session as it stands, with the body it came in.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchedSnapshot {
    /// The body, read.
    pub snapshot: Snapshot,
    /// The body, as it came.
    pub body: String,
}

impl Client {
    /// `GET /v1/health`
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn health(&self) -> Result<Health, ClientError> {
        let answer = self.send(self.request(Method::GET, &["health"])).await?;
        parse(&answer, "health")
    }

    /// `GET /v1/receipt-keys`
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn receipt_keys(&self) -> Result<JwkSet, ClientError> {
        let answer = self
            .send(self.request(Method::GET, &["receipt-keys"]))
            .await?;
        parse(&answer, "receipt keys")
    }

    /// `POST /v1/sessions`
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn create(&self, request: &CreateSession) -> Result<SessionCreated, ClientError> {
        let mut builder = self.request(Method::POST, &["sessions"]).json(request);
        if let Some(authorization) = &self.authorization {
            builder = builder.header(header::AUTHORIZATION, authorization);
        }
        parse(&self.send(builder).await?, "new session")
    }

    /// `PUT /v1/sessions/{id}/chunks/{index}`, with the bytes' `Content-Digest` (RFC 9530).
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn put_chunk(
        &self,
        session: &SessionCreated,
        index: u32,
        bytes: impl Into<Bytes>,
    ) -> Result<(), ClientError> {
        let bytes = bytes.into();
        let digest = STANDARD.encode(Sha256::digest(&bytes));
        let builder = self
            .session_request(Method::PUT, session, &["chunks", &index.to_string()])
            .header("content-digest", format!("sha-256=:{digest}:"))
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(bytes);
        self.send(builder).await.map(drop)
    }

    /// `GET /v1/sessions/{id}`
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn snapshot(&self, session: &SessionCreated) -> Result<FetchedSnapshot, ClientError> {
        let body = self
            .send(self.session_request(Method::GET, session, &[]))
            .await?;
        Ok(FetchedSnapshot {
            snapshot: parse(&body, "snapshot")?,
            body,
        })
    }

    /// `POST /v1/sessions/{id}/finalize`
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn finalize(&self, session: &SessionCreated) -> Result<Finalized, ClientError> {
        let builder = self.session_request(Method::POST, session, &["finalize"]);
        parse(&self.send(builder).await?, "answer to finalize")
    }

    /// `DELETE /v1/sessions/{id}`
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn erase(&self, session: &SessionCreated) -> Result<ErasureReceipt, ClientError> {
        let builder = self.session_request(Method::DELETE, session, &[]);
        parse(&self.send(builder).await?, "erasure receipt")
    }

    fn session_request(
        &self,
        method: Method,
        session: &SessionCreated,
        below: &[&str],
    ) -> RequestBuilder {
        let path: Vec<&str> = ["sessions", &session.session_id]
            .into_iter()
            .chain(below.iter().copied())
            .collect();
        self.request(method, &path).bearer_auth(&session.token)
    }

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        self.http.request(method, url(&self.endpoint, path))
    }

    async fn send(&self, request: RequestBuilder) -> Result<String, ClientError> {
        let transport = |error: reqwest::Error| ClientError::Transport(error.without_url());
        let answer = request.send().await.map_err(transport)?;
        let status = answer.status();
        let retry_after = answer
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let body = answer.text().await.map_err(transport)?;
        if status.is_success() {
            return Ok(body);
        }
        Err(match serde_json::from_str::<Problem>(&body) {
            Ok(mut problem) => {
                problem.retry_after = problem.retry_after.or(retry_after);
                ClientError::Problem(Box::new(problem))
            }
            Err(_) => ClientError::Status {
                status: status.as_u16(),
                retry_after,
            },
        })
    }
}

fn url(endpoint: &Url, path: &[&str]) -> Url {
    let mut url = endpoint.clone();
    // Only a URL without a host has no segments, and `Client::new` takes none of those.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push("v1").extend(path);
    }
    url
}

fn parse<T: DeserializeOwned>(body: &str, what: &'static str) -> Result<T, ClientError> {
    serde_json::from_str(body).map_err(|_| ClientError::Malformed(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_in_the_endpoint_is_kept() {
        for (endpoint, expected) in [
            ("http://127.0.0.1:80", "http://127.0.0.1/v1/sessions/a"),
            ("https://x.test/prod/", "https://x.test/prod/v1/sessions/a"),
        ] {
            let endpoint = Url::parse(endpoint).unwrap();
            assert_eq!(url(&endpoint, &["sessions", "a"]).as_str(), expected);
        }
    }
}

//! Between `lambda_runtime` and the Runtime API: a connection for each request and none kept, so that no buffer of a
//! connection keeps what the last event brought, such as a chunk of a video. `lambda_runtime` itself keeps its
//! connections, and lets nobody change that.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
#![allow(unsafe_code)]

use std::{
    env,
    error::Error,
    io,
    net::{Ipv4Addr, TcpListener},
};

use http::{Request, Response, Uri, header::HOST, uri::Scheme};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};

/// Names the Runtime API's host and port.
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// What stands where the Runtime API was.
pub(super) struct Relay {
    listener: TcpListener,
    upstream: String,
}

impl Relay {
    /// Takes the Runtime API's place in the environment.
    ///
    /// # Errors
    /// When the environment names no Runtime API, or there is no port.
    pub(super) fn take_place() -> io::Result<Self> {
        let upstream = env::var(RUNTIME_API).map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let here = listener.local_addr()?.to_string();
        // SAFETY: the process has one thread, so nobody reads the environment meanwhile.
        unsafe { env::set_var(RUNTIME_API, here) };
        Ok(Self { listener, upstream })
    }

    /// Passes on what it is asked, for as long as the process lives.
    ///
    /// # Errors
    /// When no connection can be taken any more.
    pub(super) async fn run(self) -> io::Result<()> {
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build_http();
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let (client, upstream) = (client.clone(), self.upstream.clone());
            let service =
                service_fn(move |request| pass_on(client.clone(), upstream.clone(), request));
            let connection = http1::Builder::new()
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(async move {
                if connection.await.is_err() {
                    tracing::warn!("a connection of the Runtime API has failed");
                }
            });
        }
    }
}

async fn pass_on(
    client: Client<HttpConnector, Incoming>,
    upstream: String,
    mut request: Request<Incoming>,
) -> Result<Response<Incoming>, Box<dyn Error + Send + Sync>> {
    let mut parts = request.uri().clone().into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(upstream.parse()?);
    *request.uri_mut() = Uri::from_parts(parts)?;
    request.headers_mut().remove(HOST);
    Ok(client.request(request).await?)
}

#[cfg(test)]
mod tests {
    use wiremock::{
        Mock, MockServer, ResponseTemplate,
        matchers::{body_string, header, method, path},
    };

    use super::*;

    /// A relay to `upstream`, and where it is.
    async fn relay(upstream: String) -> String {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let here = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(Relay { listener, upstream }.run());
        here
    }

    #[tokio::test]
    async fn it_passes_on_what_it_is_asked_and_keeps_no_connection() {
        let api = MockServer::start().await;
        let next = ResponseTemplate::new(200)
            .insert_header("lambda-runtime-aws-request-id", "7")
            .set_body_string("event");
        Mock::given(method("GET"))
            .and(path("/next"))
            .respond_with(next)
            .mount(&api)
            .await;
        Mock::given(method("POST"))
            .and(path("/7/response"))
            .and(header("content-type", "application/json"))
            .and(header("host", api.address().to_string()))
            .and(body_string("{}"))
            .respond_with(ResponseTemplate::new(202))
            .mount(&api)
            .await;
        let here = relay(api.address().to_string()).await;
        let client = reqwest::Client::new();

        let event = client.get(format!("{here}/next")).send().await.unwrap();
        assert_eq!(event.headers()["connection"], "close");
        assert_eq!(event.headers()["lambda-runtime-aws-request-id"], "7");
        assert_eq!(event.text().await.unwrap(), "event");
        let response = client
            .post(format!("{here}/7/response"))
            .header("content-type", "application/json")
            .body("{}")
            .send();
        assert_eq!(response.await.unwrap().status(), 202);
    }

    #[tokio::test]
    async fn an_api_that_is_gone_is_no_answer() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let nobody = listener.local_addr().unwrap().to_string();
        drop(listener);
        let here = relay(nobody).await;
        assert!(reqwest::get(format!("{here}/next")).await.is_err());
    }
}

//! One pool of connections for all clients of a function, and how it is filled before the first event.

use std::time::Duration;

use aws_smithy_http_client::{
    Connector,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpConnector as _, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
        http_client_fn,
    },
    orchestrator::HttpRequest,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};

/// A handshake takes at most this.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Makes connections and keeps those that are idle, for 90 s (hyper's default).
///
/// Left to themselves, the SDK's clients would have a pool each, and read the system's root certificates for each.
pub(super) fn connector() -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT);
    let connector = Connector::builder()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .connector_settings(settings.build())
        .proxy_config(ProxyConfig::from_env());
    SharedHttpConnector::new(connector.build())
}

/// The clients' way to it.
pub(super) fn http_client(connector: &SharedHttpConnector) -> SharedHttpClient {
    let connector = connector.clone();
    http_client_fn(move |_, _| connector.clone())
}

/// Opens a connection to where `url` leads and leaves it in the pool. It asks for nothing: the request is not signed, so
/// that whatever the answer says does not matter.
pub(super) async fn connect(connector: &SharedHttpConnector, url: &str) {
    let mut request = HttpRequest::new(SdkBody::empty());
    let opened = async {
        request.set_uri(url)?;
        let answer = connector.call(request).await?;
        // A connection is free again once its answer is read.
        ByteStream::new(answer.into_body()).collect().await?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
    };
    if opened.await.is_err() {
        tracing::warn!("a connection to AWS can't be opened ahead of the first event");
    }
}

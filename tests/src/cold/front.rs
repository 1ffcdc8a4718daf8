//! A door before a local service that counts the connections made through it, with TLS on request.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncWrite, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// A certificate of 127.0.0.1, made for one run.
pub struct Certificate {
    config: Arc<ServerConfig>,
    /// The certificate, to be trusted by whoever connects.
    pub pem: String,
}

impl Certificate {
    /// Makes one.
    ///
    /// # Panics
    /// When it can't be made.
    #[must_use]
    #[allow(clippy::expect_used)]
    pub fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
        let made = made.expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::from(key))
            .expect("a certificate with its key");
        Self {
            config: Arc::new(config),
            pem: made.cert.pem(),
        }
    }
}

impl Default for Certificate {
    fn default() -> Self {
        Self::new()
    }
}

/// The door.
pub struct Front {
    /// Where it is.
    pub url: String,
    connections: Arc<AtomicUsize>,
    server: AbortHandle,
}

impl Front {
    /// Opens one before the service at a URL such as `http://127.0.0.1:1`.
    ///
    /// # Panics
    /// When there is no port, or the URL has no address.
    #[allow(clippy::expect_used)]
    pub async fn before(url: &str, tls: Option<&Certificate>) -> Self {
        let (_, address) = url.split_once("://").expect("a scheme");
        let (address, path) = address.split_once('/').unwrap_or((address, ""));
        let address: SocketAddr = address.parse().expect("an address");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port");
        let here = listener.local_addr().expect("an address");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let acceptor = tls.map(|tls| TlsAcceptor::from(Arc::clone(&tls.config)));
        let connections = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&connections);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(pass(stream, acceptor.clone(), address));
            }
        });
        Self {
            url: format!("{scheme}://{here}/{path}")
                .trim_end_matches('/')
                .to_owned(),
            connections,
            server: server.abort_handle(),
        }
    }

    /// Connections made so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass(stream: TcpStream, acceptor: Option<TlsAcceptor>, to: SocketAddr) {
    drop(stream.set_nodelay(true));
    match acceptor {
        None => join(stream, to).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                join(stream, to).await;
            }
        }
    }
}

async fn join(mut stream: impl AsyncRead + AsyncWrite + Unpin, to: SocketAddr) {
    if let Ok(mut service) = TcpStream::connect(to).await {
        drop(service.set_nodelay(true));
        // It ends when either side does, in whatever way.
        drop(copy_bidirectional(&mut stream, &mut service).await);
    }
}

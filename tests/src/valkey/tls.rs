//! TLS before a server that was built without.

use std::{io::Write as _, sync::Arc};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::NamedTempFile;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

/// Takes TLS connections under a certificate of its own for `localhost`, until it is dropped.
pub struct TlsFront {
    port: u16,
    certificate: NamedTempFile,
    task: JoinHandle<()>,
}

impl TlsFront {
    #[allow(clippy::expect_used)]
    pub(super) async fn start(server: u16) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let mut certificate = NamedTempFile::new().expect("a file");
        let pem = cert.pem();
        certificate.write_all(pem.as_bytes()).expect("a file");
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("a configuration");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass(acceptor.clone(), stream, server));
            }
        });
        Self {
            port,
            certificate,
            task,
        }
    }

    /// Where it is, for functions.
    #[must_use]
    pub fn url(&self) -> String {
        format!("rediss://parts@localhost:{}", self.port)
    }

    /// The file with its certificate, for `SSL_CERT_FILE`.
    #[must_use]
    pub fn certificate(&self) -> String {
        self.certificate.path().display().to_string()
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection. A client that does not trust the certificate ends it, which is no fault here.
async fn pass(acceptor: TlsAcceptor, stream: TcpStream, server: u16) {
    let Ok(mut client) = acceptor.accept(stream).await else {
        return;
    };
    if let Ok(mut server) = TcpStream::connect(("127.0.0.1", server)).await {
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}

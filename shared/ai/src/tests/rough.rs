//! A server that treats its clients badly.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What it does to every request.
#[derive(Clone, Copy)]
pub(super) enum Manner {
    /// Begins an answer and cuts the connection.
    Cuts,
    /// Sends an answer byte by byte, without end.
    Drips,
    /// Says nothing.
    Hangs,
}

/// Stops when dropped.
pub(super) struct Rough {
    pub(super) url: String,
    task: JoinHandle<()>,
}

impl Drop for Rough {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[allow(clippy::unwrap_used)]
pub(super) async fn rough(manner: Manner) -> Rough {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Ends with an error when the client goes, as it should.
            tokio::spawn(async move { drop(serve(stream, manner).await) });
        }
    });
    Rough { url, task }
}

async fn serve(mut stream: TcpStream, manner: Manner) -> std::io::Result<()> {
    let mut request = vec![0; 16 << 10];
    let _ = stream.read(&mut request).await?;
    let head =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{";
    match manner {
        Manner::Cuts => stream.write_all(head).await,
        Manner::Drips => {
            stream.write_all(head).await?;
            loop {
                stream.write_all(b" ").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Manner::Hangs => std::future::pending().await,
    }
}

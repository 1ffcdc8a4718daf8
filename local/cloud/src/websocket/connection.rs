//! One open connection, until it closes.

use std::{sync::Arc, time::Duration};

use futures::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt,
    sync::{mpsc, watch},
    time::{Instant, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

use super::{Gateway, event::Context, registry::Command};
use crate::meter::Metered;

/// Largest message, bytes; <https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-quotas.html>
pub(super) const MESSAGE_LIMIT: usize = 128 * 1024;
/// Largest frame, bytes.
const FRAME_LIMIT: usize = 32 * 1024;
/// A client that takes nothing for so long is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// A client gets so long to answer a close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Why a connection ended: close code and reason.
type Closed = (u16, String);

/// Serves a connection until it closes; gives the close code and the reason.
pub(super) async fn serve(
    gateway: &Arc<Gateway>,
    context: &Arc<Context>,
    upgraded: Upgraded,
    mut commands: mpsc::Receiver<Command>,
) -> Closed {
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_LIMIT))
        .max_frame_size(Some(FRAME_LIMIT));
    let mut socket =
        Socket::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
    let end = Instant::now() + gateway.limits.websocket_life;
    let mut idle = Instant::now() + gateway.limits.websocket_idle;
    let (failures, mut failed) = mpsc::channel::<Value>(16);
    let mut stop = gateway.stop.clone();
    loop {
        let done = tokio::select! {
            message = socket.next() => match message {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    gateway.lambda.meter().note(Metered::Message { bytes: message.len() });
                    tokio::spawn(route(Arc::clone(gateway), Arc::clone(context), message, failures.clone()));
                    None
                }
                Some(Ok(Message::Close(frame))) => Some(closed_by_client(&mut socket, frame).await),
                // Pings are answered by the library.
                Some(Ok(_)) => None,
                Some(Err(error)) => Some(broken(&mut socket, &error).await),
                None => Some((1006, "Connection lost".into())),
            },
            command = commands.recv() => match command {
                Some(Command::Send { data, written }) => match send(&mut socket, to_message(&data)).await {
                    Ok(()) => {
                        // The poster may have left.
                        let _ = written.send(());
                        None
                    }
                    Err(closed) => Some(closed),
                },
                Some(Command::Close) | None => Some(close(&mut socket, CloseCode::Normal, "Connection Closed Normally").await),
            },
            Some(failure) = failed.recv() => send(&mut socket, Message::text(failure.to_string())).await.err(),
            () = tokio::time::sleep_until(idle) => Some(close(&mut socket, CloseCode::Away, "Idle timeout").await),
            () = tokio::time::sleep_until(end) => Some(close(&mut socket, CloseCode::Away, "Going away").await),
            _ = watch::Receiver::changed(&mut stop) => Some(close(&mut socket, CloseCode::Away, "Going away").await),
        };
        if let Some(closed) = done {
            return closed;
        }
        idle = Instant::now() + gateway.limits.websocket_idle;
        gateway.registry.touch(&context.connection_id);
    }
}

/// Gives a message to the function of its route. A response has no way back to the client: AWS
/// wants a route response for that, which this API has none of.
async fn route(
    gateway: Arc<Gateway>,
    context: Arc<Context>,
    message: Message,
    failures: mpsc::Sender<Value>,
) {
    let (route, function) = gateway.route_of(&message);
    let (event, request_id) = context.message(route, &message);
    let text = match function {
        None => "Forbidden",
        Some(function) => {
            let invocation = gateway.lambda.invoke(function, event.to_string().into());
            match timeout(gateway.limits.integration, invocation).await {
                Ok(Ok(_)) => return,
                Ok(Err(_)) => "Internal server error",
                Err(_) => "Endpoint request timed out",
            }
        }
    };
    let failure =
        json!({ "message": text, "connectionId": context.connection_id, "requestId": request_id });
    // A client that has left wants no answer.
    let _ = failures.send(failure).await;
}

fn to_message(data: &[u8]) -> Message {
    match std::str::from_utf8(data) {
        Ok(text) => Message::text(text),
        Err(_) => Message::binary(data.to_vec()),
    }
}

async fn send(socket: &mut Socket, message: Message) -> Result<(), Closed> {
    match timeout(WRITE_TIMEOUT, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err((1006, "Connection lost".into())),
    }
}

async fn closed_by_client(socket: &mut Socket, frame: Option<CloseFrame>) -> Closed {
    // The library has queued the answer to the close; this sends it.
    drop(timeout(CLOSE_TIMEOUT, socket.flush()).await);
    frame.map_or((1005, String::new()), |frame| {
        (frame.code.into(), frame.reason.to_string())
    })
}

async fn broken(socket: &mut Socket, error: &Error) -> Closed {
    match error {
        Error::Capacity(_) => close(socket, CloseCode::Size, "Message too long").await,
        Error::Utf8(_) => close(socket, CloseCode::Invalid, "Invalid UTF-8").await,
        Error::Protocol(_) => close(socket, CloseCode::Protocol, "Protocol error").await,
        _ => (1006, "Connection lost".into()),
    }
}

/// Sends a close and takes what still comes, so that the client reads the close and not a reset.
async fn close(socket: &mut Socket, code: CloseCode, reason: &'static str) -> Closed {
    let frame = CloseFrame {
        code,
        reason: reason.into(),
    };
    let drained = async {
        if socket.close(Some(frame)).await.is_ok() {
            let mut dropped = [0; 4096];
            while matches!(socket.get_mut().read(&mut dropped).await, Ok(count) if count > 0) {}
        }
    };
    drop(timeout(CLOSE_TIMEOUT, drained).await);
    (code.into(), reason.into())
}

use dodolens::{
    domain::session::SessionState,
    wire::{
        http::SessionCreated,
        problem::ProblemCode::{
            self, BodyTooLarge, InvalidRequest, InvalidSubprotocol, OriginNotAllowed,
            SessionErased, SessionNotFound, TooManyConnections, Unauthorized,
        },
        ws::{Event, PROTOCOL, ServerMessage},
    },
};
use dodolens_tests::stack::{Setup, TestStack};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest as _,
        http::{
            Response,
            header::{ORIGIN, SEC_WEBSOCKET_PROTOCOL},
        },
    },
};

use crate::support::{CHUNK, PATIENCE, join, next, other_token};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

#[tokio::test]
async fn events_reach_who_may_hear_them() {
    let stack = TestStack::start(Setup::default()).await;
    refused_without_the_credential(&stack).await;
    answers_and_survives_junk(&stack).await;
    tells_every_connection_in_order(&stack).await;
    limits_connections(&stack).await;
    stack.running.shutdown().await;
}

pub async fn offer(
    stack: &TestStack,
    protocols: Option<&str>,
    origin: Option<&str>,
) -> Result<(Socket, Response<Option<Vec<u8>>>), Error> {
    let mut request = stack
        .running
        .websocket
        .as_str()
        .into_client_request()
        .unwrap();
    if let Some(protocols) = protocols {
        let headers = request.headers_mut();
        headers.insert(SEC_WEBSOCKET_PROTOCOL, protocols.parse().unwrap());
    }
    if let Some(origin) = origin {
        let headers = request.headers_mut();
        headers.insert(ORIGIN, origin.parse().unwrap());
    }
    timeout(PATIENCE, Box::pin(connect_async(request)))
        .await
        .expect("an answer in time")
}

pub fn credential(session: &SessionCreated) -> String {
    format!(
        "{PROTOCOL}, session.{}.{}",
        session.session_id, session.token
    )
}

async fn assert_refused(
    stack: &TestStack,
    protocols: Option<&str>,
    origin: Option<&str>,
    code: ProblemCode,
) {
    let Err(Error::Http(answer)) = offer(stack, protocols, origin).await else {
        panic!("{protocols:?} is let in, or not answered");
    };
    assert_eq!(answer.status(), code.status(), "{protocols:?}");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Value =
        serde_json::from_slice(answer.body().as_deref().unwrap_or_default()).unwrap();
    assert_eq!(problem["code"], code.as_str(), "{protocols:?}");
    assert_eq!(
        answer.headers().contains_key("www-authenticate"),
        code.status() == 401
    );
    let retry = answer
        .headers()
        .get("retry-after")
        .map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(retry, code.retry_after().map(|seconds| seconds.to_string()));
}

async fn refused_without_the_credential(stack: &TestStack) {
    let session = stack.open(CHUNK as u64).await;
    let (id, token) = (&session.session_id, &session.token);
    for (protocols, code) in [
        (None, InvalidSubprotocol),
        (Some("chat".to_owned()), InvalidSubprotocol),
        (Some(PROTOCOL.to_owned()), InvalidSubprotocol),
        (Some(format!("session.{id}.{token}")), InvalidSubprotocol),
        (
            Some(format!("{PROTOCOL}, session.{id}")),
            InvalidSubprotocol,
        ),
        (Some(format!("{PROTOCOL}, session.{id}.x")), Unauthorized),
        (
            Some(format!("{PROTOCOL}, session.{id}.{}", other_token())),
            SessionNotFound,
        ),
        (
            Some(format!("{PROTOCOL}, session.{}.{token}", "0".repeat(32))),
            SessionNotFound,
        ),
        (
            Some(format!("{PROTOCOL}, session.x.{token}")),
            SessionNotFound,
        ),
    ] {
        assert_refused(stack, protocols.as_deref(), None, code).await;
    }
    stack.client.erase(&session).await.unwrap();
    assert_refused(stack, Some(&credential(&session)), None, SessionErased).await;
}

pub async fn hear(socket: &mut Socket) -> ServerMessage {
    let message = timeout(PATIENCE, socket.next())
        .await
        .expect("an event in time");
    serde_json::from_str(message.unwrap().unwrap().to_text().unwrap()).unwrap()
}

async fn answers_and_survives_junk(stack: &TestStack) {
    let session = stack.open(CHUNK as u64).await;
    let foreign = stack.open(CHUNK as u64).await;
    let (mut socket, answer) = offer(stack, Some(&credential(&session)), None)
        .await
        .unwrap();
    assert_eq!(answer.headers()[SEC_WEBSOCKET_PROTOCOL], PROTOCOL);

    let join_of = |id: &str| format!(r#"{{"action":"join_session","sessionId":"{id}"}}"#);
    for (text, code) in [
        ("".to_owned(), InvalidRequest),
        ("hello".into(), InvalidRequest),
        ("{}".into(), InvalidRequest),
        ("[1]".into(), InvalidRequest),
        (r#"{"action":"dance"}"#.into(), InvalidRequest),
        (r#"{"action":"$connect"}"#.into(), InvalidRequest),
        (r#"{"action":7}"#.into(), InvalidRequest),
        (r#"{"action":"join_session"}"#.into(), InvalidRequest),
        (
            r#"{"action":"join_session","sessionId":7}"#.into(),
            InvalidRequest,
        ),
        ("x".repeat(4096), InvalidRequest),
        ("x".repeat(4097), BodyTooLarge),
        (join_of("x"), SessionNotFound),
        (join_of(&"0".repeat(32)), SessionNotFound),
        (join_of(&foreign.session_id), SessionNotFound),
    ] {
        let what = text.chars().take(60).collect::<String>();
        socket.send(Message::text(text)).await.unwrap();
        let Event::Error(problem) = hear(&mut socket).await.event else {
            panic!("no error to {what}");
        };
        assert_eq!(problem.code, code, "{what}");
    }
    socket
        .send(Message::binary(vec![0xff, 0xfe]))
        .await
        .unwrap();
    assert!(matches!(hear(&mut socket).await.event, Event::Error(_)));

    socket
        .send(Message::text(r#"{"action":"ping"}"#))
        .await
        .unwrap();
    assert_eq!(hear(&mut socket).await.event, Event::Pong {});
    socket
        .send(Message::text(join_of(&session.session_id)))
        .await
        .unwrap();
    let joined = hear(&mut socket).await;
    assert_eq!(
        joined.session_id.as_deref(),
        Some(session.session_id.as_str())
    );
    let Event::SessionJoined(snapshot) = joined.event else {
        panic!("not joined");
    };
    let asked = stack.client.snapshot(&session).await.unwrap().snapshot;
    assert_eq!(*snapshot, asked);
}

async fn tells_every_connection_in_order(stack: &TestStack) {
    let session = stack.open((4 * CHUNK) as u64).await;
    let mut phone = stack.client.connect(&session).await.unwrap();
    let mut tablet = stack.client.connect(&session).await.unwrap();
    join(&mut phone).await;
    join(&mut tablet).await;
    for (index, received) in [(2, 1), (0, 2), (3, 3)] {
        stack
            .client
            .put_chunk(&session, index, vec![1; CHUNK])
            .await
            .unwrap();
        // A repeat is no news.
        stack
            .client
            .put_chunk(&session, index, vec![1; CHUNK])
            .await
            .unwrap();
        for socket in [&mut phone, &mut tablet] {
            let message = next(socket).await;
            let event = Event::ChunkReceived {
                index,
                received,
                total_chunks: 4,
            };
            assert_eq!(message.event, event);
            assert_eq!(message.seq, u64::from(received));
        }
    }

    // What happens without a connection is in the snapshot of the next.
    drop(phone);
    stack
        .client
        .put_chunk(&session, 1, vec![1; CHUNK])
        .await
        .unwrap();
    assert_eq!(next(&mut tablet).await.seq, 4);
    let mut phone = stack.client.connect(&session).await.unwrap();
    let joined = join(&mut phone).await;
    assert_eq!(joined.seq, 4);
    let Event::SessionJoined(snapshot) = joined.event else {
        panic!("not joined");
    };
    assert_eq!(snapshot.received, [(0, 3).into()]);
    assert_eq!(snapshot.state, SessionState::Open);

    let receipt = stack.client.erase(&session).await.unwrap();
    for socket in [&mut phone, &mut tablet] {
        let message = next(socket).await;
        assert_eq!(message.event, Event::SessionErased(receipt.clone()));
        assert!(message.seq > 4);
    }
}

async fn limits_connections(stack: &TestStack) {
    let session = stack.open(CHUNK as u64).await;
    let mut sockets = Vec::new();
    for _ in 0..8 {
        sockets.push(
            offer(stack, Some(&credential(&session)), None)
                .await
                .unwrap(),
        );
    }
    assert_refused(stack, Some(&credential(&session)), None, TooManyConnections).await;
}

#[tokio::test]
async fn with_a_list_of_origins_others_are_refused() {
    let app = "https://app.example";
    for (list, admitted, refused) in [
        (
            app,
            vec![Some(app), Some("https://app.example:443")],
            vec![
                None,
                Some("https://evil.example"),
                Some("http://app.example"),
                Some("https://app.example:8443"),
                Some("https://app.example.evil.example"),
                Some("null"),
            ],
        ),
        (
            "https://app.example,none",
            vec![Some(app), None],
            vec![Some("https://evil.example"), Some("none")],
        ),
    ] {
        let stack = TestStack::start(Setup {
            parameters: vec![("WebSocketOrigins", list.into())],
            ..Setup::default()
        })
        .await;
        let session = stack.open(CHUNK as u64).await;
        let credential = credential(&session);
        for origin in admitted {
            let (mut socket, _) = offer(&stack, Some(&credential), origin).await.unwrap();
            let ping = Message::text(r#"{"action":"ping"}"#);
            socket.send(ping).await.unwrap();
            assert_eq!(hear(&mut socket).await.event, Event::Pong {}, "{origin:?}");
        }
        for origin in refused {
            assert_refused(&stack, Some(&credential), origin, OriginNotAllowed).await;
            // Before the credential is looked at.
            assert_refused(&stack, None, origin, OriginNotAllowed).await;
        }
        stack.running.shutdown().await;
    }
}

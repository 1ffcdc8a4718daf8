//! The WebSocket gateway and `@connections`.

use aws_sdk_apigatewaymanagement::{Client as Management, primitives::Blob};
use dodolens_local::cloud::Cloud;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        handshake::client::Response,
        http::Request,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use crate::support::{Probe, sdk, within};

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub fn request(cloud: &Cloud, command: &Value) -> Request<()> {
    let mut request = cloud.websocket_url().into_client_request().unwrap();
    request
        .headers_mut()
        .insert("x-probe", command.to_string().parse().unwrap());
    // Header names come as AWS writes them, so the probe looks for its command in the query.
    let query: String = command
        .to_string()
        .bytes()
        .map(|byte| format!("%{byte:02x}"))
        .collect();
    *request.uri_mut() = format!("{}?probe={query}", cloud.websocket_url())
        .parse()
        .unwrap();
    request
}

async fn connect(cloud: &Cloud, command: Value) -> Result<(Socket, Response), Error> {
    connect_async(request(cloud, &command)).await
}

pub async fn open(probe: &Probe) -> (Socket, String) {
    let before = probe.events("Socket").len();
    let command = json!({ "reply": { "statusCode": 200 } });
    let (socket, _) = connect(&probe.cloud, command).await.unwrap();
    let events = probe.wait_for("Socket", before + 1).await;
    (socket, connection_id(&events[before]))
}

fn connection_id(event: &Value) -> String {
    event["requestContext"]["connectionId"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn management(cloud: &Cloud) -> Management {
    Management::new(&sdk(cloud.urls().connections("prod")))
}

/// Posts; gives whether it went through, or whether the connection is gone.
async fn post(cloud: &Cloud, id: &str, text: &str) -> Result<(), bool> {
    let data = Blob::new(text.as_bytes());
    let sent = management(cloud)
        .post_to_connection()
        .connection_id(id)
        .data(data)
        .send()
        .await;
    sent.map(|_| ())
        .map_err(|error| error.into_service_error().is_gone_exception())
}

async fn text(socket: &mut Socket) -> String {
    match socket.next().await.unwrap().unwrap() {
        Message::Text(text) => text.to_string(),
        other => panic!("not a text: {other:?}"),
    }
}

pub async fn close_code(socket: &mut Socket) -> CloseCode {
    loop {
        match socket.next().await {
            Some(Ok(Message::Close(Some(CloseFrame { code, .. })))) => return code,
            Some(Ok(_)) => {}
            other => panic!("no close: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_connection_from_connect_to_disconnect() {
    let probe = Probe::start(|_, _| {}).await;
    let (mut socket, id) = open(&probe).await;
    assert!(id.ends_with('='), "needs escaping in a URL");

    post(&probe.cloud, &id, "hello").await.unwrap();
    assert_eq!(text(&mut socket).await, "hello");

    let messages = [
        (json!({ "action": "join", "x": 1 }).to_string(), "join"),
        (json!({ "action": "other" }).to_string(), "$default"),
        (json!({ "action": "$connect" }).to_string(), "$default"),
        ("not json".to_owned(), "$default"),
    ];
    for (index, (body, route)) in messages.into_iter().enumerate() {
        socket.send(Message::text(body.clone())).await.unwrap();
        let event = probe.wait_for("Socket", index + 2).await.remove(index + 1);
        assert_eq!(event["body"], body);
        assert_eq!(event["requestContext"]["routeKey"], route);
        assert_eq!(event["requestContext"]["eventType"], "MESSAGE");
        assert_eq!(connection_id(&event), id);
    }

    // The functions' responses did not come back: the next message is the one posted.
    post(&probe.cloud, &id, "again").await.unwrap();
    assert_eq!(text(&mut socket).await, "again");
    let known = management(&probe.cloud)
        .get_connection()
        .connection_id(&id)
        .send()
        .await
        .unwrap();
    assert_eq!(known.identity().unwrap().source_ip(), Some("127.0.0.1"));
    assert!(known.connected_at().is_some());

    socket.close(None).await.unwrap();
    let events = probe.wait_for("Socket", 6).await;
    assert_eq!(events[5]["requestContext"]["eventType"], "DISCONNECT");
    assert_eq!(connection_id(&events[5]), id);
    assert_eq!(post(&probe.cloud, &id, "late").await, Err(true));
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn nothing_can_be_posted_before_connect_has_returned() {
    let probe = Probe::start(|_, _| {}).await;
    let command = json!({ "do": "sleep", "ms": 10_000, "reply": { "statusCode": 200 } });
    let connecting = connect(&probe.cloud, command);
    let posting = async {
        let id = connection_id(&probe.wait_for("Socket", 1).await[0]);
        (post(&probe.cloud, &id, "too early").await, id)
    };
    let (connected, (early, id)) = tokio::join!(connecting, posting);
    assert_eq!(early, Err(true));
    let (mut socket, _) = connected.unwrap();
    post(&probe.cloud, &id, "in time").await.unwrap();
    assert_eq!(text(&mut socket).await, "in time");
    assert_eq!(post(&probe.cloud, "unknown=", "x").await, Err(true));
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn a_refusal_has_the_functions_status() {
    let probe = Probe::start(|_, _| {}).await;
    for (command, status) in [
        (json!({ "reply": { "statusCode": 401, "body": "no" } }), 401),
        (json!({ "reply": { "statusCode": 403 } }), 403),
        (json!({ "reply": { "no": "status" } }), 502),
        (json!({ "do": "fail" }), 502),
    ] {
        match connect(&probe.cloud, command).await {
            Err(Error::Http(response)) => assert_eq!(response.status().as_u16(), status),
            other => panic!("not refused: {other:?}"),
        }
    }
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn a_sub_protocol_is_echoed_only_when_the_function_says_so() {
    let probe = Probe::start(|_, _| {}).await;
    let offer = async |headers: Value| {
        let command = json!({ "reply": { "statusCode": 200, "headers": headers } });
        let mut request = request(&probe.cloud, &command);
        let offered = "one.v1, token".parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", offered);
        connect_async(request).await
    };
    let (_socket, response) = offer(json!({ "Sec-WebSocket-Protocol": "one.v1" }))
        .await
        .unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "one.v1");
    let silent = offer(json!({})).await;
    assert!(
        matches!(silent, Err(Error::Protocol(_))),
        "a client that offered some must refuse none"
    );
    let event = &probe.events("Socket")[0];
    assert_eq!(event["headers"]["Sec-WebSocket-Protocol"], "one.v1, token");
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn a_failed_route_tells_the_client() {
    let probe = Probe::start(|_, _| {}).await;
    let (mut socket, id) = open(&probe).await;
    let body = json!({ "action": "join", "probe": { "do": "fail" } });
    socket.send(Message::text(body.to_string())).await.unwrap();
    let answer: Value = serde_json::from_str(&text(&mut socket).await).unwrap();
    assert_eq!(answer["message"], "Internal server error");
    assert_eq!(answer["connectionId"], id);
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn a_connection_can_be_ended_from_outside_and_by_shutdown() {
    let probe = Probe::start(|_, _| {}).await;
    let (mut socket, id) = open(&probe).await;
    let (mut other, _) = open(&probe).await;
    management(&probe.cloud)
        .delete_connection()
        .connection_id(&id)
        .send()
        .await
        .unwrap();
    assert_eq!(close_code(&mut socket).await, CloseCode::Normal);
    drop(socket);
    let gone = || {
        probe.events("Socket").iter().any(|event| {
            connection_id(event) == id && event["requestContext"]["eventType"] == "DISCONNECT"
        })
    };
    within(|| gone().then_some(())).await;
    let (closed, ()) = tokio::join!(close_code(&mut other), probe.cloud.shutdown());
    assert_eq!(closed, CloseCode::Away);
}

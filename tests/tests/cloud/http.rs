//! The HTTP gateway.

use std::time::Duration;

use dodolens_local::stack::Cors;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{PATIENCE, Probe};

async fn message(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_request_becomes_an_event_and_its_response_an_answer() {
    let probe = Probe::start(|_, _| {}).await;
    let response = Client::new()
        .put(probe.url("/things/7%2F8?a=1&a=2"))
        .header("content-type", "application/octet-stream")
        .header("cookie", "c=1")
        .body(vec![0xff, 0x00])
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.headers().contains_key("apigw-requestid"));
    let about: Value = response.json().await.unwrap();
    let event = &about["event"];
    assert_eq!(event["routeKey"], "PUT /things/{id}");
    assert_eq!(event["pathParameters"]["id"], "7/8");
    assert_eq!(event["queryStringParameters"]["a"], "1,2");
    assert_eq!(event["cookies"], json!(["c=1"]));
    assert_eq!(event["body"], "/wA=");
    assert_eq!(event["isBase64Encoded"], true);
    assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn the_functions_response_is_what_the_client_gets() {
    let probe = Probe::start(|_, _| {}).await;
    let reply = json!({ "reply": {
        "statusCode": 409, "headers": { "content-type": "application/problem+json" },
        "cookies": ["a=1", "b=2"], "body": "e30=", "isBase64Encoded": true,
    } });
    let request = Client::new()
        .post(probe.url("/things"))
        .header("x-probe", reply.to_string());
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 409);
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    assert_eq!(response.text().await.unwrap(), "{}");
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn what_the_gateway_answers_itself() {
    let probe = Probe::start(|stack, options| {
        options.limits.integration = Duration::from_secs(15);
        stack.functions.get_mut("Api").unwrap().timeout = Duration::from_secs(60);
    })
    .await;
    let client = Client::new();
    let post = || client.post(probe.url("/things"));
    let not_found = client.get(probe.url("/things")).send().await.unwrap();
    assert_eq!(message(not_found).await, (404, "Not Found".into()));

    let failed = post()
        .header("x-probe", r#"{"do":"fail"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(message(failed).await, (500, "Internal Server Error".into()));
    let malformed = post()
        .header("x-probe", r#"{"reply":{"statusCode":"x"}}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(
        message(malformed).await,
        (500, "Internal Server Error".into())
    );
    let late = post()
        .header("x-probe", r#"{"do":"sleep","ms":60000}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(message(late).await, (503, "Service Unavailable".into()));
    let headers = post()
        .header("x-long", "x".repeat(10_240))
        .send()
        .await
        .unwrap();
    assert_eq!(headers.status(), 431);
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn bodies_up_to_the_limits() {
    let probe = Probe::start(|_, _| {}).await;
    let client = Client::new();
    let put = |bytes: usize| {
        let request = client.put(probe.url("/things/1"));
        let request = request.header("x-probe", r#"{"reply":{"statusCode":204}}"#);
        request.body(vec![7; bytes]).send()
    };
    // Base64 makes 4/3 of it; 6 MB hold about 4.4 MB.
    for (bytes, status) in [
        (4_400_000, 204),
        (4_800_000, 413),
        (10 * 1024 * 1024, 413),
        (12_000_000, 413),
    ] {
        let response = put(bytes).await.unwrap();
        assert_eq!(response.status(), status, "{bytes}");
        if status == 413 {
            assert_eq!(message(response).await.1, "Request Entity Too Large");
        }
    }
    assert_eq!(probe.events("Api").len(), 1);
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn a_preflight_never_reaches_the_function() {
    let probe = Probe::start(|stack, _| {
        stack.http.cors = Some(Cors {
            allow_origins: vec!["https://app.example".into()],
            allow_methods: vec!["PUT".into()],
            allow_headers: vec!["authorization".into()],
            expose_headers: Vec::new(),
            max_age: None,
        });
    })
    .await;
    let client = Client::new();
    let preflight = client
        .request(reqwest::Method::OPTIONS, probe.url("/things/1"))
        .header("origin", "https://app.example")
        .header("access-control-request-method", "PUT")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), 204);
    assert_eq!(preflight.headers()["access-control-allow-methods"], "PUT");
    assert!(probe.events("Api").is_empty());
    let request = client
        .put(probe.url("/things/1"))
        .header("origin", "https://app.example");
    let response = request.send().await.unwrap();
    assert_eq!(
        response.headers()["access-control-allow-origin"],
        "https://app.example"
    );
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn a_client_that_stops_sending_is_not_waited_for() {
    let probe = Probe::start(|_, options| {
        options.limits.integration = Duration::from_millis(300);
    })
    .await;
    let address = probe.url("").replace("http://", "");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = b"POST /things HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc";
    stream.write_all(head).await.unwrap();
    let mut answer = [0; 12];
    let read = stream.read_exact(&mut answer);
    tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert!(probe.events("Api").is_empty());
    probe.cloud.shutdown().await;
}

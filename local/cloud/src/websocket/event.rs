//! The events of a WebSocket API's routes.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-routes-integrations.html>

use std::{collections::BTreeMap, net::SocketAddr};

use axum::http::{
    HeaderMap,
    header::{HOST, USER_AGENT},
    request::Parts,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    http::event::{common_log_time, query_parameters},
    names::{WEBSOCKET_API_ID, uuid},
};

/// What every event of one connection has in common.
pub(super) struct Context {
    pub connection_id: String,
    pub stage: String,
    pub client: SocketAddr,
    pub connected_at: Timestamp,
    pub host: String,
    pub user_agent: String,
}

impl Context {
    pub fn new(connection_id: String, stage: &str, client: SocketAddr, request: &Parts) -> Self {
        let header = |name| {
            let value = request.headers.get(name);
            value.map_or_else(String::new, |value| {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            })
        };
        Self {
            connection_id,
            stage: stage.to_owned(),
            client,
            connected_at: Timestamp::now(),
            host: header(HOST),
            user_agent: header(USER_AGENT),
        }
    }

    /// The `$connect` event.
    pub fn connect(&self, request: &Parts) -> Value {
        let (single, multiple) = headers(&request.headers, self.client);
        let mut event = json!({
            "headers": single,
            "multiValueHeaders": multiple,
            "requestContext": self.request_context("$connect", "CONNECT"),
            "isBase64Encoded": false,
        });
        let query = request.uri.query().unwrap_or_default();
        let parameters = query_parameters(query);
        if let Value::Object(event) = &mut event
            && !parameters.is_empty()
        {
            event.insert(
                "multiValueQueryStringParameters".into(),
                json!(multiple_values(query)),
            );
            event.insert("queryStringParameters".into(), json!(parameters));
        }
        event
    }

    /// The event of a message, for the route that takes it; gives the request id too.
    pub fn message(&self, route: &str, message: &Message) -> (Value, String) {
        let mut context = self.request_context(route, "MESSAGE");
        let id = uuid();
        context.insert("messageId".into(), uuid().into());
        context.insert("requestId".into(), id.clone().into());
        let (body, encoded) = match message {
            Message::Text(text) => (text.as_str().to_owned(), false),
            other => (STANDARD.encode(other.clone().into_data()), true),
        };
        let event = json!({ "requestContext": context, "body": body, "isBase64Encoded": encoded });
        (event, id)
    }

    /// The `$disconnect` event.
    pub fn disconnect(&self, code: u16, reason: &str) -> Value {
        let mut context = self.request_context("$disconnect", "DISCONNECT");
        context.insert("disconnectStatusCode".into(), code.into());
        context.insert("disconnectReason".into(), reason.into());
        let headers = json!({ "Host": self.host, "x-api-key": "", "x-restapi": "" });
        json!({
            "headers": headers,
            "multiValueHeaders": { "Host": [self.host], "x-api-key": [""], "x-restapi": [""] },
            "requestContext": context,
            "isBase64Encoded": false,
        })
    }

    fn request_context(&self, route: &str, event_type: &str) -> Map<String, Value> {
        let now = Timestamp::now();
        let id = uuid();
        let fields = [
            ("routeKey", json!(route)),
            ("eventType", json!(event_type)),
            ("extendedRequestId", json!(id)),
            ("requestId", json!(id)),
            ("requestTime", json!(common_log_time(now))),
            ("requestTimeEpoch", json!(now.as_millisecond())),
            ("messageDirection", json!("IN")),
            ("stage", json!(self.stage)),
            ("connectedAt", json!(self.connected_at.as_millisecond())),
            ("connectionId", json!(self.connection_id)),
            ("apiId", json!(WEBSOCKET_API_ID)),
            ("domainName", json!(self.host)),
            (
                "identity",
                json!({ "sourceIp": self.client.ip().to_string(), "userAgent": self.user_agent }),
            ),
        ];
        fields
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect()
    }
}

/// The last value of every header, and all of them.
fn headers(
    headers: &HeaderMap,
    client: SocketAddr,
) -> (BTreeMap<String, String>, BTreeMap<String, Vec<String>>) {
    let mut all = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        all.entry(title_case(name.as_str()))
            .or_default()
            .push(value);
    }
    all.insert("X-Forwarded-For".into(), vec![client.ip().to_string()]);
    let last = all
        .iter()
        .filter_map(|(name, values)| Some((name.clone(), values.last()?.clone())))
        .collect();
    (last, all)
}

/// Names as clients of AWS write them and its events show them: `Sec-WebSocket-Protocol`.
fn title_case(name: &str) -> String {
    let word = |word: &str| {
        if word == "websocket" {
            return "WebSocket".to_owned();
        }
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect()
    };
    name.split('-').map(word).collect::<Vec<String>>().join("-")
}

fn multiple_values(query: &str) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        all.entry(name.into_owned())
            .or_default()
            .push(value.into_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn request() -> Parts {
        let request = Request::get("/prod?a=1&a=2")
            .header("host", "127.0.0.1:1")
            .header("user-agent", "test")
            .header("sec-websocket-protocol", "v1, token");
        request.body(()).unwrap().into_parts().0
    }

    fn context() -> Context {
        Context::new(
            "id=".into(),
            "prod",
            "127.0.0.1:9".parse().unwrap(),
            &request(),
        )
    }

    #[test]
    fn a_connect_event_has_headers_and_query() {
        let event = context().connect(&request());
        assert_eq!(event["headers"]["Sec-WebSocket-Protocol"], "v1, token");
        assert_eq!(event["multiValueHeaders"]["Host"], json!(["127.0.0.1:1"]));
        assert_eq!(event["queryStringParameters"]["a"], "1,2");
        assert_eq!(
            event["multiValueQueryStringParameters"]["a"],
            json!(["1", "2"])
        );
        let context = &event["requestContext"];
        assert_eq!(context["routeKey"], "$connect");
        assert_eq!(context["eventType"], "CONNECT");
        assert_eq!(context["connectionId"], "id=");
        assert_eq!(context["stage"], "prod");
        assert_eq!(context["identity"]["sourceIp"], "127.0.0.1");
        assert!(event.get("body").is_none());
    }

    #[test]
    fn a_message_event_has_the_body_as_it_came() {
        let (event, id) = context().message("join", &Message::text("{}"));
        assert_eq!(event["body"], "{}");
        assert_eq!(event["isBase64Encoded"], false);
        assert_eq!(event["requestContext"]["requestId"], id);
        assert_eq!(event["requestContext"]["routeKey"], "join");
        let (event, _) = context().message("$default", &Message::binary(&b"\xff"[..]));
        assert_eq!(event["body"], "/w==");
        assert_eq!(event["isBase64Encoded"], true);
    }

    #[test]
    fn a_disconnect_event_says_why() {
        let event = context().disconnect(1009, "too big");
        assert_eq!(event["requestContext"]["eventType"], "DISCONNECT");
        assert_eq!(event["requestContext"]["disconnectStatusCode"], 1009);
    }
}

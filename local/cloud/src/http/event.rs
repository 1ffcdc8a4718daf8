//! A request as Lambda's event, payload format 2.0.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::{collections::BTreeMap, net::SocketAddr};

use axum::http::{
    HeaderMap,
    header::{CONTENT_TYPE, COOKIE, HOST, USER_AGENT},
    request::Parts,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::routes::Route;
use crate::names::{ACCOUNT, HTTP_API_ID};

/// The event of a request.
pub(super) fn of(
    request: &Parts,
    client: SocketAddr,
    route: &Route,
    variables: BTreeMap<String, String>,
    body: &Bytes,
    request_id: &str,
) -> Value {
    let path = request.uri.path();
    let query = request.uri.query().unwrap_or_default();
    let host = text(&request.headers, HOST.as_str()).unwrap_or_default();
    let domain = host.split(':').next().unwrap_or_default();
    let now = Timestamp::now();
    let mut event = json!({
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers(&request.headers, client, &host),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": HTTP_API_ID,
            "domainName": domain,
            "domainPrefix": domain.split('.').next().unwrap_or_default(),
            "http": {
                "method": request.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": client.ip().to_string(),
                "userAgent": text(&request.headers, USER_AGENT.as_str()).unwrap_or_default(),
            },
            "requestId": request_id,
            "routeKey": route.key,
            "stage": "$default",
            "time": common_log_time(now),
            "timeEpoch": now.as_millisecond(),
        },
        "isBase64Encoded": false,
    });
    let cookies = cookies(&request.headers);
    let parameters = query_parameters(query);
    // What is not there is left out, as AWS does.
    let optional = [
        ("cookies", (!cookies.is_empty()).then(|| json!(cookies))),
        (
            "queryStringParameters",
            (!parameters.is_empty()).then(|| json!(parameters)),
        ),
        (
            "pathParameters",
            (!variables.is_empty()).then(|| json!(variables)),
        ),
    ];
    if let Value::Object(event) = &mut event {
        for (name, value) in optional {
            event.extend(value.map(|value| (name.to_owned(), value)));
        }
        put_body(event, &request.headers, body);
    }
    event
}

/// `12/Mar/2020:19:03:58 +0000`
pub(crate) fn common_log_time(time: Timestamp) -> String {
    time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}

fn put_body(event: &mut Map<String, Value>, headers: &HeaderMap, body: &Bytes) {
    if body.is_empty() {
        return;
    }
    let content_type = text(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let plain = is_text(&content_type)
        .then(|| std::str::from_utf8(body).ok())
        .flatten();
    let encoded = plain.is_none();
    let body = plain.map_or_else(|| STANDARD.encode(body), str::to_owned);
    event.insert("body".into(), body.into());
    event.insert("isBase64Encoded".into(), encoded.into());
}

/// Whether a body of this content type is handed on as text; every other one is base64.
fn is_text(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence.starts_with("text/")
        || matches!(
            essence.as_str(),
            "application/json"
                | "application/xml"
                | "application/javascript"
                | "application/x-www-form-urlencoded"
        )
}

/// Lower-case names; values of one name joined with commas; cookies have a field of their own.
fn headers(headers: &HeaderMap, client: SocketAddr, host: &str) -> BTreeMap<String, String> {
    let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
    let mut all: BTreeMap<_, _> = headers
        .keys()
        .filter(|name| *name != COOKIE)
        .filter_map(|name| Some((name.as_str().to_owned(), text(headers, name.as_str())?)))
        .collect();
    let forwarded = all
        .get("x-forwarded-for")
        .map_or_else(String::new, |before| format!("{before}, "));
    all.insert(
        "x-forwarded-for".into(),
        format!("{forwarded}{}", client.ip()),
    );
    all.insert("x-forwarded-port".into(), port.to_owned());
    all.insert("x-forwarded-proto".into(), "http".to_owned());
    all
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .flat_map(|line| {
            line.split(';')
                .map(|cookie| cookie.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

/// Decoded parameters; values of one name joined with commas.
pub(crate) fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::<String, String>::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        all.entry(name.into_owned())
            .and_modify(|values| *values = format!("{values},{value}"))
            .or_insert_with(|| value.into_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;
    use crate::http::routes::Routes;
    use crate::stack::HttpRoute;

    fn event(request: axum::http::request::Builder, body: &'static [u8]) -> Value {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let routes = Routes::new(&[HttpRoute {
            method: "PUT".into(),
            path: "/a/{b}".into(),
            function: "F".into(),
        }]);
        let (route, variables) = routes.find("PUT", parts.uri.path()).unwrap();
        let client = "127.0.0.1:9".parse().unwrap();
        of(
            &parts,
            client,
            route,
            variables,
            &Bytes::from_static(body),
            "id",
        )
    }

    fn put(uri: &str) -> axum::http::request::Builder {
        Request::put(uri).header("host", "127.0.0.1:8080")
    }

    #[test]
    fn every_field_is_where_aws_has_it() {
        let request = put("/a/x%20y?q=1&q=2&r=%26")
            .header("User-Agent", "test")
            .header("X-Many", "a")
            .header("X-Many", "b")
            .header("Cookie", "one=1; two=2")
            .header("Content-Type", "application/json; charset=utf-8");
        let event = event(request, b"{}");
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["routeKey"], "PUT /a/{b}");
        assert_eq!(event["rawPath"], "/a/x%20y");
        assert_eq!(event["rawQueryString"], "q=1&q=2&r=%26");
        assert_eq!(
            event["queryStringParameters"],
            json!({ "q": "1,2", "r": "&" })
        );
        assert_eq!(event["pathParameters"], json!({ "b": "x y" }));
        assert_eq!(event["cookies"], json!(["one=1", "two=2"]));
        assert_eq!(event["headers"]["x-many"], "a,b");
        assert_eq!(event["headers"]["x-forwarded-for"], "127.0.0.1");
        assert!(event["headers"].get("cookie").is_none());
        assert_eq!(event["body"], "{}");
        assert_eq!(event["isBase64Encoded"], false);
        let context = &event["requestContext"];
        assert_eq!(context["http"]["method"], "PUT");
        assert_eq!(context["http"]["path"], "/a/x%20y");
        assert_eq!(context["http"]["userAgent"], "test");
        assert_eq!(context["stage"], "$default");
        assert_eq!(context["requestId"], "id");
        assert_eq!(context["routeKey"], "PUT /a/{b}");
        assert!(context["timeEpoch"].is_i64());
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let event = event(put("/a/b"), b"");
        for absent in ["body", "cookies", "queryStringParameters"] {
            assert!(event.get(absent).is_none(), "{absent}");
        }
    }

    #[test]
    fn only_text_stays_text() {
        for (content_type, body, expected, encoded) in [
            ("application/octet-stream", &b"abc"[..], "YWJj", true),
            ("video/mp4", b"abc", "YWJj", true),
            ("text/plain", b"abc", "abc", false),
            ("application/json", b"\xff", "/w==", true),
        ] {
            let event = event(put("/a/b").header("content-type", content_type), body);
            assert_eq!(event["body"], expected, "{content_type}");
            assert_eq!(event["isBase64Encoded"], encoded, "{content_type}");
        }
    }

    #[test]
    fn the_time_is_in_the_common_log_format() {
        let time = "2020-03-12T19:03:58.390Z".parse().unwrap();
        assert_eq!(common_log_time(time), "12/Mar/2020:19:03:58 +0000");
    }
}

//! A function's response as an HTTP response, payload format 2.0.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The response has a form that API Gateway does not take.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Structured {
    status_code: Value,
    #[serde(default)]
    headers: Option<Map<String, Value>>,
    #[serde(default)]
    multi_value_headers: Option<Map<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// Reads what a function returned; without a `statusCode` the whole of it is a 200's body.
///
/// # Errors
/// [`Malformed`]
pub(crate) fn read(payload: &[u8]) -> Result<Response<Body>, Malformed> {
    let value: Value = serde_json::from_slice(payload).map_err(|_| Malformed)?;
    if value.get("statusCode").is_none() {
        let body = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        return Ok(json_response(StatusCode::OK, body));
    }
    structured(value)
}

/// Reads a response that must have a `statusCode`.
///
/// # Errors
/// [`Malformed`]
pub(crate) fn read_structured(payload: &[u8]) -> Result<Response<Body>, Malformed> {
    structured(serde_json::from_slice(payload).map_err(|_| Malformed)?)
}

fn structured(value: Value) -> Result<Response<Body>, Malformed> {
    let structured: Structured = serde_json::from_value(value).map_err(|_| Malformed)?;
    let mut response = Response::new(structured.body()?);
    *response.status_mut() = structured.status()?;
    *response.headers_mut() = structured.headers()?;
    Ok(response)
}

/// An answer of the gateway itself.
pub(crate) fn message(status: StatusCode, text: &str) -> Response<Body> {
    json_response(status, json!({ "message": text }).to_string())
}

fn json_response(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

impl Structured {
    /// A number, or a number in a string.
    fn status(&self) -> Result<StatusCode, Malformed> {
        let number = match &self.status_code {
            Value::String(text) => text.parse().ok(),
            value => value.as_u64().and_then(|number| u16::try_from(number).ok()),
        };
        number
            .and_then(|number| StatusCode::from_u16(number).ok())
            .filter(|status| status.as_u16() >= 200)
            .ok_or(Malformed)
    }

    fn body(&self) -> Result<Body, Malformed> {
        match &self.body {
            None => Ok(Body::empty()),
            Some(body) if self.is_base64_encoded => {
                STANDARD.decode(body).map(Body::from).map_err(|_| Malformed)
            }
            Some(body) => Ok(Body::from(body.clone())),
        }
    }

    fn headers(&self) -> Result<HeaderMap, Malformed> {
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers.iter().flatten() {
            append(&mut headers, name, value)?;
        }
        for (name, values) in self.multi_value_headers.iter().flatten() {
            for value in values.as_array().ok_or(Malformed)? {
                append(&mut headers, name, value)?;
            }
        }
        for cookie in self.cookies.iter().flatten() {
            let value = HeaderValue::from_str(cookie).map_err(|_| Malformed)?;
            headers.append(header::SET_COOKIE, value);
        }
        if self.body.is_some() && !headers.contains_key(header::CONTENT_TYPE) {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/plain; charset=utf-8"),
            );
        }
        Ok(headers)
    }
}

fn append(headers: &mut HeaderMap, name: &str, value: &Value) -> Result<(), Malformed> {
    let name: HeaderName = name.parse().map_err(|_| Malformed)?;
    // The connection is the gateway's own.
    if [
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
    ]
    .contains(&name)
    {
        return Ok(());
    }
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return Err(Malformed),
    };
    headers.append(name, HeaderValue::from_str(&text).map_err(|_| Malformed)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body(response: Response<Body>) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 1000)
            .await
            .unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_structured_response_is_taken_apart() {
        let payload = json!({
            "statusCode": 409, "headers": { "X-One": 1, "Content-Length": "7" },
            "multiValueHeaders": { "x-two": ["a", "b"] }, "cookies": ["c=1", "d=2"],
            "body": "eA==", "isBase64Encoded": true,
        });
        let response = read(payload.to_string().as_bytes()).unwrap();
        assert_eq!(response.status(), StatusCode::CONFLICT);
        assert_eq!(response.headers()["x-one"], "1");
        assert_eq!(response.headers().get_all("x-two").iter().count(), 2);
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        assert!(!response.headers().contains_key("content-length"));
        assert_eq!(body(response).await, "x");
    }

    #[tokio::test]
    async fn without_a_status_the_payload_is_the_body() {
        for (payload, expected) in [(r#"{"a":1}"#, r#"{"a":1}"#), (r#""text""#, "text")] {
            let response = read(payload.as_bytes()).unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()["content-type"], "application/json");
            assert_eq!(body(response).await, expected);
        }
    }

    #[test]
    fn what_aws_does_not_take_is_malformed() {
        for payload in [
            "",
            "not json",
            r#"{"statusCode":"x"}"#,
            r#"{"statusCode":99}"#,
            r#"{"statusCode":101}"#,
            r#"{"statusCode":70000}"#,
            r#"{"statusCode":200,"body":{}}"#,
            r#"{"statusCode":200,"body":"*","isBase64Encoded":true}"#,
            r#"{"statusCode":200,"headers":{"a b":"c"}}"#,
            r#"{"statusCode":200,"headers":{"a":"b\nc"}}"#,
        ] {
            assert_eq!(read(payload.as_bytes()).err(), Some(Malformed), "{payload}");
        }
    }
}

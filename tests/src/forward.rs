//! What every proxy of the tests does with a request in the end.

use axum::{
    body::Bytes,
    http::{
        HeaderMap, Method, StatusCode,
        header::{HOST, TRANSFER_ENCODING},
    },
    response::{IntoResponse as _, Response},
};

/// Sends a request on to `url` and gives the answer as it came; 502 when there is none.
pub(crate) async fn forward(
    http: &reqwest::Client,
    method: Method,
    url: &str,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    headers.remove(HOST);
    let request = http.request(method, url).headers(headers).body(body);
    let Ok(answer) = request.send().await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    // What was streamed is sent on in one piece; its length and this header exclude each other (RFC 9112, section 6.2).
    headers.remove(TRANSFER_ENCODING);
    match answer.bytes().await {
        Ok(body) => (status, headers, body).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

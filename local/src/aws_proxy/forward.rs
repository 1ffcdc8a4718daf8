//! What the proxy does with a call in the end.

use axum::{
    body::Bytes,
    http::{
        HeaderMap, Method, StatusCode,
        header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING},
    },
    response::{IntoResponse, Response},
};

/// What became of a call.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its content.
    pub body: Bytes,
}

impl Answer {
    /// 502: nobody answers.
    #[must_use]
    pub fn nobody() -> Self {
        Self {
            status: StatusCode::BAD_GATEWAY,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, self.headers, self.body).into_response()
    }
}

/// Sends a request on to `url` and gives the answer as it came.
pub(super) async fn forward(
    http: &reqwest::Client,
    method: Method,
    url: &str,
    mut headers: HeaderMap,
    body: Bytes,
) -> Answer {
    headers.remove(HOST);
    // Of the body as it is sent on.
    headers.remove(CONTENT_LENGTH);
    let request = http.request(method, url).headers(headers).body(body);
    let Ok(answer) = request.send().await else {
        return Answer::nobody();
    };
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    // What was streamed is sent on in one piece; its length and this header exclude each other (RFC 9112, section 6.2).
    headers.remove(TRANSFER_ENCODING);
    let body = answer.bytes().await;
    body.map_or_else(
        |_| Answer::nobody(),
        |body| Answer {
            status,
            headers,
            body,
        },
    )
}

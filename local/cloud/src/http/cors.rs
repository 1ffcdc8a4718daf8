//! CORS as an HTTP API does it: preflights are answered, the function's own CORS headers replaced.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>

use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
        ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    },
    request::Parts,
};

use crate::stack::Cors;

/// Whether a request asks what it may do.
pub(super) fn is_preflight(request: &Parts) -> bool {
    request.method == Method::OPTIONS
        && request.headers.contains_key(ORIGIN)
        && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Headers of a preflight's answer; none for a foreign origin.
pub(super) fn preflight(cors: &Cors, request: &Parts) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(origin) = allowed_origin(cors, request) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        put_list(
            &mut headers,
            ACCESS_CONTROL_ALLOW_METHODS,
            &cors.allow_methods,
        );
        put_list(
            &mut headers,
            ACCESS_CONTROL_ALLOW_HEADERS,
            &cors.allow_headers,
        );
        if let Some(age) = cors.max_age {
            headers.insert(ACCESS_CONTROL_MAX_AGE, age.as_secs().into());
        }
    }
    headers
}

/// Puts the API's headers in place of the function's.
pub(super) fn put(cors: &Cors, request: &Parts, headers: &mut HeaderMap) {
    for own in [
        ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_ALLOW_CREDENTIALS,
        ACCESS_CONTROL_EXPOSE_HEADERS,
        ACCESS_CONTROL_MAX_AGE,
    ] {
        headers.remove(own);
    }
    if let Some(origin) = allowed_origin(cors, request) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        put_list(headers, ACCESS_CONTROL_EXPOSE_HEADERS, &cors.expose_headers);
    }
}

/// What to answer to the request's origin: `*`, or the origin itself.
fn allowed_origin(cors: &Cors, request: &Parts) -> Option<HeaderValue> {
    let origin = request.headers.get(ORIGIN)?;
    let text = origin.to_str().ok()?;
    if cors.allow_origins.iter().any(|allowed| allowed == "*") {
        return Some(HeaderValue::from_static("*"));
    }
    let allows = |allowed: &String| match allowed.split_once('*') {
        Some((start, end)) => {
            text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
        }
        None => allowed == text,
    };
    cors.allow_origins
        .iter()
        .any(allows)
        .then(|| origin.clone())
}

fn put_list(headers: &mut HeaderMap, name: HeaderName, values: &[String]) {
    if let Ok(value) = HeaderValue::from_str(&values.join(","))
        && !values.is_empty()
    {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::Request;

    use super::*;

    fn cors(origin: &str) -> Cors {
        Cors {
            allow_origins: vec![origin.into()],
            allow_methods: vec!["GET".into(), "PUT".into()],
            allow_headers: vec!["authorization".into()],
            expose_headers: vec!["retry-after".into()],
            max_age: Some(Duration::from_secs(60)),
        }
    }

    fn request(origin: &str) -> Parts {
        let request = Request::options("/").header("origin", origin);
        let request = request.header("access-control-request-method", "PUT");
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_preflight_is_answered_to_an_allowed_origin_only() {
        let request = request("https://app.example");
        assert!(is_preflight(&request));
        for (allowed, answer) in [
            ("*", Some("*")),
            ("https://app.example", Some("https://app.example")),
            ("https://*", Some("https://app.example")),
            ("https://other.example", None),
        ] {
            let headers = preflight(&cors(allowed), &request);
            let got = headers
                .get("access-control-allow-origin")
                .map(|value| value.to_str().unwrap());
            assert_eq!(got, answer, "{allowed}");
        }
        let headers = preflight(&cors("*"), &request);
        assert_eq!(headers["access-control-allow-methods"], "GET,PUT");
        assert_eq!(headers["access-control-max-age"], "60");
    }

    #[test]
    fn the_functions_own_cors_headers_are_replaced() {
        let mut headers = HeaderMap::new();
        headers.insert(
            "access-control-allow-origin",
            HeaderValue::from_static("https://evil.example"),
        );
        put(
            &cors("https://app.example"),
            &request("https://else.example"),
            &mut headers,
        );
        assert!(headers.is_empty());
        put(&cors("*"), &request("https://else.example"), &mut headers);
        assert_eq!(headers["access-control-allow-origin"], "*");
        assert_eq!(headers["access-control-expose-headers"], "retry-after");
    }
}

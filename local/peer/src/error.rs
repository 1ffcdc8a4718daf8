//! Errors in the providers' forms; OpenAI's: <https://platform.openai.com/docs/guides/error-codes>.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::Provider;

/// An answer other than success. Names parameters, never their content.
#[derive(Debug, PartialEq)]
pub(super) struct ApiError {
    status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    param: Option<String>,
    message: String,
    retry_after: Option<Duration>,
}

impl ApiError {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            code: None,
            param: None,
            message: message.into(),
            retry_after: None,
        }
    }

    /// 400 for the parameter at this path.
    pub(super) fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            param: Some(param.into()),
            code: Some("invalid_value"),
            ..Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
        }
    }

    /// 400 for a parameter that does not exist here.
    pub(super) fn unknown_parameter(param: impl Into<String>) -> Self {
        let param = param.into();
        Self {
            code: Some("unknown_parameter"),
            message: format!("Unknown parameter: '{param}'."),
            ..Self::invalid(param, "")
        }
    }

    /// 400 for a parameter that is not there.
    pub(super) fn missing_parameter(param: impl Into<String>) -> Self {
        let param = param.into();
        Self {
            code: Some("missing_required_parameter"),
            message: format!("Missing required parameter: '{param}'."),
            ..Self::invalid(param, "")
        }
    }

    pub(super) fn unauthorized() -> Self {
        Self {
            code: Some("invalid_api_key"),
            ..Self::new(
                StatusCode::UNAUTHORIZED,
                "invalid_request_error",
                "Incorrect API key provided.",
            )
        }
    }

    pub(super) fn model_not_found() -> Self {
        Self {
            code: Some("model_not_found"),
            param: Some("model".into()),
            ..Self::new(
                StatusCode::NOT_FOUND,
                "invalid_request_error",
                "The model does not exist or you do not have access to it.",
            )
        }
    }

    pub(super) fn unknown_url(method: &Method, path: &str) -> Self {
        Self {
            code: Some("unknown_url"),
            ..Self::new(
                StatusCode::NOT_FOUND,
                "invalid_request_error",
                format!("Unknown request URL: {method} {path}."),
            )
        }
    }

    pub(super) fn method_not_allowed(method: &Method) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "invalid_request_error",
            format!("Not allowed to {method} here."),
        )
    }

    pub(super) fn too_large(megabytes: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_request_error",
            format!("Maximum content size is {megabytes} MB."),
        )
    }

    pub(super) fn unsupported_media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "invalid_request_error",
            "Unsupported content type.",
        )
    }

    pub(super) fn throttled(retry_after: Duration) -> Self {
        Self {
            code: Some("rate_limit_exceeded"),
            retry_after: Some(retry_after),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "requests",
                "Rate limit reached.",
            )
        }
    }

    /// A failure that was asked for, or one of the simulator itself.
    pub(super) fn failed(status: StatusCode) -> Self {
        Self::new(
            status,
            "server_error",
            "The server had an error while processing your request.",
        )
    }
}

impl ApiError {
    /// In the form of the provider that gives it.
    pub(super) fn of(self, provider: Provider) -> Response {
        match provider {
            Provider::OpenAi | Provider::Compatible => self.into_response(),
            Provider::Anthropic => self.anthropic(),
            Provider::Gemini => self.gemini(),
        }
    }

    /// <https://docs.claude.com/en/api/errors>
    fn anthropic(self) -> Response {
        let kind = match self.status.as_u16() {
            401 => "authentication_error",
            404 => "not_found_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            529 => "overloaded_error",
            400..=499 => "invalid_request_error",
            _ => "api_error",
        };
        let body = json!({"type": "error", "error": {"type": kind, "message": self.message},
            "request_id": "req_simulated"});
        let mut response = (self.status, Json(body)).into_response();
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs_f64().ceil() as u64;
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// <https://google.aip.dev/193>; when to come again is in the body.
    fn gemini(self) -> Response {
        let status = match self.status.as_u16() {
            401 | 403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            429 => "RESOURCE_EXHAUSTED",
            400..=499 => "INVALID_ARGUMENT",
            503 => "UNAVAILABLE",
            _ => "INTERNAL",
        };
        let delay = self.retry_after.map(|wait| {
            json!({"@type": "type.googleapis.com/google.rpc.RetryInfo",
                "retryDelay": format!("{}s", wait.as_secs_f64())})
        });
        let body = json!({"error": {"code": self.status.as_u16(), "message": self.message, "status": status,
            "details": delay.into_iter().collect::<Vec<_>>()}});
        (self.status, Json(body)).into_response()
    }
}

/// OpenAI's form.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({"error": {
            "message": self.message, "type": self.kind, "param": self.param, "code": self.code,
        }});
        let mut response = (self.status, Json(body)).into_response();
        if let Some(wait) = self.retry_after {
            let headers = response.headers_mut();
            let seconds = wait.as_secs_f64().ceil() as u64;
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            headers.insert("retry-after-ms", HeaderValue::from(millis));
        }
        response
    }
}

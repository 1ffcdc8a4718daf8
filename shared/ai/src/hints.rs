//! When to come again, by a provider's word.

use std::time::Duration;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, de::IgnoredAny};

use dodolens_http_client::until;

/// `retry-after-ms`, or else `Retry-After`.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    match text(headers, "retry-after-ms").and_then(|ms| ms.parse::<f64>().ok()) {
        Some(ms) => Duration::try_from_secs_f64(ms / 1e3).ok(),
        None => dodolens_http_client::retry_after(headers, now),
    }
}

/// The time after which a limit that is used up is open again; `None` while nothing is used up.
///
/// OpenAI: `x-ratelimit-remaining-*` and, as a duration, `x-ratelimit-reset-*`
/// (<https://platform.openai.com/docs/guides/rate-limits>). Anthropic: `anthropic-ratelimit-*-remaining` and, as a time,
/// `anthropic-ratelimit-*-reset` (<https://docs.claude.com/en/api/rate-limits>).
pub(super) fn used_up(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let open_ai = ["requests", "tokens"].into_iter().filter_map(|kind| {
        (text(headers, &format!("x-ratelimit-remaining-{kind}"))? == "0").then_some(())?;
        let reset = text(headers, &format!("x-ratelimit-reset-{kind}"))?;
        Duration::try_from(reset.parse::<SignedDuration>().ok()?).ok()
    });
    let kinds = ["requests", "tokens", "input-tokens", "output-tokens"];
    let anthropic = kinds.into_iter().filter_map(|kind| {
        (text(headers, &format!("anthropic-ratelimit-{kind}-remaining"))? == "0").then_some(())?;
        let reset = text(headers, &format!("anthropic-ratelimit-{kind}-reset"))?;
        Some(until(reset.parse().ok()?, now))
    });
    open_ai.chain(anthropic).max()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// What the body of a 429 adds to its headers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Throttled {
    /// Waiting does not help: OpenAI's `insufficient_quota`.
    pub(super) out_of_quota: bool,
    /// Gemini's `google.rpc.RetryInfo` (<https://google.aip.dev/193>).
    pub(super) retry_after: Option<Duration>,
}

/// Reads the body of a 429; what it does not say is as in [`Throttled::default`].
pub(super) fn throttled(json: &[u8]) -> Throttled {
    #[derive(Deserialize)]
    struct Body {
        error: Error,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Code {
        Name(String),
        Number(IgnoredAny),
    }
    #[derive(Deserialize)]
    struct Error {
        code: Option<Code>,
        #[serde(default)]
        details: Vec<Detail>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Detail {
        retry_delay: Option<String>,
    }
    let Ok(Body { error }) = serde_json::from_slice(json) else {
        return Throttled::default();
    };
    let delay = error.details.into_iter().find_map(|it| it.retry_delay);
    Throttled {
        out_of_quota: match error.code {
            Some(Code::Name(name)) => name == "insufficient_quota",
            Some(Code::Number(_)) | None => false,
        },
        retry_after: delay
            .and_then(|delay| delay.strip_suffix('s')?.parse::<f64>().ok())
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    fn now() -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    const fn ms(ms: u64) -> Option<Duration> {
        Some(Duration::from_millis(ms))
    }

    #[test]
    fn retry_after_comes_in_three_forms() {
        for (name, value, expected) in [
            ("retry-after", "2", ms(2_000)),
            ("retry-after-ms", "250", ms(250)),
            ("retry-after", "Sat, 21 Nov 2026 10:00:07 GMT", ms(7_000)),
            ("retry-after", "Sat, 21 Nov 2026 09:00:00 GMT", ms(0)),
            ("retry-after", "soon", None),
            ("retry-after", "-3", None),
            ("retry-after", "nan", None),
            ("retry-after", "", None),
        ] {
            assert_eq!(
                retry_after(&headers(&[(name, value)]), now()),
                expected,
                "{value:?}"
            );
        }
    }

    #[test]
    fn a_limit_that_is_used_up_opens_when_its_header_says() {
        let open = headers(&[
            ("x-ratelimit-remaining-requests", "1"),
            ("x-ratelimit-reset-requests", "1m0s"),
        ]);
        assert_eq!(used_up(&open, now()), None);
        for (reset, expected) in [
            ("120ms", ms(120)),
            ("1.5s", ms(1_500)),
            ("6m0s", ms(360_000)),
            ("soon", None),
        ] {
            let tokens = headers(&[
                ("x-ratelimit-remaining-tokens", "0"),
                ("x-ratelimit-reset-tokens", reset),
            ]);
            assert_eq!(used_up(&tokens, now()), expected, "{reset}");
        }
        let anthropic = headers(&[
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", "2026-11-21T10:00:03Z"),
            ("anthropic-ratelimit-input-tokens-remaining", "0"),
            (
                "anthropic-ratelimit-input-tokens-reset",
                "2026-11-21T10:00:09Z",
            ),
        ]);
        assert_eq!(used_up(&anthropic, now()), ms(9_000));
    }

    #[test]
    fn a_body_tells_quota_and_delay() {
        let quota = throttled(br#"{"error": {"code": "insufficient_quota"}}"#);
        assert!(quota.out_of_quota);
        let gemini = br#"{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [
            {"@type": "type.googleapis.com/google.rpc.Help"},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}]}}"#;
        let gemini = throttled(gemini);
        assert_eq!(
            (gemini.out_of_quota, gemini.retry_after),
            (false, ms(34_500))
        );
        for other in ["", "[]", r#"{"error": {"code": "rate_limit_exceeded"}}"#] {
            assert_eq!(throttled(other.as_bytes()), Throttled::default(), "{other}");
        }
    }
}

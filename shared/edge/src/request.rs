//! What is read of a request's headers and body.

use http::{HeaderMap, header::AUTHORIZATION};
use serde::de::DeserializeOwned;
use sfv::{BareItem, Dictionary, ListEntry, Parser};

use crate::error::Error;
use dodolens_domain::ids::SessionId;
use dodolens_wire::problem::ProblemCode;

/// Most bytes of a JSON body, of a body that nobody reads, and of a WebSocket message.
pub const MAX_JSON_BYTES: usize = 4 * 1024;

/// Puts the session that a path names on every log line of its request. What is no session id is not logged.
#[must_use]
pub fn span(session: Option<&str>) -> tracing::Span {
    let id = session.and_then(|id| id.parse::<SessionId>().ok());
    tracing::info_span!("request", session = id.map(tracing::field::display))
}

/// The token of `Authorization: Bearer <token>` (RFC 6750, section 2.1).
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The SHA-256 of `Content-Digest` (RFC 9530); `None` without the header. Other algorithms beside it are passed over.
///
/// # Errors
/// `invalid_digest` when the header can't be read or has no `sha-256`.
pub fn content_digest(headers: &HeaderMap) -> Result<Option<[u8; 32]>, Error> {
    let mut values = headers.get_all("content-digest").iter().peekable();
    if values.peek().is_none() {
        return Ok(None);
    }
    let joined = values
        .map(|value| value.as_bytes())
        .collect::<Vec<_>>()
        .join(&b", "[..]);
    let dictionary: Dictionary = Parser::new(&joined)
        .parse()
        .map_err(|_| Error::from(ProblemCode::InvalidDigest))?;
    match dictionary.get("sha-256") {
        Some(ListEntry::Item(item)) => match &item.bare_item {
            BareItem::ByteSequence(bytes) => bytes
                .as_slice()
                .try_into()
                .map(Some)
                .map_err(|_| ProblemCode::InvalidDigest.into()),
            _ => Err(ProblemCode::InvalidDigest.into()),
        },
        _ => Err(ProblemCode::InvalidDigest.into()),
    }
}

/// Refuses a body of more than `most` bytes. To be called before anything else is done for the request.
///
/// # Errors
/// `body_too_large`.
pub fn limit_body(body: &[u8], most: usize) -> Result<(), Error> {
    if body.len() > most {
        return Err(ProblemCode::BodyTooLarge.into());
    }
    Ok(())
}

/// A JSON body.
///
/// # Errors
/// `body_too_large`, `invalid_json`, or `invalid_request` naming the place but nothing of the body.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    limit_body(body, MAX_JSON_BYTES)?;
    let value: serde_json::Value = serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Error::RejectedFor(ProblemCode::InvalidJson, place.into())
    })?;
    serde_json::from_value(value).map_err(|_| ProblemCode::InvalidRequest.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn a_bearer_token_is_read_in_any_case() {
        assert_eq!(bearer(&headers("authorization", "Bearer abc")), Some("abc"));
        assert_eq!(bearer(&headers("authorization", "bearer abc")), Some("abc"));
        assert_eq!(bearer(&headers("authorization", "Basic abc")), None);
        assert_eq!(bearer(&headers("authorization", "Bearer")), None);
        assert_eq!(bearer(&HeaderMap::new()), None);
    }

    #[test]
    fn a_digest_is_read_as_rfc_9530_writes_it() {
        let rfc = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
        assert_eq!(content_digest(&HeaderMap::new()), Ok(None));
        let digest = content_digest(&headers("content-digest", rfc))
            .unwrap()
            .unwrap();
        assert_eq!(digest[..2], [0x44, 0xaf]);
        assert!(
            content_digest(&headers("content-digest", &format!("md5=:AAAA:, {rfc}")))
                .unwrap()
                .is_some()
        );
        for bad in [
            "",
            "sha-256",
            "sha-256=:AAAA:",
            "sha-256=abc",
            "sha-512=:AAAA:",
            "sha-256=:R",
            ":::",
        ] {
            let error = content_digest(&headers("content-digest", bad)).unwrap_err();
            assert_eq!(error.code(), ProblemCode::InvalidDigest, "{bad}");
        }
    }

    #[test]
    fn a_bad_body_is_told_by_its_kind() {
        let read = |body: &[u8]| {
            json::<dodolens_wire::http::CreateSession>(body)
                .unwrap_err()
                .code()
        };
        assert_eq!(read(b""), ProblemCode::InvalidJson);
        assert_eq!(read(b"{\"totalBytes\":\xff}"), ProblemCode::InvalidJson);
        assert_eq!(read(b"[]"), ProblemCode::InvalidRequest);
        assert_eq!(read(br#"{"totalBytes":1}"#), ProblemCode::InvalidRequest);
        assert_eq!(
            read(br#"{"totalBytes":-1,"contentType":"video/mp4"}"#),
            ProblemCode::InvalidRequest
        );
        assert_eq!(
            read(br#"{"totalBytes":1,"contentType":"video/mp4","x":1}"#),
            ProblemCode::InvalidRequest
        );
        assert_eq!(
            read(&vec![b' '; MAX_JSON_BYTES + 1]),
            ProblemCode::BodyTooLarge
        );
    }
}

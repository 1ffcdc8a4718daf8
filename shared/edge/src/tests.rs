//! Whatever a client sends: it is read as it was meant, or refused with a code, and never a panic.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use dodolens_app::error::Error as AppError;
use dodolens_testing::{damaged, damaged_json, damaged_text};
use dodolens_wire::{
    http::CreateSession,
    problem::{Problem, ProblemCode},
    ws::ClientMessage,
};
use http::{HeaderMap, HeaderValue};
use proptest::{collection::vec, prelude::*, sample::select};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    credential::credential_of_subprotocols,
    error::Error,
    origin::{AllowedOrigins, Origin},
    request::{self, MAX_JSON_BYTES},
    response,
};

const ID: &str = "0123456789abcdef0123456789abcdef";

fn create() -> Value {
    json!({"totalBytes": 80_000_000, "contentType": "video/mp4", "chunkBytes": 1_048_576, "locale": "fr-CH"})
}

fn header(name: &'static str, values: &[Vec<u8>]) -> HeaderMap {
    let values = values
        .iter()
        .filter_map(|it| HeaderValue::from_bytes(it).ok());
    values
        .map(|value| (http::HeaderName::from_static(name), value))
        .collect()
}

/// Reads a body as one of the two kinds that clients send; a refusal tells where, and nothing of what is there.
fn read_body<T: DeserializeOwned>(body: &[u8]) -> Result<Option<T>, TestCaseError> {
    match request::json(body) {
        Ok(read) => Ok(Some(read)),
        Err(Error::Rejected(code)) => {
            let right = match code {
                ProblemCode::BodyTooLarge => body.len() > MAX_JSON_BYTES,
                ProblemCode::InvalidRequest => serde_json::from_slice::<Value>(body).is_ok(),
                _ => false,
            };
            prop_assert!(right, "{code:?}");
            Ok(None)
        }
        Err(Error::RejectedFor(ProblemCode::InvalidJson, place)) => {
            let known = ["line", " ", ",", "column"];
            let rest = known
                .iter()
                .fold(place.into_owned(), |text, word| text.replace(word, ""));
            prop_assert!(rest.bytes().all(|byte| byte.is_ascii_digit()), "{rest}");
            Ok(None)
        }
        Err(other) => Err(TestCaseError::fail(other.to_string())),
    }
}

fn subprotocols() -> String {
    format!("dodolens.v1, session.{ID}.{ID}{ID}")
}

proptest! {
    #[test]
    fn a_damaged_body(
        body in damaged(create().to_string().as_bytes()),
        join in damaged(json!({"action": "join_session", "sessionId": ID}).to_string().as_bytes()),
        noise in vec(any::<u8>(), 0..64),
        long in 0_usize..2 * MAX_JSON_BYTES,
    ) {
        for body in [body, join, noise, vec![b' '; long]] {
            read_body::<CreateSession>(&body)?;
            read_body::<ClientMessage>(&body)?;
        }
    }

    #[test]
    fn a_body_with_other_members(
        body in damaged_json(create()),
        join in damaged_json(json!({"action": "join_session", "sessionId": ID})),
    ) {
        if let Some(read) = read_body::<CreateSession>(body.to_string().as_bytes())? {
            // An absent member and null are the same; nothing else is passed over.
            let mut written = serde_json::to_value(read).unwrap();
            for (name, value) in body.as_object().unwrap() {
                prop_assert!(value.is_null() || written[name].take() == *value, "{name}");
            }
        }
        if let Some(ClientMessage::JoinSession { session_id }) = read_body(join.to_string().as_bytes())? {
            prop_assert_eq!(&join["sessionId"], &Value::from(session_id));
        }
    }

    #[test]
    fn every_problem_is_told(code in select(ProblemCode::ALL), place: String, missing: Vec<(u32, u32)>, seconds: u32) {
        let missing = missing.into_iter().map(Into::into).collect();
        for error in [
            Error::RejectedFor(code, place.into()),
            AppError::ChunksMissing(missing).into(),
            AppError::TooManySessions { retry_after: seconds }.into(),
        ] {
            let answer = response::problem(&error);
            let told: Problem = serde_json::from_str(answer.body()).unwrap();
            prop_assert_eq!(answer.status().as_u16(), told.status);
            prop_assert_eq!(told, error.problem());
        }
    }

    #[test]
    fn any_digest_is_read(digest: [u8; 32]) {
        let value = format!("sha-512=:AAAA:, sha-256=:{}:;a=1", BASE64_STANDARD.encode(digest));
        let headers = header("content-digest", &[value.into_bytes()]);
        prop_assert_eq!(request::content_digest(&headers), Ok(Some(digest)));
    }

    #[test]
    fn damaged_headers(
        digest in vec(damaged(b"sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"), 0..3),
        bearer in damaged(format!("Bearer {ID}{ID}").as_bytes()),
        noise in vec(any::<u8>(), 0..80),
    ) {
        let there = header("content-digest", &digest);
        match request::content_digest(&there) {
            Ok(read) => prop_assert_eq!(read.is_none(), there.is_empty()),
            Err(error) => prop_assert_eq!(error.code(), ProblemCode::InvalidDigest),
        }
        let _ = request::content_digest(&header("content-digest", std::slice::from_ref(&noise)));
        for value in [bearer, noise] {
            let headers = header("authorization", &[value]);
            if let Some(token) = request::bearer(&headers) {
                let value = headers["authorization"].to_str().unwrap();
                prop_assert!(value.trim_end().ends_with(token));
            }
        }
    }

    #[test]
    fn damaged_subprotocols(offered in damaged_text(&subprotocols()), noise: String) {
        for offered in [offered, noise] {
            if let Ok(credential) = credential_of_subprotocols(&offered) {
                let needed = format!("session.{}.{}", credential.session, credential.token.expose());
                prop_assert!(offered.contains("dodolens.v1") && offered.contains(&needed));
            }
        }
    }

    #[test]
    fn an_origin_has_scheme_host_and_port_alone(origin in damaged_text("https://app.example:8443"), noise: String) {
        for text in [&origin, &noise] {
            if text.parse::<Origin>().is_ok() {
                let (scheme, rest) = text.split_once("://").unwrap();
                let (host, port) = match rest.rsplit_once(':') {
                    Some((host, port)) if !rest.ends_with(']') => (host, port),
                    _ => (rest, "0"),
                };
                prop_assert!(!scheme.is_empty() && !host.is_empty(), "{text}");
                prop_assert!(!host.contains(['@', '/', '?', '#', ',', ' ']), "{text}");
                prop_assert!(port.bytes().all(|byte| byte.is_ascii_digit()), "{text}");
            }
            let list: Result<AllowedOrigins, _> = format!("https://other.example,{text}").parse();
            if let Ok(list @ AllowedOrigins::Listed { .. }) = list {
                prop_assert!(list.admit(Some("https://other.example")));
                prop_assert!(!list.admit(Some("https://evil.example")));
            }
        }
    }
}

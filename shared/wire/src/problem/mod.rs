//! Problems (RFC 9457), each with a stable code.

mod code;

use serde::{Deserialize, Serialize};

pub use code::ProblemCode;

use dodolens_domain::{locale::Locale, ranges::IndexRange, session::Failure};

/// The media type of a problem.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// An `application/problem+json` body; also the `data` of an `error` event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// A URI that names the kind of problem: `urn:dodolens:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem, for a reader.
    pub title: String,
    /// The HTTP status that goes with it.
    pub status: u16,
    /// The kind of problem, for a program.
    pub code: ProblemCode,
    /// This occurrence, for a developer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// With `chunks_missing`: which, as inclusive ranges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<IndexRange>>,
    /// Seconds after which to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl Problem {
    /// A problem in English, without detail.
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        Self::localized(code, Locale::En)
    }

    /// A problem that a family is shown.
    #[must_use]
    pub fn localized(code: ProblemCode, locale: Locale) -> Self {
        Self {
            kind: format!("urn:dodolens:problem:{}", code.as_str()),
            title: code.title().get(locale).to_owned(),
            status: code.status(),
            code,
            detail: None,
            missing: None,
            retry_after: code.retry_after(),
        }
    }

    /// Adds what is particular to this occurrence. Must hold nothing of the request's body.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Why a session has no inventory.
    #[must_use]
    pub fn of_failure(failure: Failure, locale: Locale) -> Self {
        Self::localized(ProblemCode::from(failure), locale)
    }
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        Self::new(code)
    }
}

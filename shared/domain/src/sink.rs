//! Systems of the mover that results are handed to.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::ids::Malformed;

/// Where results go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SinkName {
    /// A table of Airtable.
    Airtable,
    /// A signed webhook.
    Webhook,
}

impl SinkName {
    /// The name in configuration, messages and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Airtable => "airtable",
            Self::Webhook => "webhook",
        }
    }
}

impl fmt::Display for SinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SinkName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        [Self::Airtable, Self::Webhook]
            .into_iter()
            .find(|sink| sink.as_str() == text)
            .ok_or(Malformed("name of a sink"))
    }
}

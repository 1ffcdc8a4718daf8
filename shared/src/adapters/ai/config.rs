use std::{fmt, time::Duration};

use zeroize::Zeroizing;

/// Which provider, which models, how long to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAiConfig {
    /// Everything before `/responses`, such as `https://eu.api.openai.com/v1`.
    pub base_url: String,
    /// Model that sees.
    pub vision_model: String,
    /// Model that understands what was said.
    pub cue_model: String,
    /// Model that hears.
    pub transcribe_model: String,
    /// How closely the model looks at a picture.
    pub detail: Detail,
    /// How the languages of a sound are named.
    pub transcribe_form: TranscribeForm,
    /// All attempts of one vision call are done within this.
    pub vision_deadline: Duration,
    /// The same for a transcription.
    pub transcribe_deadline: Duration,
    /// The same for reading cues.
    pub cue_deadline: Duration,
}

/// `detail` of an input image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// The provider chooses.
    Auto,
    /// Scaled down by the provider.
    Low,
    /// As sent, up to the provider's limit.
    High,
}

/// The two ways in which transcription servers are told about languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TranscribeForm {
    /// `languages[]` and `keywords[]`, as gpt-transcribe takes them.
    Languages,
    /// `language`, as whisper-1 and the compatible servers take it.
    Language,
}

impl std::str::FromStr for TranscribeForm {
    type Err = UnknownForm;

    /// By the names of the template's parameter: `gpt`, `whisper`.
    fn from_str(name: &str) -> Result<Self, UnknownForm> {
        match name {
            "gpt" => Ok(Self::Languages),
            "whisper" => Ok(Self::Language),
            _ => Err(UnknownForm),
        }
    }
}

/// Neither `gpt` nor `whisper`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the form of transcription requests is gpt or whisper")]
pub struct UnknownForm;

/// A provider's key. Wiped on drop, redacted when shown.
#[derive(Clone)]
pub struct ApiKey(pub(super) Zeroizing<String>);

impl From<Zeroizing<String>> for ApiKey {
    fn from(key: Zeroizing<String>) -> Self {
        Self(key)
    }
}

impl From<String> for ApiKey {
    fn from(key: String) -> Self {
        Self(Zeroizing::new(key))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key redacted]")
    }
}

/// The provider can't be called with this configuration. Shows neither URL nor key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not an absolute `http` or `https` URL, or one with a user name, a query or a fragment.
    #[error("the provider's base URL is not usable")]
    BaseUrl,
    /// Has characters that no header can carry, or is empty.
    #[error("the provider's key is not usable")]
    Key,
    /// TLS could not be set up.
    #[error("the HTTP client can't be set up")]
    Client,
}

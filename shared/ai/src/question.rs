//! A question that wants an answer in JSON, before it takes the form of a provider's API.

use std::{fmt, io, time::Duration};

use base64::{display::Base64Display, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use zeroize::Zeroizing;

use dodolens_app::ports::ModelError;
use dodolens_domain::evidence::Usage;

/// A question.
pub(super) struct Question<'a> {
    /// What the model is to do.
    pub(super) instructions: String,
    /// What it is shown: data, never instructions.
    pub(super) shown: Vec<Part<'a>>,
    /// Name of the answer's schema.
    pub(super) name: &'static str,
    /// JSON Schema of the answer.
    pub(super) schema: Value,
    /// Most tokens of the answer.
    pub(super) max_output_tokens: u32,
}

impl Question<'_> {
    /// Its size without pictures and sound.
    pub(super) fn size(&self) -> Size {
        let texts = self.shown.iter().map(|part| match part {
            Part::Text(text) => text.len(),
            Part::Jpeg(_) => 0,
        });
        let mut length = Counter(0);
        // Counting can't fail.
        let _ = serde_json::to_writer(&mut length, &self.schema);
        Size {
            text: self.instructions.len() + length.0 + texts.sum::<usize>(),
            output_tokens: self.max_output_tokens,
            ..Size::default()
        }
    }
}

/// A piece of what the model is shown.
pub(super) enum Part<'a> {
    Text(Zeroizing<String>),
    Jpeg(&'a [u8]),
}

/// The most that a request can bring along and get back.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Size {
    /// Bytes of text, instructions and schema included.
    pub(super) text: usize,
    /// Pictures of at most 1024 by 1024 pixels.
    pub(super) pictures: usize,
    /// Sound.
    pub(super) sound: Duration,
    /// Tokens of the answer.
    pub(super) output_tokens: u32,
}

/// What a provider answered, not yet read.
pub(super) struct Answer {
    /// It should be JSON in the form that was asked for.
    pub(super) text: Result<Zeroizing<String>, ModelError>,
    /// What it used; its cost is not in it yet.
    pub(super) used: Usage,
}

/// Bytes in base64, encoded straight into the request.
pub(super) struct Base64<'a>(pub(super) &'a [u8]);

impl Serialize for Base64<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &STANDARD))
    }
}

/// A JPEG as a data URL (RFC 2397), encoded straight into the request.
pub(super) struct DataUrl<'a>(pub(super) &'a [u8]);

impl fmt::Display for DataUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("data:image/jpeg;base64,")?;
        Base64Display::new(self.0, &STANDARD).fmt(f)
    }
}

impl Serialize for DataUrl<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A request as JSON, in one buffer that was never moved and wipes itself.
pub(super) fn to_json(request: &impl Serialize) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let mut length = Counter(0);
    serde_json::to_writer(&mut length, request)?;
    let mut json = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *json, request)?;
    Ok(json)
}

/// Counts what would be written.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// For a field that is plaintext: its text wipes itself.
pub(super) fn wiping<'de, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<Zeroizing<String>>, D::Error> {
    Option::deserialize(d).map(|text: Option<String>| text.map(Zeroizing::new))
}

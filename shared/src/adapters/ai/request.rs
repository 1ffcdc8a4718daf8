//! Requests to the Responses API (<https://platform.openai.com/docs/api-reference/responses/create>).

use std::{fmt, io, time::Duration};

use base64::{display::Base64Display, engine::general_purpose::STANDARD};
use http::header;
use serde::{Serialize, Serializer};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    Detail,
    call::{Caller, send, wiped_body, with_retries},
    response::{self, Answer},
};
use crate::{
    domain::{evidence::Transcript, media::Frame},
    ports::ModelError,
};

/// A request for one structured answer.
#[derive(Serialize)]
pub(super) struct Request<'a> {
    model: &'a str,
    instructions: &'a str,
    input: [Message<'a>; 1],
    text: Text,
    /// Deliberation costs time and is not needed here.
    reasoning: Reasoning,
    max_output_tokens: u32,
    /// Nothing may stay with the provider.
    store: bool,
}

impl<'a> Request<'a> {
    /// A request to `model` for an answer in the form of `schema`.
    pub(super) fn new(
        model: &'a str,
        instructions: &'a str,
        content: Vec<Content<'a>>,
        name: &'static str,
        schema: Value,
        max_output_tokens: u32,
    ) -> Self {
        Self {
            model,
            instructions,
            input: [Message {
                role: "user",
                content,
            }],
            text: Text {
                format: Format {
                    kind: "json_schema",
                    name,
                    strict: true,
                    schema,
                },
            },
            reasoning: Reasoning { effort: "none" },
            max_output_tokens,
            store: false,
        }
    }

    /// The request as JSON, in one buffer that was never moved and wipes itself.
    fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        let mut length = Counter(0);
        serde_json::to_writer(&mut length, self)?;
        let mut json = Zeroizing::new(Vec::with_capacity(length.0));
        serde_json::to_writer(&mut *json, self)?;
        Ok(json)
    }
}

/// What the user shows: each frame after a line with its number.
pub(super) fn frames(frames: &[Frame], detail: Detail) -> Vec<Content<'_>> {
    frames
        .iter()
        .enumerate()
        .flat_map(|(index, frame)| {
            [
                Content::InputText {
                    text: Zeroizing::new(format!("Frame {index}")),
                },
                Content::InputImage {
                    image_url: DataUrl(frame.jpeg.expose()),
                    detail,
                },
            ]
        })
        .collect()
}

/// What the user said.
pub(super) fn transcript(transcript: &Transcript) -> Vec<Content<'_>> {
    vec![Content::InputText {
        text: Zeroizing::new(transcript.expose().to_owned()),
    }]
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Vec<Content<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Content<'a> {
    InputText {
        #[serde(serialize_with = "exposed")]
        text: Zeroizing<String>,
    },
    InputImage {
        image_url: DataUrl<'a>,
        detail: Detail,
    },
}

fn exposed<S: Serializer>(text: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// A JPEG as a data URL (RFC 2397), encoded straight into the request.
pub(super) struct DataUrl<'a>(&'a [u8]);

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

#[derive(Serialize)]
struct Text {
    format: Format,
}

#[derive(Serialize)]
struct Format {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    strict: bool,
    schema: Value,
}

#[derive(Serialize)]
struct Reasoning {
    effort: &'static str,
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

impl Caller {
    /// Asks for one structured answer.
    pub(super) async fn respond(
        &self,
        request: &Request<'_>,
        deadline: Duration,
    ) -> Result<Answer, ModelError> {
        let body = wiped_body(request.to_json().map_err(|_| ModelError::Malformed)?);
        with_retries(deadline, || async {
            let request = self
                .post("/responses")
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.clone());
            response::read(&send(request).await?)
        })
        .await
    }
}

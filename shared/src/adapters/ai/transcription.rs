//! The transcription API (<https://platform.openai.com/docs/api-reference/audio/createTranscription>).

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    TranscribeForm,
    call::{Caller, Failure, send, wiped_body, with_retries},
    prompts,
};
use crate::{
    domain::{
        evidence::{Transcript, Usage},
        locale::Locale,
        media::Sound,
    },
    ports::{ModelError, Read},
};

/// What is asked.
pub(super) struct Request<'a> {
    pub(super) model: &'a str,
    pub(super) form: TranscribeForm,
    pub(super) sound: &'a Sound,
    pub(super) locale: Locale,
}

impl Caller {
    /// Asks what is said.
    pub(super) async fn transcribe(
        &self,
        request: &Request<'_>,
        deadline: Duration,
    ) -> Result<Read<Transcript>, ModelError> {
        let sound = request.sound;
        let bytes = wiped_body(Zeroizing::new(sound.bytes.expose().to_vec()));
        with_retries(deadline, || async {
            let file = Part::stream_with_length(bytes.clone(), bytes.len() as u64)
                .file_name(sound.format.file_name())
                .mime_str(sound.format.mime())
                .map_err(|_| Failure::lasting(ModelError::Malformed))?;
            let form = fields(request).part("file", file);
            let json = send(self.post("/audio/transcriptions").multipart(form)).await?;
            read(&json, sound.duration)
        })
        .await
    }
}

fn fields(request: &Request<'_>) -> Form {
    let form = Form::new()
        .percent_encode_noop()
        .text("model", request.model.to_owned())
        .text("response_format", "json");
    match request.form {
        TranscribeForm::Language => form.text("language", request.locale.code()),
        TranscribeForm::Languages => prompts::keywords(request.locale).fold(
            form.text("languages[]", request.locale.code()),
            |form, word| form.text("keywords[]", word),
        ),
    }
}

#[derive(Deserialize)]
struct Response {
    text: String,
    usage: Option<Used>,
}

/// Providers bill either tokens or seconds.
#[derive(Deserialize)]
struct Used {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
    seconds: Option<f64>,
}

/// Takes the text out of an answer about sound of this duration.
pub(super) fn read(json: &[u8], duration: Duration) -> Result<Read<Transcript>, Failure> {
    let response: Response =
        serde_json::from_slice(json).map_err(|_| Failure::lasting(ModelError::Malformed))?;
    let used = response.usage;
    let seconds = used
        .as_ref()
        .and_then(|used| used.seconds)
        .filter(|seconds| seconds.is_finite())
        .unwrap_or(duration.as_secs_f64());
    Ok(Read {
        answer: Transcript::from(response.text),
        usage: Usage {
            input_tokens: used.as_ref().map_or(0, |used| used.input_tokens),
            output_tokens: used.as_ref().map_or(0, |used| used.output_tokens),
            // A float cast saturates, and a second begun is a second billed.
            audio_seconds: seconds.ceil() as u64,
        },
    })
}

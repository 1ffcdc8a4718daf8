//! The transcription API (<https://platform.openai.com/docs/api-reference/audio/createTranscription>), in the form of
//! gpt-transcribe and in that of whisper-1, which speaches (<https://speaches.ai>) and vLLM have too.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    call::{Caller, Failed, Good, send, wiped_body},
    prompts,
};
use dodolens_app::ports::ModelError;
use dodolens_domain::{
    evidence::{Transcript, Usage},
    locale::Locale,
    media::Sound,
};

/// How a request names languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Languages {
    /// `languages[]`, and with them `keywords[]`: gpt-transcribe.
    Several,
    /// `language`: whisper-1.
    One,
}

/// Asks once what is said.
pub(super) async fn transcribe(
    caller: &Caller,
    model: &str,
    languages: Languages,
    sound: &Sound,
    locale: Locale,
) -> Result<Good<Transcript>, Failed> {
    let bytes = wiped_body(Zeroizing::new(sound.bytes.expose().to_vec()));
    let length = bytes.len() as u64;
    let file = Part::stream_with_length(bytes, length)
        .file_name(sound.format.file_name())
        .mime_str(sound.format.mime())
        .map_err(|_| ModelError::Malformed)?;
    let form = fields(model, languages, locale).part("file", file);
    let reply = send(caller.post("/audio/transcriptions").multipart(form)).await?;
    let (answer, used) = read(&reply.body, sound.duration)?;
    Ok(Good {
        answer,
        used,
        rest: reply.rest,
    })
}

fn fields(model: &str, languages: Languages, locale: Locale) -> Form {
    let form = Form::new()
        .percent_encode_noop()
        .text("model", model.to_owned())
        .text("response_format", "json");
    match languages {
        Languages::One => form.text("language", locale.code()),
        Languages::Several => prompts::keywords(locale)
            .fold(form.text("languages[]", locale.code()), |form, word| {
                form.text("keywords[]", word)
            }),
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
pub(super) fn read(json: &[u8], duration: Duration) -> Result<(Transcript, Usage), ModelError> {
    let response: Response = serde_json::from_slice(json).map_err(|_| ModelError::Malformed)?;
    let used = response.usage;
    let seconds = used
        .as_ref()
        .and_then(|used| used.seconds)
        .filter(|seconds| seconds.is_finite())
        .unwrap_or(duration.as_secs_f64());
    let usage = Usage {
        input_tokens: used.as_ref().map_or(0, |used| used.input_tokens),
        output_tokens: used.as_ref().map_or(0, |used| used.output_tokens),
        // A float cast saturates, and a second begun is a second billed.
        audio_seconds: seconds.ceil() as u64,
        ..Usage::default()
    };
    Ok((Transcript::from(response.text), usage))
}

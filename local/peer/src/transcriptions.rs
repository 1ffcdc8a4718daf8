//! `POST /v1/audio/transcriptions`: sound in, text out
//! (<https://platform.openai.com/docs/api-reference/audio/createTranscription>).

use std::{convert::Infallible, sync::Arc};

use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use multer::Multipart;
use serde_json::json;
use tokio::task::spawn_blocking;

use super::{
    Shared, audio, dtmf,
    error::ApiError,
    options::{Provider, Seen, Task, TranscriptionModel},
};
use dodolens_video::markers;

/// Most megabytes of a sound file.
const MAX_FILE_MEGABYTES: usize = 25;
/// Most megabytes of a request: the file and some fields.
const MAX_MEGABYTES: usize = 26;

/// OpenAI's.
pub(super) async fn open_ai(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let models = shared.options.transcription_models.clone();
    handle(&shared, Provider::OpenAi, models, request).await
}

/// That of a compatible server: in the form of whisper-1.
pub(super) async fn compatible(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let names = shared.options.models(Provider::Compatible).into_iter();
    let models = names.map(|name| TranscriptionModel {
        name,
        takes_languages: false,
    });
    let models = models.collect();
    handle(&shared, Provider::Compatible, models, request).await
}

async fn handle(
    shared: &Shared,
    provider: Provider,
    models: Vec<TranscriptionModel>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(error) = shared.authorize(provider, &parts.headers) {
        return error.of(provider);
    }
    let boundary = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| multer::parse_boundary(value.to_str().ok()?).ok());
    let Some(boundary) = boundary else {
        return ApiError::unsupported_media_type().into_response();
    };
    let Ok(bytes) = to_bytes(body, MAX_MEGABYTES << 20).await else {
        return ApiError::too_large(MAX_FILE_MEGABYTES).into_response();
    };
    shared
        .answer(
            Seen::new(provider, Task::Transcription, bytes.len()),
            async |seen| {
                let form = Form::read(bytes, boundary).await?;
                let model = form.check(&models)?;
                let takes_languages = model.takes_languages;
                let as_text = form.response_format == "text";
                let (text, seconds) = spawn_blocking(move || hear(form))
                    .await
                    .map_err(|_| ApiError::failed(StatusCode::INTERNAL_SERVER_ERROR))??;
                seen.audio_seconds = seconds;
                if as_text {
                    return Ok(format!("{text}\n").into_response());
                }
                let usage = json!({"type": "duration", "seconds": seconds.ceil()});
                Ok(if takes_languages {
                    Json(json!({"text": text, "languages": [], "usage": usage})).into_response()
                } else {
                    Json(json!({"text": text, "usage": usage})).into_response()
                })
            },
        )
        .await
}

fn hear(form: Form) -> Result<(String, f64), ApiError> {
    let (name, file) = form.file;
    let sound =
        audio::decode(&name, file).map_err(|error| ApiError::invalid("file", error.to_string()))?;
    Ok((text_of(&dtmf::keys(&sound)), sound.seconds()))
}

/// The text between the marks. Where there are no marks, nothing was said.
pub(super) fn text_of(keys: &str) -> String {
    let text = markers::text_of(keys).unwrap_or_else(|error| {
        tracing::warn!(%error, "the simulated AI peer hears broken tones");
        None
    });
    text.unwrap_or_default()
}

/// The fields of a request.
struct Form {
    file: (String, Bytes),
    model: String,
    response_format: String,
    language: Option<String>,
    languages: Vec<String>,
    keywords: Vec<String>,
}

impl Form {
    async fn read(body: Bytes, boundary: String) -> Result<Self, ApiError> {
        let broken = |_| ApiError::invalid("body", "Could not parse multipart form.");
        let whole = futures::stream::once(async { Ok::<_, Infallible>(body) });
        let mut multipart = Multipart::new(whole, boundary);
        let (mut file, mut model, mut response_format, mut language) = (None, None, None, None);
        let (mut languages, mut keywords) = (Vec::new(), Vec::new());
        while let Some(field) = multipart.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            let once = match name.as_str() {
                "file" => {
                    let file_name = field.file_name().unwrap_or_default().to_owned();
                    let bytes = field.bytes().await.map_err(broken)?;
                    file.replace((file_name, bytes)).is_none()
                }
                "model" => model.replace(field.text().await.map_err(broken)?).is_none(),
                "response_format" => response_format
                    .replace(field.text().await.map_err(broken)?)
                    .is_none(),
                "language" => language
                    .replace(field.text().await.map_err(broken)?)
                    .is_none(),
                "languages[]" => {
                    languages.push(field.text().await.map_err(broken)?);
                    true
                }
                "keywords[]" => {
                    keywords.push(field.text().await.map_err(broken)?);
                    true
                }
                _ => return Err(ApiError::unknown_parameter(name)),
            };
            if !once {
                return Err(ApiError::invalid(name, "Given more than once."));
            }
        }
        Ok(Self {
            file: file.ok_or(ApiError::missing_parameter("file"))?,
            model: model.ok_or(ApiError::missing_parameter("model"))?,
            response_format: response_format.unwrap_or("json".into()),
            language,
            languages,
            keywords,
        })
    }

    /// Everything but the sound itself.
    fn check<'a>(
        &self,
        models: &'a [TranscriptionModel],
    ) -> Result<&'a TranscriptionModel, ApiError> {
        let model = models
            .iter()
            .find(|model| model.name == self.model)
            .ok_or_else(ApiError::model_not_found)?;
        let refused = if model.takes_languages {
            self.language.is_some().then_some("language")
        } else if !self.languages.is_empty() {
            Some("languages[]")
        } else {
            (!self.keywords.is_empty()).then_some("keywords[]")
        };
        if let Some(refused) = refused {
            return Err(ApiError::invalid(refused, "Not supported by this model."));
        }
        let code = |text: &String| text.len() == 2 && text.bytes().all(|b| b.is_ascii_lowercase());
        if !self.language.iter().chain(&self.languages).all(code) {
            return Err(ApiError::invalid(
                "language",
                "Languages must be in ISO-639-1 format.",
            ));
        }
        if self
            .keywords
            .iter()
            .any(|keyword| keyword.trim().is_empty())
        {
            return Err(ApiError::invalid("keywords[]", "A keyword is empty."));
        }
        if !["json", "text"].contains(&self.response_format.as_str()) {
            return Err(ApiError::invalid(
                "response_format",
                "Supported values are: 'json' and 'text'.",
            ));
        }
        if self.file.1.len() > MAX_FILE_MEGABYTES << 20 {
            return Err(ApiError::too_large(MAX_FILE_MEGABYTES));
        }
        Ok(model)
    }
}

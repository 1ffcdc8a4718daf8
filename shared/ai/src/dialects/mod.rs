//! The forms in which providers take a question that wants an answer in JSON.

mod anthropic;
mod chat;
mod gemini;
mod responses;
mod streamed;

use http::header;
use streamed::Assemble;

use super::{
    call::{Caller, Failed, Good, begin, wiped_body},
    question::{Answer, Question},
};
use dodolens_app::ports::ModelError;
use dodolens_domain::media::Sound;

/// An API by which a provider is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    /// OpenAI: Responses, and transcriptions with `languages[]`.
    OpenAi,
    /// Anthropic: Messages.
    Anthropic,
    /// Google: generateContent.
    Gemini,
    /// A server that speaks as OpenAI does: Chat Completions, and transcriptions with `language`.
    Compatible,
}

impl Api {
    /// Asks once for one answer in JSON, which `read` understands. `sound` is for Gemini alone: no other API here takes it
    /// with a question. `shown` is given the answer's text piece by piece as it is written, where the provider streams it
    /// in a form that is known here.
    pub(super) async fn ask<T>(
        self,
        caller: &Caller,
        model: &str,
        question: &Question<'_>,
        sound: Option<&Sound>,
        shown: Option<&mut (dyn FnMut(&str) + Send)>,
        read: impl Fn(&str) -> Result<T, ModelError>,
    ) -> Result<Good<T>, Failed> {
        let streamed = shown.and_then(|shown| Some((self.assembler()?, shown)));
        let stream = streamed.is_some();
        let (path, body) = match self {
            Self::OpenAi => (
                "/responses".into(),
                responses::body(model, question, stream),
            ),
            Self::Anthropic => ("/messages".into(), anthropic::body(model, question)),
            Self::Gemini => (gemini::path(model), gemini::body(question, sound)),
            Self::Compatible => (
                "/chat/completions".into(),
                chat::body(model, question, stream),
            ),
        };
        let body = wiped_body(body.map_err(|_| ModelError::Malformed)?);
        let request = caller
            .post(&path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        let mut begun = begin(request).await?;
        let rest = begun.rest;
        let Answer { text, used } = match streamed {
            Some((assembler, shown)) if begun.is_stream() => {
                streamed::read(&mut begun, assembler, shown).await?
            }
            _ => self.read(&begun.whole().await?.body)?,
        };
        match text.and_then(|text| read(&text)) {
            Ok(answer) => Ok(Good { answer, used, rest }),
            Err(error) => Err(Failed {
                error,
                used: Some(used),
            }),
        }
    }

    /// Puts a streamed answer together; `None` where answers come at once.
    pub(super) fn assembler(self) -> Option<Box<dyn Assemble + Send>> {
        match self {
            Self::OpenAi => Some(Box::<responses::Streamed>::default()),
            Self::Compatible => Some(Box::<chat::Streamed>::default()),
            Self::Anthropic | Self::Gemini => None,
        }
    }

    /// Takes the text out of an answer.
    pub(super) fn read(self, json: &[u8]) -> Result<Answer, ModelError> {
        match self {
            Self::OpenAi => responses::read(json),
            Self::Anthropic => anthropic::read(json),
            Self::Gemini => gemini::read(json),
            Self::Compatible => chat::read(json),
        }
    }
}

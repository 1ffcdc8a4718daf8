//! The forms in which providers take a question that wants an answer in JSON.

mod anthropic;
mod chat;
mod gemini;
mod responses;

use http::header;

use super::{
    call::{Caller, Failed, Good, send, wiped_body},
    question::{Answer, Question},
};
use crate::{domain::media::Sound, ports::ModelError};

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
    /// with a question.
    pub(super) async fn ask<T>(
        self,
        caller: &Caller,
        model: &str,
        question: &Question<'_>,
        sound: Option<&Sound>,
        read: impl Fn(&str) -> Result<T, ModelError>,
    ) -> Result<Good<T>, Failed> {
        let (path, body) = match self {
            Self::OpenAi => ("/responses".into(), responses::body(model, question)),
            Self::Anthropic => ("/messages".into(), anthropic::body(model, question)),
            Self::Gemini => (gemini::path(model), gemini::body(question, sound)),
            Self::Compatible => ("/chat/completions".into(), chat::body(model, question)),
        };
        let body = wiped_body(body.map_err(|_| ModelError::Malformed)?);
        let request = caller
            .post(&path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        let reply = send(request).await?;
        let Answer { text, used } = self.read(&reply.body)?;
        match read(&text) {
            Ok(answer) => Ok(Good {
                answer,
                used,
                rest: reply.rest,
            }),
            Err(error) => Err(Failed {
                error,
                used: Some(used),
            }),
        }
    }

    /// Takes the text out of an answer.
    pub(super) fn read(self, json: &[u8]) -> Result<Answer, Failed> {
        match self {
            Self::OpenAi => responses::read(json),
            Self::Anthropic => anthropic::read(json),
            Self::Gemini => gemini::read(json),
            Self::Compatible => chat::read(json),
        }
    }
}

//! Models of AI providers, over OpenAI's wire format: OpenAI itself and any compatible server.
//!
//! Pictures and texts go to `POST {base}/responses`, sound to `POST {base}/audio/transcriptions`
//! (<https://platform.openai.com/docs/api-reference>). Requests and answers are wiped after use and never logged.

mod answers;
mod call;
mod config;
mod prompts;
mod request;
mod response;
mod schema;
#[cfg(test)]
mod tests;
mod transcription;

pub use config::{ApiKey, ConfigError, Detail, OpenAiConfig, TranscribeForm, UnknownForm};

use crate::{
    domain::{
        evidence::{Cue, Observation, Transcript},
        locale::Locale,
        media::{Frame, Sound},
    },
    ports::{CueReader, ModelError, Read, Transcriber, VisionModel},
};

use call::Caller;

/// Most tokens that a picture's objects may take in the answer: some 40 objects.
const TOKENS_PER_FRAME: u32 = 2_500;
/// Most tokens of what was said about objects.
const CUE_TOKENS: u32 = 6_000;

/// A provider that speaks OpenAI's wire format.
#[derive(Debug)]
pub struct OpenAi {
    config: OpenAiConfig,
    caller: Caller,
}

impl OpenAi {
    /// Makes no connection yet.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn new(config: OpenAiConfig, key: ApiKey) -> Result<Self, ConfigError> {
        let caller = Caller::new(&config.base_url, key)?;
        Ok(Self { config, caller })
    }
}

impl VisionModel for OpenAi {
    async fn observe(
        &self,
        frames: &[Frame],
        locale: Locale,
    ) -> Result<Read<Vec<Observation>>, ModelError> {
        let frame_count = u32::try_from(frames.len()).unwrap_or(u32::MAX);
        let instructions = prompts::vision(locale);
        let request = request::Request::new(
            &self.config.vision_model,
            &instructions,
            request::frames(frames, self.config.detail),
            "observations",
            schema::observations(),
            TOKENS_PER_FRAME.saturating_mul(frame_count),
        );
        let answer = self
            .caller
            .respond(&request, self.config.vision_deadline)
            .await?;
        Ok(Read {
            answer: answers::observations(answer.text(), frames.len())?,
            usage: answer.usage,
        })
    }
}

impl Transcriber for OpenAi {
    async fn transcribe(
        &self,
        sound: &Sound,
        locale: Locale,
    ) -> Result<Read<Transcript>, ModelError> {
        self.caller
            .transcribe(
                &transcription::Request {
                    model: &self.config.transcribe_model,
                    form: self.config.transcribe_form,
                    sound,
                    locale,
                },
                self.config.transcribe_deadline,
            )
            .await
    }
}

impl CueReader for OpenAi {
    async fn read(
        &self,
        transcript: &Transcript,
        locale: Locale,
    ) -> Result<Read<Vec<Cue>>, ModelError> {
        let instructions = prompts::cues(locale);
        let request = request::Request::new(
            &self.config.cue_model,
            &instructions,
            request::transcript(transcript),
            "cues",
            schema::cues(),
            CUE_TOKENS,
        );
        let answer = self
            .caller
            .respond(&request, self.config.cue_deadline)
            .await?;
        Ok(Read {
            answer: answers::cues(answer.text())?,
            usage: answer.usage,
        })
    }
}

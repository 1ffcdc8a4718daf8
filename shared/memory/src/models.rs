//! The decoder and the models: they answer what they are told to, once they have read what they are given.

use std::time::Duration;

use dodolens_app::ports::{
    CueReader, DecoderFault, Looked, MediaError, MediaExtractor, MediaLimits, ModelError, Read,
    ReadError, Terms, Transcriber, VideoSource, VisionModel,
};
use dodolens_domain::{
    evidence::{Cue, Transcript},
    joining::{Look, Open},
    media::{ExtractedMedia, Frame, Sound},
    money::Usd,
};
use tokio::{sync::watch, time::timeout};

use crate::{Call, Memory};

/// What a model answers.
pub type Script<A> = Result<A, ModelError>;

/// What the decoder and the models answer.
#[derive(Debug, Clone)]
pub struct Answers {
    /// What is in the video.
    pub media: Result<ExtractedMedia, MediaError>,
    /// What the pictures show.
    pub seen: Script<Looked>,
    /// Which of the things are the same, where that is open.
    pub same: Script<Vec<Vec<usize>>>,
    /// What is said.
    pub heard: Script<String>,
    /// What that says of objects.
    pub cues: Script<Vec<Cue>>,
}

impl MediaExtractor for Memory {
    /// All of the video is read first, within the time that extraction may take. What hangs then takes no notice of it.
    async fn extract(
        &self,
        video: &(impl VideoSource + Send),
        limits: &MediaLimits,
    ) -> Result<ExtractedMedia, MediaError> {
        let reading = timeout(limits.deadline, video.read_range(0..video.len()));
        drop(reading.await.map_err(|_| ReadError::TooSlow)??);
        let extracted = self.call(Call("MediaExtractor::extract"), |world| {
            world.script(|answers| answers.media.clone())
        });
        extracted.await.map_err(|_| DecoderFault::Crashed)?
    }
}

impl Memory {
    async fn answer<A: Clone>(
        &self,
        call: Call,
        answer: impl FnOnce(&Answers) -> Script<A>,
    ) -> Read<A> {
        let answered = self.call(call, |world| world.script(answer)).await;
        Read {
            answer: answered.unwrap_or(Err(ModelError::Unavailable)),
            calls: Vec::new(),
            left: Usd::ZERO,
        }
    }
}

impl VisionModel for Memory {
    async fn look(&self, _: &[Frame], _: &Terms, _: &watch::Sender<Vec<Look>>) -> Read<Looked> {
        self.answer(Call("VisionModel::look"), |it| it.seen.clone())
            .await
    }

    async fn tell_apart(&self, _: &[Open], _: &[f64], _: &Terms) -> Read<Vec<Vec<usize>>> {
        self.answer(Call("VisionModel::tell_apart"), |it| it.same.clone())
            .await
    }

    fn price(&self, _: usize) -> Usd {
        Usd::ZERO
    }
}

impl Transcriber for Memory {
    async fn transcribe(&self, _: &Sound, _: &Terms) -> Read<Transcript> {
        self.answer(Call("Transcriber::transcribe"), |it| {
            it.heard.clone().map(Into::into)
        })
        .await
    }

    fn price(&self, _: Duration) -> Usd {
        Usd::ZERO
    }
}

impl CueReader for Memory {
    async fn read(&self, _: &Transcript, _: &Terms) -> Read<Vec<Cue>> {
        self.answer(Call("CueReader::read"), |it| it.cues.clone())
            .await
    }

    fn price(&self, _: Duration) -> Usd {
        Usd::ZERO
    }
}

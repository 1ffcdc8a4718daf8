//! The models look and listen at the same time; what one can't give, the other still does.

use std::future::Future;

use crate::{
    domain::{
        evidence::{Cue, Evidence, Gap, Observation, Usage},
        locale::Locale,
        media::{ExtractedMedia, Sound},
    },
    ports::{CueReader, ModelError, Read, Transcriber, VisionModel},
};

/// Neither pictures nor speech could be analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither pictures nor speech could be analysed: {vision:?}; {speech:?}")]
pub struct NoEvidence {
    /// Why not the pictures; `None` when there are none to analyse.
    pub vision: Option<ModelError>,
    /// Why not the speech; `None` when there is none to analyse.
    pub speech: Option<ModelError>,
}

/// The models that an analysis needs.
#[derive(Debug)]
pub struct Models<'a, V, T, R> {
    /// Sees.
    pub vision: &'a V,
    /// Hears.
    pub transcriber: &'a T,
    /// Understands.
    pub cues: &'a R,
}

/// Gathers the evidence of `media`. `half_done` is awaited as soon as one of the two, pictures or speech, is analysed.
///
/// # Errors
/// [`NoEvidence`] when nothing could be analysed.
pub async fn analyse<V: VisionModel, T: Transcriber, R: CueReader>(
    models: &Models<'_, V, T, R>,
    media: &ExtractedMedia,
    locale: Locale,
    half_done: impl AsyncFnOnce(),
) -> Result<(Evidence, Usage), NoEvidence> {
    let blind = media.frames.is_empty();
    let vision = async {
        if blind {
            return Ok(Read {
                answer: Vec::new(),
                usage: Usage::default(),
            });
        }
        models.vision.observe(&media.frames, locale).await
    };
    let speech = listen(
        models.transcriber,
        models.cues,
        media.sound.as_ref(),
        locale,
    );
    let (seen, said) = both(vision, speech, half_done).await;

    let mut evidence = Evidence {
        frame_seconds: media
            .frames
            .iter()
            .map(|frame| frame.at.as_secs_f64())
            .collect(),
        ..Evidence::default()
    };
    if blind {
        evidence.gaps.push(Gap::PicturesUnreadable);
    }
    let mut usage = Usage::default();
    match (seen, said) {
        (Err(vision), None) => {
            return Err(NoEvidence {
                vision: Some(vision),
                speech: None,
            });
        }
        (Err(vision), Some(Err(speech))) => {
            return Err(NoEvidence {
                vision: Some(vision),
                speech: Some(speech),
            });
        }
        (Ok(_), Some(Err(speech))) if blind => {
            return Err(NoEvidence {
                vision: None,
                speech: Some(speech),
            });
        }
        (seen, said) => {
            match seen {
                Ok(read) => (evidence.observations, usage) = (read.answer, read.usage),
                Err(error) => note(&mut evidence, Gap::VisionUnavailable, error),
            }
            match said {
                Some(Ok(read)) => {
                    evidence.cues = read.answer;
                    usage += read.usage;
                }
                Some(Err(error)) => note(&mut evidence, Gap::SpeechUnavailable, error),
                None if media.sound_unreadable => evidence.gaps.push(Gap::SoundUnreadable),
                None => evidence.gaps.push(Gap::NoSound),
            }
        }
    }
    Ok((evidence, usage))
}

fn note(evidence: &mut Evidence, gap: Gap, error: ModelError) {
    tracing::warn!(?gap, %error, "the result is degraded");
    evidence.gaps.push(gap);
}

/// What is said about objects; `None` without sound.
async fn listen(
    transcriber: &impl Transcriber,
    cues: &impl CueReader,
    sound: Option<&Sound>,
    locale: Locale,
) -> Option<Result<Read<Vec<Cue>>, ModelError>> {
    let heard = match transcriber.transcribe(sound?, locale).await {
        Ok(heard) => heard,
        Err(error) => return Some(Err(error)),
    };
    if heard.answer.is_blank() {
        return Some(Ok(Read {
            answer: Vec::new(),
            usage: heard.usage,
        }));
    }
    let read = cues.read(&heard.answer, locale).await;
    Some(read.map(|mut read| {
        read.usage += heard.usage;
        read
    }))
}

type Seen = Result<Read<Vec<Observation>>, ModelError>;

/// Runs both to their end, and `half_done` when the first of them has ended.
async fn both<S>(
    vision: impl Future<Output = Seen>,
    speech: impl Future<Output = S>,
    half_done: impl AsyncFnOnce(),
) -> (Seen, S) {
    let (mut vision, mut speech) = (std::pin::pin!(vision), std::pin::pin!(speech));
    tokio::select! {
        seen = &mut vision => {
            let ((), said) = tokio::join!(half_done(), speech);
            (seen, said)
        }
        said = &mut speech => {
            let ((), seen) = tokio::join!(half_done(), vision);
            (seen, said)
        }
    }
}

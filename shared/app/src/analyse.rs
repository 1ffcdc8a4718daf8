//! The models look and listen at the same time; what one can't give, the other still does.

use std::{
    future::Future,
    ops::Range,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::budget::Shares;
use crate::ports::{
    CueReader as _, HasCues, HasTranscriber, HasVision, ModelCall, ModelError, Read, Terms,
    Transcriber as _, VisionModel as _,
};
use dodolens_domain::{
    evidence::{Cue, Evidence, Gap, Thing, Usage},
    joining::{Joining, Look},
    locale::Locale,
    media::{ExtractedMedia, Frame, Sound},
};

/// Within what an analysis has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Language of the result.
    pub locale: Locale,
    /// Time for all of it.
    pub time: Duration,
    /// What it may cost.
    pub shares: Shares,
}

/// What came of an analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// What is known of the home, and what is missing; all of it may be.
    pub evidence: Evidence,
    /// All requests to providers, those that failed included.
    pub calls: Vec<ModelCall>,
}

impl Analysis {
    /// What all requests used.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let mut sum = Usage::default();
        self.calls.iter().for_each(|call| sum += call.usage);
        sum
    }
}

/// Gathers the evidence of `media`. `found` holds what is seen so far, as `VisionModel::look` says. `half_done` is
/// awaited as soon as one of the two, pictures or speech, is analysed.
pub async fn analyse(
    ports: &(impl HasVision + HasTranscriber + HasCues),
    media: &ExtractedMedia,
    bounds: &Bounds,
    found: &watch::Sender<Vec<Look>>,
    half_done: impl AsyncFnOnce(),
) -> Analysis {
    let terms = Terms {
        locale: bounds.locale,
        until: Instant::now() + bounds.time,
        budget: bounds.shares.vision,
    };
    let vision = async {
        if media.frames.is_empty() {
            return None;
        }
        Some(see(ports, &media.frames, &terms, found).await)
    };
    let speech = listen(ports, media.sound.as_ref(), bounds);
    let (seen, said) = both(vision, speech, half_done).await;

    let mut calls = Vec::new();
    let seen = seen.map(|seen| {
        calls.extend(seen.calls);
        seen.answer
    });
    let said = said.map(|said| {
        calls.extend(said.calls);
        said.answer
    });
    Analysis {
        evidence: gather(media, bounds.shares.fewer_frames, seen, said),
        calls,
    }
}

/// Puts what was seen and what was said into the evidence, and notes what is missing; `None` is for what can't be asked
/// about, since the video has none or it could not be read.
fn gather(
    media: &ExtractedMedia,
    fewer_frames: bool,
    seen: Option<Result<Seen, ModelError>>,
    said: Option<Result<Vec<Cue>, ModelError>>,
) -> Evidence {
    let frames = media.frames.iter();
    let mut evidence = Evidence {
        frame_seconds: frames.map(|frame| frame.at.as_secs_f64()).collect(),
        losses: media.losses.clone(),
        coverage: media.coverage.clone(),
        ..Evidence::default()
    };
    match seen {
        Some(Ok(seen)) => {
            let stretch = |frames: &Range<usize>| stretch(&media.frames, frames);
            evidence.unanswered = seen.unanswered.iter().filter_map(stretch).collect();
            evidence.things = seen.things;
            evidence
                .gaps
                .extend(fewer_frames.then_some(Gap::FewerPictures));
        }
        Some(Err(error)) => note(&mut evidence, Gap::VisionUnavailable, error),
        None => evidence.gaps.push(Gap::PicturesUnreadable),
    }
    match said {
        Some(Ok(cues)) => evidence.cues = cues,
        Some(Err(error)) => note(&mut evidence, Gap::SpeechUnavailable, error),
        None if media.losses.sound.is_none() => evidence.gaps.push(Gap::NoSound),
        None => {}
    }
    evidence
}

/// When the frames are shown.
fn stretch(frames: &[Frame], which: &Range<usize>) -> Option<Range<Duration>> {
    let frames = frames.get(which.clone())?;
    Some(frames.first()?.at..frames.last()?.at)
}

fn note(evidence: &mut Evidence, gap: Gap, error: ModelError) {
    tracing::warn!(?gap, %error, "pictures or speech could not be analysed");
    evidence.gaps.push(gap);
}

/// What the pictures show.
struct Seen {
    /// Each physical thing once.
    things: Vec<Thing>,
    /// Frames without an answer.
    unanswered: Vec<Range<usize>>,
}

/// What `frames` show, each physical thing once. Where the answers of several calls leave it open whether two things are
/// the same, a model is asked that; if it does not know either, it stays open.
async fn see(
    ports: &impl HasVision,
    frames: &[Frame],
    terms: &Terms,
    found: &watch::Sender<Vec<Look>>,
) -> Read<Seen> {
    let Read {
        answer,
        mut calls,
        mut left,
    } = ports.vision().look(frames, terms, found).await;
    let looked = match answer {
        Ok(looked) => looked,
        Err(error) => {
            let answer = Err(error);
            return Read {
                answer,
                calls,
                left,
            };
        }
    };
    let mut joining = Joining::new(&looked.looks);
    let open = joining.open();
    if !open.is_empty() {
        let seconds: Vec<f64> = frames.iter().map(|frame| frame.at.as_secs_f64()).collect();
        let terms = Terms {
            budget: left,
            ..*terms
        };
        let told = ports.vision().tell_apart(&open, &seconds, &terms).await;
        calls.extend(told.calls);
        left = told.left;
        match told.answer {
            Ok(same) => joining.settle(&open, &same),
            Err(error) => {
                let things = open.len();
                tracing::warn!(things, %error, "things that may be the same are counted as different");
            }
        }
    }
    Read {
        answer: Ok(Seen {
            things: joining.things(),
            unanswered: looked.unanswered,
        }),
        calls,
        left,
    }
}

/// What is said about objects; `None` without sound. The transcription has half of the time, the rest has the other half
/// and what the first leaves.
async fn listen(
    ports: &(impl HasTranscriber + HasCues),
    sound: Option<&Sound>,
    bounds: &Bounds,
) -> Option<Read<Vec<Cue>>> {
    let now = Instant::now();
    let terms = Terms {
        locale: bounds.locale,
        until: now + bounds.time / 2,
        budget: bounds.shares.speech,
    };
    let heard = ports.transcriber().transcribe(sound?, &terms).await;
    let mut calls = heard.calls;
    let transcript = match heard.answer {
        Ok(transcript) if !transcript.is_blank() => transcript,
        nothing => {
            return Some(Read {
                answer: nothing.map(|_| Vec::new()),
                calls,
                left: heard.left,
            });
        }
    };
    let terms = Terms {
        until: now + bounds.time,
        budget: heard.left,
        ..terms
    };
    let read = ports.cues().read(&transcript, &terms).await;
    calls.extend(read.calls);
    Some(Read { calls, ..read })
}

/// Runs both to their end, and `half_done` when the first of them has ended.
async fn both<A, B>(
    vision: impl Future<Output = A>,
    speech: impl Future<Output = B>,
    half_done: impl AsyncFnOnce(),
) -> (A, B) {
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

//! The question that each task asks.

use std::time::Duration;

use zeroize::Zeroizing;

use super::{
    prompts,
    question::{Part, Question},
    schema,
};
use dodolens_domain::{evidence::Transcript, locale::Locale, media::Frame};

/// Most tokens that a picture's objects may take in the answer: some 40 objects.
const TOKENS_PER_FRAME: u32 = 2_500;
/// Most tokens of what was said about objects.
const CUE_TOKENS: u32 = 6_000;
/// Most tokens of a second of speech: twice as fast as anybody speaks.
const TOKENS_PER_SECOND: u32 = 12;
/// Most bytes of a second of speech: the same.
const BYTES_PER_SECOND: usize = 40;
/// Tokens of the form around a transcript, and some.
const FORM_TOKENS: u32 = 100;

/// What is in the frames? Each is shown after a line with its number.
pub(super) fn look(frames: &[Frame], locale: Locale) -> Question<'_> {
    let numbered = frames.iter().enumerate();
    let shown = numbered.flat_map(|(index, frame)| {
        [
            Part::Text(Zeroizing::new(format!("Frame {index}"))),
            Part::Jpeg(frame.jpeg.expose()),
        ]
    });
    Question {
        instructions: prompts::vision(locale),
        shown: shown.collect(),
        name: "observations",
        schema: schema::observations(),
        max_output_tokens: vision_tokens(frames.len()),
    }
}

/// Most tokens of the answer to [`look`].
pub(super) fn vision_tokens(frames: usize) -> u32 {
    TOKENS_PER_FRAME.saturating_mul(u32::try_from(frames).unwrap_or(u32::MAX))
}

/// What is said? For a model that does not only transcribe; the sound goes along.
pub(super) fn listen(sound: Duration, locale: Locale) -> Question<'static> {
    let seconds = u32::try_from(sound.as_secs()).unwrap_or(u32::MAX);
    Question {
        instructions: prompts::transcription(locale),
        shown: Vec::new(),
        name: "transcript",
        schema: schema::transcript(),
        max_output_tokens: TOKENS_PER_SECOND
            .saturating_mul(seconds)
            .saturating_add(FORM_TOKENS),
    }
}

/// What does the transcript say about objects?
pub(super) fn understand(transcript: &Transcript, locale: Locale) -> Question<'static> {
    Question {
        instructions: prompts::cues(locale),
        shown: vec![Part::Text(Zeroizing::new(transcript.expose().to_owned()))],
        name: "cues",
        schema: schema::cues(),
        max_output_tokens: CUE_TOKENS,
    }
}

/// Most bytes of what can be said in a sound.
pub(super) fn most_bytes(sound: Duration) -> usize {
    let seconds = usize::try_from(sound.as_secs()).unwrap_or(usize::MAX);
    BYTES_PER_SECOND.saturating_mul(seconds.saturating_add(1))
}

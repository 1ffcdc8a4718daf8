//! The question that each task asks.

use std::time::Duration;

use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    prompts,
    question::{Part, Question, Size},
    schema,
};
use dodolens_domain::{evidence::Transcript, joining::Open, locale::Locale, media::Frame};

/// Most tokens of the answer to a look at one frame: some 40 things.
const TOKENS_PER_LOOK: u32 = 3_000;
/// Most tokens that each frame adds to it: that it shows those, and some 4 more.
const TOKENS_PER_FRAME: u32 = 500;
/// Most tokens of an answer which of several things are the same.
const JOIN_TOKENS: u32 = 2_000;
/// Most bytes of a thing in that question.
const THING_BYTES: usize = 400;
/// Most tokens of what was said about objects.
const CUE_TOKENS: u32 = 6_000;
/// Most tokens of a second of speech: twice as fast as anybody speaks.
const TOKENS_PER_SECOND: u32 = 12;
/// Most bytes of a second of speech: the same.
const BYTES_PER_SECOND: usize = 40;
/// Tokens of the form around a transcript, and some.
const FORM_TOKENS: u32 = 100;

/// What is in the frames? Each is shown after a line with its number and its time.
pub(super) fn look(frames: &[Frame], locale: Locale, most_tokens: u32) -> Question<'_> {
    let numbered = frames.iter().enumerate();
    let shown = numbered.flat_map(|(index, frame)| {
        [
            Part::Text(Zeroizing::new(format!(
                "Frame {index} ({:.1} s)",
                frame.at.as_secs_f64()
            ))),
            Part::Jpeg(frame.jpeg.expose()),
        ]
    });
    Question {
        instructions: prompts::vision(locale),
        shown: shown.collect(),
        name: "things",
        schema: schema::things(),
        max_output_tokens: vision_tokens(frames.len()).min(most_tokens),
    }
}

/// Most tokens of the answer to [`look`], where the model can write as many.
pub(super) fn vision_tokens(frames: usize) -> u32 {
    let frames = u32::try_from(frames).unwrap_or(u32::MAX);
    TOKENS_PER_FRAME
        .saturating_mul(frames)
        .saturating_add(TOKENS_PER_LOOK)
}

/// Which of the things are the same? `seconds` is when each frame is shown.
pub(super) fn tell_apart(
    open: &[Open],
    seconds: &[f64],
    locale: Locale,
) -> serde_json::Result<Question<'static>> {
    let at = |frame: Option<usize>| frame.and_then(|frame| seconds.get(frame)).copied();
    let things = open.iter().map(|open| Listed {
        id: open.id,
        call: open.look,
        catalogue_id: open.thing.item.map(|item| item.id),
        label: &open.thing.label,
        room: open.thing.room.map(|room| room.id),
        count: open.thing.count(),
        mark: &open.thing.mark,
        from: at(open.thing.seen.first().map(|sight| sight.frame)),
        to: at(open.thing.seen.last().map(|sight| sight.frame)),
    });
    let list = List {
        things: things.collect(),
    };
    Ok(Question {
        instructions: prompts::join(locale),
        shown: vec![Part::Text(Zeroizing::new(serde_json::to_string(&list)?))],
        name: "same",
        schema: schema::groups(),
        max_output_tokens: JOIN_TOKENS,
    })
}

/// The size of a question about so many things.
pub(super) fn join_size(things: usize, locale: Locale) -> Size {
    let nothing = tell_apart(&[], &[], locale).map(|question| question.size());
    let size = nothing.unwrap_or_default();
    Size {
        text: size.text.saturating_add(THING_BYTES.saturating_mul(things)),
        ..size
    }
}

#[derive(Serialize)]
struct List<'a> {
    things: Vec<Listed<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    id: usize,
    call: usize,
    catalogue_id: Option<&'a str>,
    label: &'a str,
    room: Option<&'a str>,
    count: u32,
    mark: &'a str,
    from: Option<f64>,
    to: Option<f64>,
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

//! What the models saw and heard, already checked: every reference is into the catalogue, every number is in bounds.

use std::{fmt, ops::Range, time::Duration};

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{
    catalogue::{Item, Room},
    media::{Coverage, Losses},
    money::Usd,
};

/// Upper bound of a count of one object kind in one place.
pub const MAX_COUNT: u32 = 200;

/// How big an object is, against the usual for its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SizeClass {
    /// Smaller than usual: the lower bound of the catalogue's volume.
    Small,
    /// As usual.
    Medium,
    /// Larger than usual: the upper bound of the catalogue's volume.
    Large,
}

/// One physical thing, or several equal ones side by side, as a model tells of it over the pictures that it was shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Thing {
    /// The catalogue's entry; `None` for something that is not in it.
    pub item: Option<&'static Item>,
    /// What the model called it; used as the name when `item` is `None`. At most 60 characters.
    pub label: String,
    /// Where it stands, when the model could tell.
    pub room: Option<&'static Room>,
    /// How many small, usual and large ones; all together 1 to [`MAX_COUNT`].
    pub sizes: [u32; 3],
    /// The frames that show it, each once, in order; at least one.
    pub seen: Vec<Sight>,
    /// What tells it from its like, such as its colour; empty when nothing does. At most 60 characters.
    pub mark: String,
    /// Whether the model takes it for fragile.
    pub fragile: bool,
    /// 0 to 1.
    pub confidence: f32,
    /// Whether it may be the same as another one of the list: nothing that is known decides it.
    pub perhaps_again: bool,
}

/// A thing in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sight {
    /// Index of the frame, from 0.
    pub frame: usize,
    /// How many of it are visible there, 1 to [`MAX_COUNT`].
    pub count: u32,
}

impl Thing {
    /// How many things it stands for.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.sizes.iter().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// The most of it that one frame shows.
    #[must_use]
    pub fn most_at_once(&self) -> u32 {
        self.seen.iter().map(|sight| sight.count).max().unwrap_or(0)
    }
}

/// What is to become of an object, by the family's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// It comes along.
    Move,
    /// It stays.
    Leave,
    /// Said to be undecided.
    Unsure,
}

/// One thing said about objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Cue {
    /// The catalogue's entry; `None` for something that is not in it.
    pub item: Option<&'static Item>,
    /// What it was called. At most 60 characters.
    pub label: String,
    /// Where, if said.
    pub room: Option<&'static Room>,
    /// How many, if said: 1 to [`MAX_COUNT`].
    pub count: Option<u32>,
    /// What is to become of it.
    pub decision: Decision,
    /// A remark for the mover, such as "very fragile". At most 120 characters.
    pub remark: Option<String>,
}

/// What was said in the video. Wipes itself; never shown.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Transcript(String);

impl Transcript {
    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing was said.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl From<String> for Transcript {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[transcript, {} B redacted]", self.0.len())
    }
}

/// What a model's answer used, for the cost of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Seconds of sound heard.
    pub audio_seconds: u64,
    /// What the provider asks for it.
    pub cost: Usd,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, rhs: Self) {
        self.input_tokens = self.input_tokens.saturating_add(rhs.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(rhs.output_tokens);
        self.audio_seconds = self.audio_seconds.saturating_add(rhs.audio_seconds);
        self.cost = self.cost.plus(rhs.cost);
    }
}

/// A part of the evidence that is missing, and why the result is weaker for it. Those that weigh most come first: what
/// the models did not give, then what the video did not.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// No vision provider answered: the result is from speech alone.
    VisionUnavailable,
    /// No transcription or cue provider answered: the result is from pictures alone.
    SpeechUnavailable,
    /// Some pictures were shown to the models and got no answer; a remark says which.
    VisionPartial,
    /// Fewer pictures were looked at than were taken, to keep within the budget.
    FewerPictures,
    /// Fewer pictures were decoded than planned, for want of time.
    PicturesSkipped,
    /// The video's pictures could not be read: the result is from speech alone.
    PicturesUnreadable,
    /// Of a stretch of the video nothing was seen; a remark says which.
    StretchUnseen,
    /// Some pictures could not be decoded.
    PicturesLost,
    /// The video's sound could not be read.
    SoundUnreadable,
    /// A part of the sound is missing.
    SoundCut,
    /// The sound track holds silence alone.
    SoundSilent,
    /// The video has no sound track.
    NoSound,
}

/// All that is known about a home.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// Things seen, each physical thing once.
    pub things: Vec<Thing>,
    /// Seconds from the start of the video, by frame index.
    pub frame_seconds: Vec<f64>,
    /// Stretches of the video whose pictures got no answer, in order.
    pub unanswered: Vec<Range<Duration>>,
    /// Things said.
    pub cues: Vec<Cue>,
    /// What the models did not give, and what the video has not. What was lost of the video is in `losses`.
    pub gaps: Vec<Gap>,
    /// What of the video could not be read.
    pub losses: Losses,
    /// How the pictures cover the video.
    pub coverage: Coverage,
}

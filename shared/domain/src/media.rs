//! What a video is turned into. All of it is plaintext: it wipes itself and is never shown.

use std::{fmt, ops::Range, time::Duration};

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Plaintext bytes that are wiped when dropped and redacted when shown.
#[derive(Clone, PartialEq, Eq, Default, Zeroize, ZeroizeOnDrop)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} B redacted]", self.0.len())
    }
}

/// The container that the client announced for its video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentType {
    /// `video/mp4`
    Mp4,
    /// `video/quicktime`
    QuickTime,
    /// `video/webm`
    WebM,
    /// `video/x-matroska`
    Matroska,
    /// `video/3gpp`
    ThreeGpp,
}

impl ContentType {
    /// Reads a media type (RFC 9110, section 8.3.1), parameters such as `codecs` ignored.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        match value
            .split(';')
            .next()?
            .trim()
            .to_ascii_lowercase()
            .as_str()
        {
            "video/mp4" | "video/x-m4v" => Some(Self::Mp4),
            "video/quicktime" => Some(Self::QuickTime),
            "video/webm" => Some(Self::WebM),
            "video/x-matroska" | "video/matroska" => Some(Self::Matroska),
            "video/3gpp" | "video/3gpp2" => Some(Self::ThreeGpp),
            _ => None,
        }
    }

    /// The media type.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::QuickTime => "video/quicktime",
            Self::WebM => "video/webm",
            Self::Matroska => "video/x-matroska",
            Self::ThreeGpp => "video/3gpp",
        }
    }
}

/// One picture of the video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// A JPEG, upright, at most the configured size on its long side.
    pub jpeg: Secret,
    /// When it is shown, from the start of the video.
    pub at: Duration,
}

/// How the sound is packed; each is a format that transcription providers accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoundFormat {
    /// AAC in an MP4 file with its index first.
    M4a,
    /// MPEG-1 layer III.
    Mp3,
}

impl SoundFormat {
    /// File name for a multipart upload; providers read the format from its ending.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::M4a => "sound.m4a",
            Self::Mp3 => "sound.mp3",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::M4a => "audio/mp4",
            Self::Mp3 => "audio/mpeg",
        }
    }
}

/// The sound track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// The encoded file.
    pub bytes: Secret,
    /// What kind of file.
    pub format: SoundFormat,
    /// How long it plays.
    pub duration: Duration,
}

/// What is needed of a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractedMedia {
    /// Pictures over the whole video, in order of time. None when none can be read; then there is sound.
    pub frames: Vec<Frame>,
    /// The sound; `None` when the video has none that can be read.
    pub sound: Option<Sound>,
    /// Length of the video, as a player shows it.
    pub duration: Duration,
    /// What was planned and is not there.
    pub losses: Losses,
    /// How the pictures cover the video.
    pub coverage: Coverage,
}

/// What was planned of a video and did not come. Times are from the start of the video.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Losses {
    /// Pictures that were planned and could be decoded neither themselves nor by a neighbour in their place.
    pub pictures: usize,
    /// Stretches of the video, in order, of which nothing was seen.
    pub unseen: Vec<Range<Duration>>,
    /// What is the matter with the sound track, if there is one and something is.
    pub sound: Option<SoundLoss>,
}

/// How the pictures cover the video. Times are from its start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Longest time between two successive pictures that were taken (kept, or left out as repeats of kept ones), from the
    /// start to the first, or from the last to the end.
    pub longest_gap: Duration,
    /// Pictures that were planned and not decoded for want of time.
    pub skipped: usize,
    /// Stretches whose pictures are no good, in order of their beginnings; each with why.
    pub poor: Vec<Poor>,
}

/// A stretch of the video whose pictures are no good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poor {
    /// What is the matter with them.
    pub why: Fault,
    /// The stretch.
    pub when: Range<Duration>,
}

/// What is the matter with pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Hardly anything can be made out for want of light.
    Dark,
    /// Edges are smeared that are sharp elsewhere in the video.
    Blurred,
    /// Successive pictures share hardly anything, although they are close in time.
    Fast,
}

/// What is the matter with a sound track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoundLoss {
    /// None of it could be read.
    Unreadable,
    /// Only this much of it could be read, or is there.
    Cut {
        /// How long the sound plays that is there.
        heard: Duration,
    },
    /// It holds digital silence from beginning to end.
    Silent,
}

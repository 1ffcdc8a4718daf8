//! What a test video is to be.

use std::{io, ops::RangeInclusive};

use clap::ValueEnum;
use image::{RgbImage, imageops};

use super::{Placement, PlacementError, WalkError, sound};
use crate::markers::Marker;

/// Width and height, pixels.
const SIDE: RangeInclusive<u32> = 64..=10_000;

/// Length, seconds; also of what is said.
const SECONDS: RangeInclusive<f64> = 0.1..=900.0;

/// Frames a second.
const FPS: RangeInclusive<f64> = 1.0..=120.0;

/// From key to key, seconds.
const KEY_EVERY: RangeInclusive<f64> = 0.1..=60.0;

/// Most bits per pixel that the noise can fill.
const MAX_BITS_PER_PIXEL: f64 = 2.5;

/// A test video. No `Debug`: what is said stays out of logs.
#[derive(Clone)]
pub struct VideoSpec {
    /// Length, seconds; more if what is said takes longer.
    pub seconds: f64,
    /// The objects to be seen.
    pub items: Vec<Placement>,
    /// Writings to be seen all the time, as on a sheet of paper: codes that name no object.
    pub writings: Vec<String>,
    /// What is said, in DTMF tones.
    pub say: Option<String>,
    /// How the picture is coded.
    pub codec: Codec,
    /// The file's format.
    pub container: Container,
    /// Where the index of an MP4 or MOV stands; the others have none.
    pub moov: MoovAt,
    /// How players are told to turn the picture.
    pub rotate: Rotation,
    /// Width and height as stored, that is before players turn it, even numbers of pixels.
    pub size: (u32, u32),
    /// Of the picture, bits/s, reached by noise in it; none is whatever still pictures take.
    pub bitrate: Option<u64>,
    /// Frames a second.
    pub fps: f64,
    /// From key to key, seconds: frames that a decoder can begin with.
    pub key_every: f64,
    /// Whether there is a sound track.
    pub audio: bool,
    /// What is the matter with the pictures.
    pub pictures: Pictures,
    /// Whether frames are left out here and there.
    pub variable_frame_rate: bool,
}

impl Default for VideoSpec {
    fn default() -> Self {
        Self {
            seconds: 12.0,
            items: Vec::new(),
            writings: Vec::new(),
            say: None,
            codec: Codec::H264,
            container: Container::Mp4,
            moov: MoovAt::End,
            rotate: Rotation::None,
            size: (1280, 720),
            bitrate: None,
            fps: 30.0,
            key_every: 1.0,
            audio: true,
            pictures: Pictures::Good,
            variable_frame_rate: false,
        }
    }
}

/// What is the matter with the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Pictures {
    /// Nothing.
    Good,
    /// They are black, as with a hand on the lens. No object is seen.
    Black,
    /// They are damaged so that none can be decoded.
    Damaged,
}

/// How the picture is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Codec {
    /// H.264, as most phones.
    H264,
    /// H.265, as newer phones.
    Hevc,
    /// VP9, as browsers.
    Vp9,
}

/// The file's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Container {
    /// MP4 with one index.
    Mp4,
    /// `QuickTime`, as iPhones.
    Mov,
    /// `WebM` as a browser's `MediaRecorder` writes it: no cues, no duration. Sound is Opus, elsewhere AAC.
    Webm,
    /// MP4 in fragments.
    Fmp4,
}

/// Where the index of an MP4 or MOV stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MoovAt {
    /// Before the media.
    Start,
    /// After the media, as phones write it.
    End,
}

/// How far players are told to turn the stored picture clockwise. What they then show is upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Rotation {
    /// Not at all.
    #[value(name = "0")]
    None,
    /// By 90°, as a phone held upright.
    #[value(name = "90")]
    Right,
    /// By 180°.
    #[value(name = "180")]
    Half,
    /// By 270°.
    #[value(name = "270")]
    Left,
}

impl Rotation {
    /// An upright picture as it is to be stored.
    pub(super) fn as_stored(self, shown: RgbImage) -> RgbImage {
        match self {
            Self::None => shown,
            Self::Right => imageops::rotate270(&shown),
            Self::Half => imageops::rotate180(&shown),
            Self::Left => imageops::rotate90(&shown),
        }
    }
}

impl VideoSpec {
    /// Whether it is to be changed after it has been encoded.
    pub(super) fn needs_copying(&self) -> bool {
        self.rotate != Rotation::None || self.pictures == Pictures::Damaged
    }

    /// Fails on what no video can be.
    pub(super) fn check(&self) -> Result<(), VideoError> {
        let (width, height) = self.size;
        if [width, height]
            .iter()
            .any(|side| !SIDE.contains(side) || side % 2 != 0)
        {
            return Err(VideoError::Size);
        }
        if !SECONDS.contains(&self.seconds) {
            return Err(VideoError::Seconds);
        }
        if self
            .say
            .as_deref()
            .is_some_and(|say| !SECONDS.contains(&sound::seconds(say)))
        {
            return Err(VideoError::Say);
        }
        if !FPS.contains(&self.fps) {
            return Err(VideoError::Fps);
        }
        if !KEY_EVERY.contains(&self.key_every) {
            return Err(VideoError::KeyEvery);
        }
        let most = f64::from(width) * f64::from(height) * self.fps * MAX_BITS_PER_PIXEL;
        if self
            .bitrate
            .is_some_and(|rate| rate < 1000 || rate as f64 > most)
        {
            return Err(VideoError::Bitrate);
        }
        match (self.codec, self.container) {
            (Codec::Vp9, Container::Mov) | (Codec::H264 | Codec::Hevc, Container::Webm) => {
                Err(VideoError::Incompatible(self.codec, self.container))
            }
            _ => Ok(()),
        }
    }

    /// Width and height after players have turned it, pixels.
    pub(super) fn shown_size(&self) -> (u32, u32) {
        let (width, height) = self.size;
        match self.rotate {
            Rotation::None | Rotation::Half => (width, height),
            Rotation::Right | Rotation::Left => (height, width),
        }
    }
}

/// A test video could not be made.
#[derive(Debug, thiserror::Error)]
pub enum VideoError {
    /// The size is out of range.
    #[error("width and height are even numbers of pixels from {} to {}", SIDE.start(), SIDE.end())]
    Size,
    /// The length is out of range.
    #[error("a video is {} to {} s long", SECONDS.start(), SECONDS.end())]
    Seconds,
    /// What is said is too long.
    #[error("what is said takes longer than {} s", SECONDS.end())]
    Say,
    /// The frame rate is out of range.
    #[error("a video has {} to {} frames a second", FPS.start(), FPS.end())]
    Fps,
    /// The distance of keys is out of range.
    #[error("a key comes every {} to {} s", KEY_EVERY.start(), KEY_EVERY.end())]
    KeyEvery,
    /// The bit rate is out of range.
    #[error("a bit rate is at least 1000 bits/s and at most {MAX_BITS_PER_PIXEL} bits per pixel")]
    Bitrate,
    /// No such file holds such a picture.
    #[error("{0:?} does not go into {1:?}")]
    Incompatible(Codec, Container),
    /// A placement cannot be used.
    #[error(transparent)]
    Placement(#[from] PlacementError),
    /// An object's time window has no frame of the video in it.
    #[error("`{0}` would be in no frame of the video")]
    NeverVisible(Marker),
    /// An object's names or a writing are too long.
    #[error("`{0}` is too long for a QR code")]
    LongCode(String),
    /// Readable codes don't fit into a frame.
    #[error("{codes} QR codes do not fit into {width}x{height} so that they can be read")]
    TooManyCodes {
        /// How many objects are visible at once.
        codes: usize,
        /// Of the frame, pixels.
        width: u32,
        /// Of the frame, pixels.
        height: u32,
    },
    /// A walk is not one that can be made.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// The truth about a walk could not be written.
    #[error("the truth could not be written: {0}")]
    Truth(#[source] io::Error),
    /// Temporary files could not be written.
    #[error("temporary files could not be written: {0}")]
    Io(#[from] io::Error),
    /// ffmpeg could not be started.
    #[error("ffmpeg could not be started: {0}")]
    Start(#[source] io::Error),
    /// ffmpeg failed; the end of what it wrote to stderr.
    #[error("ffmpeg failed: {0}")]
    Ffmpeg(String),
}

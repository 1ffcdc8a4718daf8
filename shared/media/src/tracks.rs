//! One track of a movie: its boxes, and what is presented of it.

use std::time::Duration;

use super::{
    aac,
    boxes::{Kind, array, boxes, find, u16_at, u32_at},
    clock::Unit,
    edits::{self, Edit},
    pcm,
    pictures::{Media, Pictures},
    samples::{Sample, Samples},
    shown::Shown,
};
use dodolens_app::ports::MediaError;

/// Affine transformation of a picture as in `tkhd` and `mvhd`: rotation, for the most part.
pub(super) type Matrix = [u8; 36];

/// One track.
#[derive(Debug)]
pub(super) struct Track<'a> {
    /// Units of time in a second; never 0.
    pub(super) timescale: u32,
    /// The one sample entry: codec, configuration. A box with its header.
    pub(super) entry: &'a [u8],
    /// The samples of the media, in decoding order and on the clock of the tables.
    pub(super) samples: Samples<'a>,
    /// Transformation of its pictures.
    pub(super) matrix: Matrix,
    /// Width and height to show, 16.16 fixed point each.
    pub(super) shown_size: [u8; 8],
    edits: Vec<Edit>,
}

impl<'a> Track<'a> {
    /// Reads a `trak` box of a movie with `movie_timescale`, in a file of `file` bytes. `None` when a table is missing or
    /// damaged, or asks for what is not read here.
    ///
    /// # Errors
    /// [`MediaError::TooLarge`] when it has too many edits, or claims more samples than are left of `budget`. None has been
    /// walked.
    pub(super) fn parse(
        trak: &'a [u8],
        movie_timescale: u32,
        file: u64,
        budget: &mut u32,
    ) -> Result<Option<Self>, MediaError> {
        let Some(mut track) = Self::of_boxes(trak, file) else {
            return Ok(None);
        };
        *budget = budget
            .checked_sub(track.samples.claimed())
            .ok_or(MediaError::TooLarge)?;
        if let Some(elst) = find(trak, &[b"edts", b"elst"]) {
            track.edits = edits::read(elst, movie_timescale, track.timescale)?;
        }
        Ok(Some(track))
    }

    fn of_boxes(trak: &'a [u8], file: u64) -> Option<Self> {
        let tkhd = find(trak, &[b"tkhd"])?;
        let matrix_at = if *tkhd.first()? == 1 { 52 } else { 40 };
        let mdia = find(trak, &[b"mdia"])?;
        let mdhd = find(mdia, &[b"mdhd"])?;
        let timescale = u32_at(mdhd, if *mdhd.first()? == 1 { 20 } else { 12 })?;
        let stbl = find(mdia, &[b"minf", b"stbl"])?;
        let entries = find(stbl, &[b"stsd"])?;
        if timescale == 0 || u32_at(entries, 4)? != 1 {
            return None;
        }
        let entry = entries.get(8..)?;
        Some(Self {
            timescale,
            entry: entry.get(..usize::try_from(u32_at(entry, 0)?).ok()?)?,
            samples: Samples::parse(stbl, file)?,
            matrix: array(tkhd, matrix_at)?,
            shown_size: array(tkhd, matrix_at + 36)?,
            edits: Vec::new(),
        })
    }

    const fn unit(&self) -> Unit {
        Unit::per_second(self.timescale)
    }
}

/// Whether a player shows the track of a `trak` box unasked.
pub(super) fn enabled(trak: &[u8]) -> bool {
    find(trak, &[b"tkhd"])
        .and_then(|tkhd| tkhd.get(3))
        .is_some_and(|flags| flags & 1 == 1)
}

/// The kind of media in a `trak` box.
pub(super) fn handler(trak: &[u8]) -> Option<Kind> {
    array(find(trak, &[b"mdia", b"hdlr"])?, 8)
}

/// The kinds of the sample entries of a `trak` box.
fn entry_kinds(trak: &[u8]) -> impl Iterator<Item = Kind> {
    let entries = find(trak, &[b"mdia", b"minf", b"stbl", b"stsd"]).and_then(|stsd| stsd.get(8..));
    boxes(entries.unwrap_or_default()).map(|(kind, _)| kind)
}

/// Whether the samples of a `trak` box are encrypted: by Common Encryption, or as those that Apple sold.
pub(super) fn encrypted(trak: &[u8]) -> bool {
    entry_kinds(trak).any(|kind| [b"encv", b"enca", b"drmi", b"drms"].contains(&&kind))
}

/// A picture track, and what is presented of it.
#[derive(Debug)]
pub(super) struct PictureTrack<'a> {
    /// The track.
    pub(super) track: Track<'a>,
    /// What is presented.
    pub(super) pictures: Pictures,
    witness: Option<Duration>,
}

impl<'a> PictureTrack<'a> {
    /// Sees what is presented of `track`, while sound plays for `witness`.
    ///
    /// # Errors
    /// [`MediaError::TooLarge`] when its edits present too many pictures.
    pub(super) fn new(track: Track<'a>, witness: Option<Duration>) -> Result<Self, MediaError> {
        let media = Media::of_samples(track.samples.clone().promised());
        let pictures = media.presented(&track.edits, track.unit(), witness)?;
        Ok(Self {
            track,
            pictures,
            witness,
        })
    }

    /// What is presented if the pictures that can be decoded alone are those of which `key` says so.
    ///
    /// # Errors
    /// See [`Self::new`].
    pub(super) fn with_keys(&self, key: impl Fn(u32) -> bool) -> Result<Pictures, MediaError> {
        let samples = self
            .track
            .samples
            .clone()
            .promised()
            .map(|(sample, there)| {
                let key = key(sample.index);
                (Sample { key, ..sample }, there)
            });
        Media::of_samples(samples).presented(&self.track.edits, self.track.unit(), self.witness)
    }

    /// Pixels of a picture, by the sample entry.
    pub(super) fn pixels(&self) -> u64 {
        let side = |at| u64::from(u16_at(self.track.entry, at).unwrap_or(0));
        side(32) * side(34)
    }

    /// When the last picture ends, as a player shows it.
    pub(super) fn duration(&self) -> Duration {
        self.pictures.unit.duration(self.pictures.end)
    }
}

/// A sound track, and what is presented of it.
#[derive(Debug)]
pub(super) struct SoundTrack<'a> {
    /// The track.
    pub(super) track: Track<'a>,
    /// The sample entry of a file that transcription services read, if its packets can be copied into one.
    pub(super) aac: Option<Vec<u8>>,
    shown: Shown<'a>,
}

impl<'a> SoundTrack<'a> {
    /// Sees what is presented of `track`. `None` when its tables contradict its format.
    ///
    /// # Errors
    /// [`MediaError::TooLarge`] when its edits present too many packets.
    pub(super) fn new(track: Track<'a>) -> Result<Option<Self>, MediaError> {
        if pcm::contradicts(track.entry, track.samples.same_size()) {
            return Ok(None);
        }
        let aac = aac::plain_entry(track.entry);
        let usual = track.samples.usual_duration();
        let usual = match &aac {
            Some(_) => aac::packet_duration(track.entry, track.timescale, usual),
            None => usual,
        };
        let shown = Shown::new(&track.samples, &track.edits, track.unit(), usual)?;
        Ok(Some(Self { track, aac, shown }))
    }

    /// The packets that a player plays and that are in the file, each as often as it is played; on the clock of what is
    /// played, in units of the track, from 0 or when the sound begins.
    pub(super) fn shown(&self) -> impl Iterator<Item = Sample> {
        self.shown.packets()
    }

    /// When the sound ends as a player plays it, whether all of it is in the file or not.
    pub(super) fn shown_duration(&self) -> Duration {
        self.track.unit().duration(self.shown.end)
    }

    /// When it begins.
    pub(super) fn begin(&self) -> Duration {
        let first = self.shown().next();
        self.track
            .unit()
            .duration(first.map_or(0, |first| first.dts))
    }

    /// Whether packets that a player would play lie beyond the end of the file.
    pub(super) const fn cut(&self) -> bool {
        self.shown.cut
    }
}

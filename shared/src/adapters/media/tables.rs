//! What the index says of the picture track and the sound track.

use std::ops::Range;

use super::{
    aac,
    boxes::{Kind, array, boxes, find, u16_at, u32_at, u64_at},
    samples::Samples,
};
use crate::ports::MediaError;

/// Most tracks looked at. Phones write up to eight.
const MAX_TRACKS: usize = 64;
/// Most samples of all picture tracks together: four hours at 60 pictures a second, or 70 minutes at 240.
const MAX_PICTURE_SAMPLES: u32 = 1 << 20;
/// Most samples of all sound tracks together. Uncompressed sound has one for each 1/48000 s, so this is over eleven
/// minutes of it, and [`super::indexed`] takes no more bytes of it anyway; a packet of AAC is 1024 of those, so of AAC it
/// is a week. Tables can claim that many in a few bytes; a walk over them takes a tenth of a second, and there are three.
const MAX_SOUND_SAMPLES: u32 = 1 << 25;

/// Affine transformation of a picture as in `tkhd` and `mvhd`: rotation, for the most part.
pub(super) type Matrix = [u8; 36];

/// The tracks that matter of a movie.
#[derive(Debug)]
pub(super) struct Movie<'a> {
    /// The largest picture track that is switched on.
    pub(super) picture: Option<Track<'a>>,
    /// The sound track: AAC if there is one, else the first.
    pub(super) sound: Option<Track<'a>>,
    /// Whether there is a picture track, readable or not.
    pub(super) has_picture: bool,
    /// Whether there is a sound track, readable or not.
    pub(super) has_sound: bool,
    /// Transformation of all pictures.
    pub(super) matrix: Matrix,
}

/// One track.
#[derive(Debug)]
pub(super) struct Track<'a> {
    /// Units of time in a second; never 0.
    pub(super) timescale: u32,
    /// The one sample entry: codec, configuration. A box with its header.
    pub(super) entry: &'a [u8],
    /// The samples.
    pub(super) samples: Samples<'a>,
    /// The part of the track that is presented, by presentation time.
    pub(super) visible: Range<i64>,
    /// Transformation of its pictures.
    pub(super) matrix: Matrix,
    /// Width and height to show, 16.16 fixed point each.
    pub(super) shown_size: [u8; 8],
    /// Body of its edit list.
    edits: Option<&'a [u8]>,
    enabled: bool,
    is_aac: bool,
}

impl Track<'_> {
    /// Pixels of a picture, by the sample entry.
    pub(super) fn pixels(&self) -> u64 {
        let side = |at| u64::from(u16_at(self.entry, at).unwrap_or(0));
        side(32) * side(34)
    }
}

impl<'a> Movie<'a> {
    /// Reads the body of a `moov` box of a file of `file` bytes. `None` when it is damaged, fragmented or of a kind not
    /// read here; the decoder may know better.
    ///
    /// # Errors
    /// [`MediaError::TooLarge`] when the tracks together claim more samples than any video has. None has been walked.
    pub(super) fn parse(moov: &'a [u8], file: u64) -> Result<Option<Self>, MediaError> {
        if find(moov, &[b"mvex"]).is_some() {
            return Ok(None);
        }
        let Some((mut movie, timescale)) = Self::empty(moov) else {
            return Ok(None);
        };
        let (mut pictures, mut sounds) = (MAX_PICTURE_SAMPLES, MAX_SOUND_SAMPLES);
        let tracks = boxes(moov).filter(|(kind, _)| kind == b"trak");
        for (_, trak) in tracks.take(MAX_TRACKS) {
            match handler(trak) {
                Some(kind) if kind == *b"vide" => {
                    movie.has_picture = true;
                    movie.offer_picture(Track::parse(trak, file, &mut pictures)?);
                }
                Some(kind) if kind == *b"soun" => {
                    movie.has_sound = true;
                    movie.offer_sound(Track::parse(trak, file, &mut sounds)?);
                }
                _ => {}
            }
        }
        for track in [&mut movie.picture, &mut movie.sound].into_iter().flatten() {
            track.present(timescale);
        }
        Ok(Some(movie))
    }

    /// What the header of a movie says, with its time scale.
    fn empty(moov: &[u8]) -> Option<(Self, u32)> {
        let mvhd = find(moov, &[b"mvhd"])?;
        // Version 1 has 64-bit times: 12 bytes more before the matrix, 8 before the time scale.
        let (scale_at, matrix_at) = if *mvhd.first()? == 1 {
            (20, 48)
        } else {
            (12, 36)
        };
        let movie = Self {
            picture: None,
            sound: None,
            has_picture: false,
            has_sound: false,
            matrix: array(mvhd, matrix_at)?,
        };
        Some((movie, u32_at(mvhd, scale_at)?))
    }

    fn offer_picture(&mut self, track: Option<Track<'a>>) {
        let best = self.picture.as_ref();
        if let Some(track) = track.filter(|track| track.enabled)
            && best.is_none_or(|best| best.pixels() < track.pixels())
        {
            self.picture = Some(track);
        }
    }

    fn offer_sound(&mut self, track: Option<Track<'a>>) {
        let best = self.sound.as_ref();
        if let Some(track) = track
            && best.is_none_or(|best| !best.is_aac && track.is_aac)
        {
            self.sound = Some(track);
        }
    }
}

fn handler(trak: &[u8]) -> Option<Kind> {
    array(find(trak, &[b"mdia", b"hdlr"])?, 8)
}

impl<'a> Track<'a> {
    /// Reads a `trak` box; its samples are taken from `budget`. What is presented is not known yet.
    fn parse(trak: &'a [u8], file: u64, budget: &mut u32) -> Result<Option<Self>, MediaError> {
        let track = Self::of_boxes(trak, file);
        if let Some(track) = &track {
            *budget = budget
                .checked_sub(track.samples.claimed())
                .ok_or(MediaError::TooLarge)?;
        }
        Ok(track)
    }

    fn of_boxes(trak: &'a [u8], file: u64) -> Option<Self> {
        let tkhd = find(trak, &[b"tkhd"])?;
        let matrix_at = if *tkhd.first()? == 1 { 52 } else { 40 };
        let mdia = find(trak, &[b"mdia"])?;
        let mdhd = find(mdia, &[b"mdhd"])?;
        let timescale = u32_at(mdhd, if *mdhd.first()? == 1 { 20 } else { 12 })?;
        let stbl = find(mdia, &[b"minf", b"stbl"])?;
        let entries = find(stbl, &[b"stsd"])?;
        let entry = entries.get(8..)?;
        let entry = entry.get(..usize::try_from(u32_at(entry, 0)?).ok()?)?;
        if timescale == 0 || u32_at(entries, 4)? != 1 {
            return None;
        }
        Some(Self {
            timescale,
            entry,
            samples: Samples::parse(stbl, file)?,
            visible: i64::MIN..i64::MAX,
            matrix: array(tkhd, matrix_at)?,
            shown_size: array(tkhd, matrix_at + 36)?,
            edits: find(trak, &[b"edts", b"elst"]),
            enabled: tkhd.get(3)? & 1 == 1,
            is_aac: aac::plain_entry(entry).is_some(),
        })
    }

    /// Keeps to the edit list, unless it shows nothing at all: that is a mistake of the writer.
    fn present(&mut self, movie_timescale: u32) {
        if let Some(range) = self
            .edits
            .and_then(|elst| presented(elst, movie_timescale, self.timescale))
            && self.samples.clone().any(|it| range.contains(&it.pts))
        {
            self.visible = range;
        }
    }
}

/// The range of presentation times that an edit list of one edit shows; leading empty edits only shift it. `None` for
/// other lists: then everything is taken as shown.
fn presented(elst: &[u8], movie_timescale: u32, timescale: u32) -> Option<Range<i64>> {
    let count = usize::try_from(u32_at(elst, 4)?).ok()?;
    let long = *elst.first()? == 1;
    let mut shown = None;
    for i in 0..count.min(4) {
        let (duration, start) = if long {
            let at = 8 + i * 20;
            (u64_at(elst, at)?, u64_at(elst, at + 8)?.cast_signed())
        } else {
            let at = 8 + i * 12;
            (
                u64::from(u32_at(elst, at)?),
                i64::from(u32_at(elst, at + 4)?.cast_signed()),
            )
        };
        if start >= 0 && shown.replace((duration, start)).is_some() {
            return None;
        }
    }
    let (duration, start) = shown?;
    let ticks = u128::from(duration) * u128::from(timescale) / u128::from(movie_timescale.max(1));
    let end = match i64::try_from(ticks) {
        Ok(ticks) if ticks > 0 => start.saturating_add(ticks),
        _ => i64::MAX,
    };
    (count <= 4).then_some(start..end)
}

//! The tracks of a movie, and which of them a player shows.

use std::{cmp::Ordering, time::Duration};

use super::{
    aac,
    boxes::{array, boxes, find, u32_at},
    tracks::{Matrix, PictureTrack, SoundTrack, Track, enabled, encrypted, handler},
};
use dodolens_app::ports::MediaError;

/// Most tracks looked at. Phones write up to eight.
const MAX_TRACKS: usize = 64;
/// Most samples of all picture tracks together: four hours at 60 pictures a second, or 70 minutes at 240.
const MAX_PICTURE_SAMPLES: u32 = 1 << 20;
/// Most samples of all sound tracks together. Uncompressed sound has one for each 1/48000 s, so this is over eleven
/// minutes of it, and [`super::indexed`] takes no more bytes of it anyway; a packet of AAC is 1024 of those, so of AAC it
/// is a week. Tables can claim that many in a few bytes; a walk over them takes a tenth of a second, and there are a few.
const MAX_SOUND_SAMPLES: u32 = 1 << 25;
/// Tracks of which the shorter lasts at least so much of the longer are about as long.
const ALIKE: f64 = 0.9;

/// The tracks that matter of a movie.
#[derive(Debug)]
pub(super) struct Movie<'a> {
    /// The picture track that a player shows.
    pub(super) picture: Option<PictureTrack<'a>>,
    /// The sound track. `None` when there is none, and when the decoder must look for itself: the index does not say
    /// enough of it.
    pub(super) sound: Option<SoundTrack<'a>>,
    /// Whether there is a picture track, readable or not.
    pub(super) has_picture: bool,
    /// Whether there is a sound track, readable or not.
    pub(super) has_sound: bool,
    /// Whether all that there is of sound is encrypted: nothing reads it.
    pub(super) sound_encrypted: bool,
    /// Transformation of all pictures.
    pub(super) matrix: Matrix,
}

/// A movie as it is being read.
struct Reader<'a> {
    moov: &'a [u8],
    file: u64,
    timescale: u32,
}

/// A track of a movie, read or not.
struct Candidate<'a> {
    trak: &'a [u8],
    track: Option<Track<'a>>,
}

impl<'a> Movie<'a> {
    /// Reads the body of a `moov` box of a file of `file` bytes. `None` when it is damaged, fragmented or of a kind not
    /// read here; the decoder may know better.
    ///
    /// # Errors
    /// [`MediaError::TooLarge`] when the tracks together claim or present more samples than any video has. None has been
    /// walked if they claim too many. [`MediaError::Encrypted`] when the pictures that a player shows are.
    pub(super) fn parse(moov: &'a [u8], file: u64) -> Result<Option<Self>, MediaError> {
        let Some((matrix, timescale)) = header(moov) else {
            return Ok(None);
        };
        let reader = Reader {
            moov,
            file,
            timescale,
        };
        if find(moov, &[b"mvex"]).is_some() {
            let pictures = || reader.tracks(b"vide");
            return match pictures().next().is_some() && pictures().all(encrypted) {
                true => Err(MediaError::Encrypted),
                false => Ok(None),
            };
        }
        let pictures = reader.parse(b"vide", MAX_PICTURE_SAMPLES)?;
        let sounds = reader.parse(b"soun", MAX_SOUND_SAMPLES)?;
        let (has_picture, has_sound) = (!pictures.is_empty(), !sounds.is_empty());
        let sound_encrypted = has_sound && sounds.iter().all(|sound| encrypted(sound.trak));
        let sound = choose_sound(sounds)?;
        let witness = sound.as_ref().map(SoundTrack::shown_duration);
        Ok(Some(Self {
            picture: choose_picture(pictures, &reader.chapters(), witness)?,
            sound,
            has_picture,
            has_sound,
            sound_encrypted,
            matrix,
        }))
    }
}

/// Transformation of all pictures, and units of time in a second.
fn header(moov: &[u8]) -> Option<(Matrix, u32)> {
    let mvhd = find(moov, &[b"mvhd"])?;
    // Version 1 has 64-bit times: 12 bytes more before the matrix, 8 before the time scale.
    let (scale_at, matrix_at) = if *mvhd.first()? == 1 {
        (20, 48)
    } else {
        (12, 36)
    };
    Some((array(mvhd, matrix_at)?, u32_at(mvhd, scale_at)?))
}

impl<'a> Reader<'a> {
    /// The bodies of the `trak` boxes.
    fn all(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let tracks = boxes(self.moov).filter(|(kind, _)| kind == b"trak");
        tracks.take(MAX_TRACKS).map(|(_, trak)| trak)
    }

    /// Those of one kind of media.
    fn tracks(&self, kind: &[u8; 4]) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let kind = *kind;
        self.all().filter(move |trak| handler(trak) == Some(kind))
    }

    /// The tracks of one kind of media, which have `budget` samples together.
    fn parse(&self, kind: &[u8; 4], mut budget: u32) -> Result<Vec<Candidate<'a>>, MediaError> {
        let parse = |trak| {
            let track = Track::parse(trak, self.timescale, self.file, &mut budget)?;
            Ok(Candidate { trak, track })
        };
        self.tracks(kind).map(parse).collect()
    }

    /// Numbers of the tracks that hold the pictures of chapters.
    fn chapters(&self) -> Vec<u32> {
        let lists = self
            .all()
            .filter_map(|trak| find(trak, &[b"tref", b"chap"]));
        lists
            .flat_map(|list| {
                list.as_chunks()
                    .0
                    .iter()
                    .take(MAX_TRACKS)
                    .map(|id| u32::from_be_bytes(*id))
            })
            .collect()
    }
}

/// The picture track that a player shows: switched on, with pictures over the longest time, the largest of those. One
/// that is a single picture is a poster if there are others. The sound plays for `witness`.
fn choose_picture<'a>(
    candidates: Vec<Candidate<'a>>,
    chapters: &[u32],
    witness: Option<Duration>,
) -> Result<Option<PictureTrack<'a>>, MediaError> {
    let mut best: Option<(_, PictureTrack<'_>, bool)> = None;
    for Candidate { trak, track } in candidates {
        let Some(track) = track else { continue };
        let track = PictureTrack::new(track, witness)?;
        let shown = enabled(trak) && !id(trak).is_some_and(|id| chapters.contains(&id));
        let points = track.pictures.points.len();
        let rank = (points > 0, shown, points > 1);
        let better = best.as_ref().is_none_or(|(best, other, _)| {
            rank.cmp(best)
                .then_with(|| by_time_and_size(&track, other))
                .is_gt()
        });
        if better {
            best = Some((rank, track, encrypted(trak)));
        }
    }
    match best {
        Some((_, _, true)) => Err(MediaError::Encrypted),
        best => Ok(best.map(|(_, track, _)| track)),
    }
}

/// The sound track that a player plays: switched on; AAC that can be copied before what must be converted. `None` when a
/// track of which the index does not say enough is the better one.
fn choose_sound(candidates: Vec<Candidate<'_>>) -> Result<Option<SoundTrack<'_>>, MediaError> {
    let rank = |Candidate { trak, track }: &Candidate<'_>| {
        let track = track.as_ref();
        let filled = track.is_none_or(|track| track.samples.claimed() > 0);
        // Spatial sound that no decoder of ours knows lies beside ordinary sound.
        let known = track.is_none_or(|track| array(track.entry, 4) != Some(*b"apac"));
        let copied = track.is_some_and(|track| aac::plain_entry(track.entry).is_some());
        (filled, known, enabled(trak), copied)
    };
    let open = candidates
        .into_iter()
        .filter(|candidate| !encrypted(candidate.trak));
    // Of those alike, the first.
    match open.rev().max_by_key(rank).and_then(|best| best.track) {
        Some(track) => SoundTrack::new(track),
        None => Ok(None),
    }
}

/// The number of a track.
fn id(trak: &[u8]) -> Option<u32> {
    let tkhd = find(trak, &[b"tkhd"])?;
    u32_at(tkhd, if *tkhd.first()? == 1 { 20 } else { 12 })
}

/// Whether `a` is to be taken before `b`: it is clearly longer, or larger and about as long.
fn by_time_and_size(a: &PictureTrack<'_>, b: &PictureTrack<'_>) -> Ordering {
    let (long, short) = (
        a.duration().max(b.duration()),
        a.duration().min(b.duration()),
    );
    if short.as_secs_f64() >= ALIKE * long.as_secs_f64() {
        a.pixels().cmp(&b.pixels())
    } else {
        a.duration().cmp(&b.duration())
    }
}

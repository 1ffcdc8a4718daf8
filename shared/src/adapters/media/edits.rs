//! Edit lists: which parts of a track are presented, when, and in which order (ISO/IEC 14496-12, section 8.6.6).

use super::boxes::{table, u32_at, u64_at};
use crate::ports::MediaError;

/// Most edits that are followed. Nobody cuts a film of a few minutes into more.
const MAX_EDITS: usize = 4096;

/// A part of the media, and when it is presented. In units of the track's time scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edit {
    /// When its presentation begins.
    pub(super) at: u64,
    /// How long it is presented.
    pub(super) length: u64,
    /// Where it begins in the media.
    pub(super) start: i64,
    /// Whether one picture is presented all the time.
    pub(super) dwell: bool,
}

impl Edit {
    /// Where it ends in the media.
    pub(super) const fn end(&self) -> i64 {
        self.start.saturating_add_unsigned(self.length)
    }

    /// How much of what lies from `from` to `to` in the media it presents.
    pub(super) fn overlap(&self, from: i64, to: i64) -> u64 {
        let (from, to) = (from.max(self.start), to.min(self.end()));
        if to > from { to.abs_diff(from) } else { 0 }
    }
}

/// The edits of the body of an edit list box, those that present nothing left out. The time scales of the movie and of
/// the track differ.
///
/// # Errors
/// [`MediaError::TooLarge`] when there are too many.
pub(super) fn read(elst: &[u8], movie: u32, track: u32) -> Result<Vec<Edit>, MediaError> {
    let long = elst.first() == Some(&1);
    let entries: Vec<_> = if long {
        let entries = table::<20>(elst, 4).unwrap_or_default();
        entries
            .iter()
            .take(MAX_EDITS + 1)
            .filter_map(|entry| {
                Some((
                    u64_at(entry, 0)?,
                    u64_at(entry, 8)?.cast_signed(),
                    u32_at(entry, 16)?,
                ))
            })
            .collect()
    } else {
        let entries = table::<12>(elst, 4).unwrap_or_default();
        entries
            .iter()
            .take(MAX_EDITS + 1)
            .filter_map(|entry| {
                let start = u32_at(entry, 4)?.cast_signed();
                Some((u32_at(entry, 0)?.into(), start.into(), u32_at(entry, 8)?))
            })
            .collect()
    };
    if entries.len() > MAX_EDITS {
        return Err(MediaError::TooLarge);
    }
    // In units of the movie: sums of what has been rounded would drift.
    let mut now = 0_u128;
    let ticks = |time: u128| {
        let ticks = time * u128::from(track) / u128::from(movie.max(1));
        u64::try_from(ticks).unwrap_or(u64::MAX)
    };
    let mut edits = Vec::with_capacity(entries.len());
    let last = entries.len().saturating_sub(1);
    for (i, (duration, start, rate)) in entries.into_iter().enumerate() {
        let at = ticks(now);
        now = now.saturating_add(duration.into());
        let length = match duration {
            // "To the end", say writers that do not know yet where that is.
            0 if i == last => u64::MAX,
            _ => ticks(now).saturating_sub(at),
        };
        if start >= 0 && length > 0 {
            edits.push(Edit {
                at,
                length,
                start,
                dwell: rate == 0,
            });
        }
    }
    Ok(edits)
}

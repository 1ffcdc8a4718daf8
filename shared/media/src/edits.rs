//! Edit lists: which parts of a track are presented, when, and in which order (ISO/IEC 14496-12, section 8.6.6).

use super::boxes::{table, u32_at, u64_at};
use dodolens_app::ports::MediaError;

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

#[cfg(test)]
mod tests {
    use super::*;

    /// An edit list of version 0 or 1 out of duration, start and rate.
    fn list(version: u8, entries: &[(u32, i32, u16)]) -> Vec<u8> {
        let mut list = vec![version, 0, 0, 0];
        list.extend((entries.len() as u32).to_be_bytes());
        for (duration, start, rate) in entries {
            if version == 1 {
                list.extend(u64::from(*duration).to_be_bytes());
                list.extend(i64::from(*start).to_be_bytes());
            } else {
                list.extend(duration.to_be_bytes());
                list.extend(start.to_be_bytes());
            }
            list.extend(rate.to_be_bytes());
            list.extend([0, 0]);
        }
        list
    }

    fn edit(at: u64, length: u64, start: i64, dwell: bool) -> Edit {
        Edit {
            at,
            length,
            start,
            dwell,
        }
    }

    #[test]
    fn edits_of_every_kind_in_both_versions() {
        for version in [0, 1] {
            let entries = [
                (500, -1, 1),
                (1000, 9000, 1),
                (250, -1, 1),
                (1000, 0, 1),
                (2000, 4500, 0),
                (0, 7, 1),
            ];
            let edits = read(&list(version, &entries), 1000, 90_000).unwrap();
            assert_eq!(
                edits,
                [
                    edit(45_000, 90_000, 9000, false),
                    edit(157_500, 90_000, 0, false),
                    edit(247_500, 180_000, 4500, true),
                    edit(427_500, u64::MAX, 7, false)
                ]
            );
        }
    }

    #[test]
    fn times_do_not_drift_and_absurd_ones_are_bounded() {
        let thirds = vec![(1, 0, 1); 3000];
        let edits = read(&list(0, &thirds), 3, 1000).unwrap();
        assert_eq!(
            edits.last().map(|edit| edit.at + edit.length),
            Some(1_000_000)
        );
        let absurd = vec![(u32::MAX, i32::MAX, 1); 4096];
        let edits = read(&list(1, &absurd), 0, u32::MAX).unwrap();
        assert!(edits.iter().all(|edit| edit.end() > edit.start));
        assert_eq!(
            read(&list(0, &vec![(1, 0, 1); 4097]), 1, 1),
            Err(MediaError::TooLarge)
        );
        assert_eq!(
            read(&list(0, &[(0, 0, 1), (0, 5, 1)]), 1, 1).unwrap(),
            [edit(0, u64::MAX, 5, false)]
        );
        assert_eq!(read(b"", 1, 1), Ok(Vec::new()));
    }
}

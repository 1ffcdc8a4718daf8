//! The packets of a sound track as a player presents them, without holding a list of them: of uncompressed sound there
//! are millions.

use std::time::Duration;

use super::{
    clock::{LONGEST, Unit},
    edits::Edit,
    samples::{Sample, Samples},
};
use crate::ports::MediaError;

/// Most packets presented. Edits that repeat could ask for any number.
const MAX_PRESENTED: u64 = 1 << 25;
/// How long a packet lasts where the tables say nothing that can be true.
const DEFAULT: Duration = Duration::from_millis(20);
/// About how many places are remembered from which a walk can begin anew.
const MARKS: u32 = 4096;

/// A sound track and its edits.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    /// Where a walk can begin: the first packet, and some later ones if edits go there.
    marks: Vec<Samples<'a>>,
    edits: Vec<Edit>,
    /// How long a packet usually lasts, and longer than what none does.
    usual: u32,
    longest: u64,
    /// When the last packet ends by the tables, whether it is in the file or not.
    pub(super) end: u64,
    /// Whether packets that are presented lie beyond the end of the file.
    pub(super) cut: bool,
}

impl<'a> Shown<'a> {
    /// Packets of `samples` that `edits` present, or all if that is none. Packets last `usual` units unless the tables say
    /// what can be true.
    ///
    /// # Errors
    /// [`MediaError::TooLarge`] when the edits present too many packets.
    pub(super) fn new(
        samples: &Samples<'a>,
        edits: &[Edit],
        unit: Unit,
        usual: u32,
    ) -> Result<Self, MediaError> {
        let longest = unit.ticks(LONGEST).max(1);
        let usual = match u64::from(usual) > longest {
            true => u32::try_from(unit.ticks(DEFAULT)).unwrap_or(0),
            false => usual,
        };
        let mut shown = Self {
            marks: vec![samples.clone()],
            edits: edits.to_vec(),
            usual,
            longest,
            end: 0,
            cut: false,
        };
        if edits.len() > 1 {
            shown.mark(samples);
        }
        if !shown.measure()? {
            shown.edits.clear();
        }
        if shown.edits.is_empty() {
            shown.marks.truncate(1);
            shown.edits.push(Edit {
                at: 0,
                length: u64::MAX,
                start: 0,
                dwell: false,
            });
            shown.measure()?;
        }
        Ok(shown)
    }

    fn mark(&mut self, samples: &Samples<'a>) {
        let every = (samples.claimed() / MARKS).max(1024);
        let mut walk = samples.clone();
        while let Some((sample, _)) = walk.step() {
            if (sample.index + 1) % every == 0 {
                self.marks.push(walk.clone());
            }
        }
    }

    /// Takes the length of what is presented; whether that is anything.
    fn measure(&mut self) -> Result<bool, MediaError> {
        let (mut count, mut end, mut cut) = (0_u64, 0, false);
        for (sample, there) in self.walk() {
            count += 1;
            if count > MAX_PRESENTED {
                return Err(MediaError::TooLarge);
            }
            end = sample.dts.saturating_add(sample.duration.into());
            cut |= !there && sample.size > 0;
        }
        (self.end, self.cut) = (end, cut);
        Ok(count > 0)
    }

    /// The packets that are there, in order of presentation and on its clock.
    pub(super) fn packets(&self) -> impl Iterator<Item = Sample> {
        self.walk()
            .filter_map(|(sample, there)| there.then_some(sample))
    }

    fn walk(&self) -> impl Iterator<Item = (Sample, bool)> {
        let mut clock = Clock {
            usual: self.usual,
            longest: self.longest,
            now: 0,
            closed: 0,
        };
        self.edits
            .iter()
            .flat_map(|edit| self.follow(edit))
            .map(move |(sample, at, there)| (clock.place(sample, at), there))
    }

    /// What one edit presents, each with when that would be if the tables were true.
    fn follow(&self, edit: &Edit) -> impl Iterator<Item = (Sample, u64, bool)> + use<'a> {
        let before = self.marks.partition_point(|mark| {
            i64::try_from(mark.time()).is_ok_and(|time| time <= edit.start)
        });
        let mark = self.marks.get(before.saturating_sub(1)).cloned();
        let edit = *edit;
        let times = |sample: &Sample| {
            let from = i64::try_from(sample.dts).unwrap_or(i64::MAX);
            (from, from.saturating_add(sample.duration.into()))
        };
        let samples = mark
            .into_iter()
            .flat_map(Samples::promised)
            .take_while(move |(sample, _)| times(sample).0 < edit.end());
        samples.filter_map(move |(sample, there)| {
            let (from, to) = times(&sample);
            // Most of a packet or nothing: it can't be cut.
            let presented = edit.overlap(from, to) * 2 >= sample.duration.into()
                && to >= edit.start
                && !edit.dwell;
            let into = from.max(edit.start).abs_diff(edit.start);
            presented.then_some((sample, edit.at.saturating_add(into), there))
        })
    }
}

/// The clock of what is presented, without its faults.
struct Clock {
    usual: u32,
    longest: u64,
    now: u64,
    closed: u64,
}

impl Clock {
    fn place(&mut self, sample: Sample, at: u64) -> Sample {
        let open = at.saturating_sub(self.closed);
        if open.saturating_sub(self.now) > self.longest {
            self.closed = at.saturating_sub(self.now);
        }
        let dts = at.saturating_sub(self.closed).max(self.now);
        let plausible = sample.duration > 0 && u64::from(sample.duration) <= self.longest;
        let duration = if plausible {
            sample.duration
        } else {
            self.usual
        };
        let closed = sample.duration.saturating_sub(duration);
        self.closed = self.closed.saturating_add(closed.into());
        self.now = dts.saturating_add(duration.into());
        Sample {
            dts,
            pts: i64::try_from(dts).unwrap_or(i64::MAX),
            duration,
            ..sample
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::media::{boxes::boxed, testing::steps};

    const UNIT: Unit = Unit::per_second(1000);

    /// A sample table: packets of one byte in one chunk, the first at 100; counts and durations as given.
    fn tables(durations: &[(u32, u32)]) -> Vec<u8> {
        let long = |numbers: &[u32]| {
            numbers
                .iter()
                .flat_map(|number| number.to_be_bytes())
                .collect::<Vec<_>>()
        };
        let count = durations.iter().map(|(count, _)| count).sum();
        let runs: Vec<_> = durations
            .iter()
            .flat_map(|(count, duration)| [*count, *duration])
            .collect();
        [
            boxed(b"stsz", &[&long(&[0, 1, count])]),
            boxed(b"stco", &[&long(&[0, 1, 100])]),
            boxed(b"stsc", &[&long(&[0, 1, 1, count, 1])]),
            boxed(
                b"stts",
                &[&long(&[0, durations.len() as u32]), &long(&runs)],
            ),
        ]
        .concat()
    }

    /// Which packets of `durations` `edits` present, and when; and when the last ends.
    fn shown(durations: &[(u32, u32)], edits: &[Edit]) -> (Vec<(u32, u64)>, u64) {
        let tables = tables(durations);
        let samples = Samples::parse(&tables, 1 << 40).unwrap();
        let shown = Shown::new(&samples, edits, UNIT, samples.usual_duration()).unwrap();
        assert!(!shown.cut);
        (
            shown
                .packets()
                .map(|sample| (sample.index, sample.dts))
                .collect(),
            shown.end,
        )
    }

    fn edit(at: u64, length: u64, start: i64) -> Edit {
        Edit {
            at,
            length,
            start,
            dwell: false,
        }
    }

    #[test]
    fn what_is_cut_out_is_not_heard_and_what_is_repeated_is_heard_twice() {
        let (packets, end) = shown(
            &[(100, 20)],
            &[edit(0, 60, 0), edit(60, 40, 1000), edit(100, 40, 0)],
        );
        assert_eq!(
            packets,
            [
                (0, 0),
                (1, 20),
                (2, 40),
                (50, 60),
                (51, 80),
                (0, 100),
                (1, 120)
            ]
        );
        assert_eq!(end, 140);
    }

    #[test]
    fn delays_stay_and_packets_are_presented_by_their_greater_part() {
        let (packets, end) = shown(&[(100, 20)], &[edit(500, 61, 31), edit(700, 20, 0)]);
        assert_eq!(packets, [(2, 509), (3, 529), (4, 549), (0, 700)]);
        assert_eq!(end, 720);
    }

    #[test]
    fn a_dwell_is_silent_and_edits_that_present_nothing_present_everything() {
        let dwell = Edit {
            dwell: true,
            ..edit(0, 60, 0)
        };
        for edits in [&[dwell][..], &[edit(0, 60, 9000)], &[]] {
            let (packets, end) = shown(&[(100, 20)], edits);
            assert_eq!((packets.len(), end), (100, 2000));
        }
    }

    #[test]
    fn packets_that_last_for_hours_last_as_long_as_usual() {
        for durations in [
            &[(50, 20), (1, 9_000_000), (49, 20)][..],
            &[(99, 20), (1, u32::MAX)],
        ] {
            for edits in [&[][..], &[edit(0, u64::MAX, 0)]] {
                let (packets, end) = shown(durations, edits);
                assert_eq!((packets.len(), end), (100, 2000), "{durations:?}");
                assert_eq!(packets.last(), Some(&(99, 1980)));
            }
        }
        assert_eq!(shown(&[(100, u32::MAX)], &[]).1, 2000);
        assert_eq!(shown(&[(50, 20), (1, 0), (49, 20)], &[]).1, 2000);
        // A beginning that is hours off.
        assert_eq!(shown(&[(100, 20)], &[edit(9_000_000, 2000, 0)]).1, 2000);
    }

    #[test]
    fn packets_beyond_the_file_are_told_and_count_as_time() {
        let tables = tables(&[(100, 20)]);
        let samples = Samples::parse(&tables, 150).unwrap();
        let shown = Shown::new(&samples, &[], UNIT, 20).unwrap();
        assert!(shown.cut && shown.end == 2000 && shown.packets().count() == 50);
        let shown = Shown::new(&samples, &[edit(0, 200, 0)], UNIT, 20).unwrap();
        assert!(!shown.cut, "what is cut off is not presented");
    }

    #[test]
    fn edits_times_packets_do_not_multiply() {
        const COUNT: u32 = 1 << 20;
        let tables = tables(&[(COUNT, 1)]);
        let samples = Samples::parse(&tables, 1 << 40).unwrap();
        let edits: Vec<_> = (0..4096)
            .map(|i| edit(i, 1, i64::from(COUNT) - 2))
            .collect();
        steps();
        let shown = Shown::new(&samples, &edits, UNIT, 1).unwrap();
        assert_eq!((shown.end, shown.packets().count()), (4096, 4096));
        assert!(steps() < 12 * u64::from(COUNT));
        let all: Vec<_> = (0..4096).map(|i| edit(i << 20, 1 << 20, 0)).collect();
        assert!(matches!(
            Shown::new(&samples, &all, UNIT, 1),
            Err(MediaError::TooLarge)
        ));
    }
}

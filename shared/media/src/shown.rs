//! The packets of a sound track as a player presents them, without holding a list of them: of uncompressed sound there
//! are millions.

use std::time::Duration;

use super::{
    clock::{LONGEST, Unit},
    edits::Edit,
    samples::{Sample, Samples},
};
use dodolens_app::ports::MediaError;

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
mod tests;

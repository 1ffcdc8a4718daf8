//! The samples of a track, read from its tables as they are asked for (ISO/IEC 14496-12, sections 8.6 and 8.7).

use std::collections::HashMap;

use super::boxes::{find, table, u32_at};

/// One sample that lies within the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    /// Place in decoding order, from 0.
    pub(super) index: u32,
    /// Where its bytes begin in the file.
    pub(super) offset: u64,
    /// How many bytes.
    pub(super) size: u32,
    /// When it is decoded, in units of the track's time scale.
    pub(super) dts: u64,
    /// When it is shown, in the same units, before edits.
    pub(super) pts: i64,
    /// How long it lasts, in the same units.
    pub(super) duration: u32,
    /// Whether it can be decoded alone.
    pub(super) key: bool,
}

#[derive(Debug, Clone, Copy)]
enum Sizes<'a> {
    Same(u32),
    Each(&'a [[u8; 4]]),
}

#[derive(Debug, Clone, Copy)]
enum Chunks<'a> {
    Short(&'a [[u8; 4]]),
    Long(&'a [[u8; 8]]),
}

impl Chunks<'_> {
    fn get(&self, i: usize) -> Option<u64> {
        match self {
            Self::Short(offsets) => offsets.get(i).map(|o| u64::from(u32::from_be_bytes(*o))),
            Self::Long(offsets) => offsets.get(i).map(|o| u64::from_be_bytes(*o)),
        }
    }
}

/// A run-length table of two 32-bit numbers an entry, read one sample at a time. Past its end the last value goes on.
#[derive(Debug, Clone)]
struct Runs<'a> {
    rest: std::slice::Iter<'a, [u8; 8]>,
    left: u32,
    value: u32,
}

impl<'a> Runs<'a> {
    fn new(entries: &'a [[u8; 8]]) -> Self {
        Self {
            rest: entries.iter(),
            left: 0,
            value: 0,
        }
    }

    fn next(&mut self) -> u32 {
        while self.left == 0 {
            let Some(entry) = self.rest.next() else {
                return self.value;
            };
            self.left = u32_at(entry, 0).unwrap_or(0);
            self.value = u32_at(entry, 4).unwrap_or(0);
        }
        self.left -= 1;
        self.value
    }
}

/// The samples of a track in decoding order; those that do not lie wholly within the file are left out.
#[derive(Debug, Clone)]
pub(super) struct Samples<'a> {
    file: u64,
    count: u32,
    sizes: Sizes<'a>,
    chunks: Chunks<'a>,
    /// First chunk (from 1), samples in each, sample entry (from 1).
    runs: &'a [[u8; 12]],
    times: Runs<'a>,
    shifts: Runs<'a>,
    /// Numbers (from 1) of those that can be decoded alone; `None` when all can.
    keys: Option<&'a [[u8; 4]]>,
    next: u32,
    chunk: usize,
    left_in_chunk: u32,
    offset: u64,
    dts: u64,
}

impl<'a> Samples<'a> {
    /// Takes the tables of a sample table box (`stbl`) for a file of `file` bytes. `None` when one is missing, does not
    /// fit its box, or asks for what is not read here: compact sizes, several sample entries.
    pub(super) fn parse(stbl: &'a [u8], file: u64) -> Option<Self> {
        let stsz = find(stbl, &[b"stsz"])?;
        let count = u32_at(stsz, 8)?;
        let sizes = match u32_at(stsz, 4)? {
            0 => Sizes::Each(table(stsz, 8)?),
            size => Sizes::Same(size),
        };
        let chunks = match find(stbl, &[b"stco"]) {
            Some(stco) => Chunks::Short(table(stco, 4)?),
            None => Chunks::Long(table(find(stbl, &[b"co64"])?, 4)?),
        };
        let runs: &[[u8; 12]] = table(find(stbl, &[b"stsc"])?, 4)?;
        if runs.iter().any(|run| u32_at(run, 8) != Some(1)) {
            return None;
        }
        let shifts = match find(stbl, &[b"ctts"]) {
            Some(ctts) => table(ctts, 4)?,
            None => &[],
        };
        let keys = match find(stbl, &[b"stss"]) {
            Some(stss) => Some(table(stss, 4)?),
            None => None,
        };
        Some(Self {
            file,
            count,
            sizes,
            chunks,
            runs,
            times: Runs::new(table(find(stbl, &[b"stts"])?, 4)?),
            shifts: Runs::new(shifts),
            keys,
            next: 0,
            chunk: 0,
            left_in_chunk: 0,
            offset: 0,
            dts: 0,
        })
    }

    /// How many samples there are by the tables, within the file or not.
    pub(super) const fn claimed(&self) -> u32 {
        self.count
    }

    /// When the next sample is decoded.
    pub(super) const fn time(&self) -> u64 {
        self.dts
    }

    /// The one size of all samples, if it is the same.
    pub(super) const fn same_size(&self) -> Option<u32> {
        match self.sizes {
            Sizes::Same(size) => Some(size),
            Sizes::Each(_) => None,
        }
    }

    /// How long most of the samples last by the tables.
    pub(super) fn usual_duration(&self) -> u32 {
        let mut counts = HashMap::<u32, u64>::new();
        for entry in self.times.rest.as_slice() {
            if let (Some(count), Some(duration)) = (u32_at(entry, 0), u32_at(entry, 4)) {
                *counts.entry(duration).or_default() += u64::from(count);
            }
        }
        let most = counts
            .into_iter()
            .max_by_key(|(duration, count)| (*count, *duration));
        most.map_or(0, |(duration, _)| duration)
    }

    /// All samples of the tables, each with whether it lies within the file.
    pub(super) fn promised(mut self) -> impl Iterator<Item = (Sample, bool)> + use<'a> {
        std::iter::from_fn(move || self.step())
    }

    /// Goes to the next chunk that holds a sample.
    fn next_chunk(&mut self) -> Option<()> {
        while self.left_in_chunk == 0 {
            self.offset = self.chunks.get(self.chunk)?;
            self.chunk += 1;
            while let Some(run) = self.runs.get(1)
                && usize::try_from(u32_at(run, 0)?).ok()? <= self.chunk
            {
                self.runs = self.runs.get(1..)?;
            }
            self.left_in_chunk = u32_at(self.runs.first()?, 4)?;
        }
        self.left_in_chunk -= 1;
        Some(())
    }

    fn is_key(&mut self, number: u32) -> bool {
        let Some(keys) = &mut self.keys else {
            return true;
        };
        while let Some((first, rest)) = keys.split_first() {
            match u32::from_be_bytes(*first).cmp(&number) {
                std::cmp::Ordering::Less => *keys = rest,
                order => return order.is_eq(),
            }
        }
        false
    }

    /// The next sample, and whether it lies within the file.
    pub(super) fn step(&mut self) -> Option<(Sample, bool)> {
        #[cfg(test)]
        super::testing::count_step();
        let index = self.next;
        if index >= self.count {
            return None;
        }
        self.next_chunk()?;
        self.next += 1;
        let size = match self.sizes {
            Sizes::Same(size) => size,
            Sizes::Each(sizes) => u32::from_be_bytes(*sizes.get(usize::try_from(index).ok()?)?),
        };
        let offset = self.offset;
        self.offset = offset.checked_add(u64::from(size))?;
        let duration = self.times.next();
        let dts = self.dts;
        self.dts = dts.checked_add(u64::from(duration))?;
        // Version 0 of the table is unsigned, but signed numbers are found in both.
        let shift = i64::from(self.shifts.next().cast_signed());
        let sample = Sample {
            index,
            offset,
            size,
            dts,
            pts: i64::try_from(dts).ok()?.checked_add(shift)?,
            duration,
            key: self.is_key(index + 1),
        };
        Some((sample, size > 0 && self.offset <= self.file))
    }
}

impl Iterator for Samples<'_> {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        loop {
            let (sample, there) = self.step()?;
            if there {
                return Some(sample);
            }
        }
    }
}

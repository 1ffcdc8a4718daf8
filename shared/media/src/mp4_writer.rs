//! Writes an MP4 file of one track, index first, around samples that are still to be fetched.

mod file;

use std::collections::HashMap;

use zeroize::Zeroizing;

use self::file::Sizes;
pub(super) use self::file::{Mp4File, Span};
use super::{
    boxes::{Kind, boxed},
    samples::Sample,
    tracks::{Matrix, Track},
};

/// Most runs of bytes to fetch for one file.
const MAX_SPANS: usize = 1 << 18;

/// What the track holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    /// Pictures, turned by the matrix of the movie.
    Pictures(Matrix),
    /// Sound.
    Sound,
}

/// Collects samples, then writes the file.
#[derive(Debug, Default)]
pub(super) struct Mp4Writer {
    spans: Vec<Span>,
    bytes: usize,
    count: u32,
    sizes: Vec<u8>,
    same_size: Option<u32>,
    times: Runs,
    shifts: Runs,
    keys: Option<Vec<u8>>,
    last: Option<Sample>,
    duration: u64,
}

impl Mp4Writer {
    /// Adds a sample; in decoding order. `None` when the file would become larger than `limit` bytes of samples, or is
    /// scattered too widely.
    pub(super) fn push(&mut self, sample: Sample, limit: usize) -> Option<()> {
        if let Some(last) = self.last.replace(sample) {
            self.close(sample.dts.checked_sub(last.dts)?);
        }
        let size = usize::try_from(sample.size).ok()?;
        let end = sample.offset.checked_add(u64::from(sample.size))?;
        let full = self.spans.len() == MAX_SPANS;
        match self.spans.last_mut() {
            Some(span) if span.source.end == sample.offset => span.source.end = end,
            _ if full => return None,
            _ => self.spans.push(Span {
                source: sample.offset..end,
                target: self.bytes,
            }),
        }
        self.bytes = self
            .bytes
            .checked_add(size)
            .filter(|bytes| *bytes <= limit)?;
        self.add_size(sample.size);
        self.count += 1;
        let shift = sample.pts.checked_sub_unsigned(sample.dts)?;
        self.shifts.push(i32::try_from(shift).ok()?.cast_unsigned());
        self.add_key(sample.key);
        Some(())
    }

    /// Sets how long the last sample lasts.
    fn close(&mut self, duration: u64) {
        self.times.push(u32::try_from(duration).unwrap_or(u32::MAX));
        self.duration = self.duration.saturating_add(duration);
    }

    /// Sizes are listed only from the first that differs: uncompressed sound has millions that are equal.
    fn add_size(&mut self, size: u32) {
        if self.count == 0 {
            self.same_size = Some(size);
        } else if let Some(same) = self.same_size.filter(|same| *same != size) {
            self.sizes = same.to_be_bytes().repeat(self.count as usize);
            self.same_size = None;
        }
        if self.same_size.is_none() {
            self.sizes.extend(size.to_be_bytes());
        }
    }

    /// Those that can be decoded alone are listed only from the first that can't: of sound, all can.
    fn add_key(&mut self, key: bool) {
        if self.keys.is_none() && !key {
            self.keys = Some((1..self.count).flat_map(u32::to_be_bytes).collect());
        }
        if let Some(keys) = self.keys.as_mut().filter(|_| key) {
            keys.extend(self.count.to_be_bytes());
        }
    }

    /// Writes the file: the samples as a track like `track`, with `entry` as the sample entry, `timescale` units a
    /// second. `None` when there are no samples.
    pub(super) fn finish(
        mut self,
        content: Content,
        track: &Track<'_>,
        entry: &[u8],
        timescale: u32,
        brand: &Kind,
    ) -> Option<Mp4File> {
        let last = self.last?;
        self.close(u64::from(last.duration));
        let ftyp = boxed(b"ftyp", &[brand, &[0, 0, 2, 0], brand, b"isom", b"mp42"]);
        let mut moov = self.moov(content, track, entry, timescale);
        let head = ftyp.len() + moov.len() + 8;
        // The one chunk offset is the last field of the last box.
        *moov.last_chunk_mut()? = u32::try_from(head).ok()?.to_be_bytes();
        let mdat = u32::try_from(self.bytes.checked_add(8)?).ok()?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(head + self.bytes));
        for part in [&ftyp[..], &moov, &mdat.to_be_bytes(), b"mdat"] {
            bytes.extend_from_slice(part);
        }
        bytes.resize(head + self.bytes, 0);
        for span in &mut self.spans {
            span.target += head;
        }
        let sizes = match self.same_size {
            Some(size) => Sizes::Same(size as usize),
            None => Sizes::Each(self.sizes),
        };
        Some(Mp4File {
            bytes,
            spans: self.spans,
            duration: self.duration,
            steady: u64::from(self.times.usual()) * u64::from(self.count),
            samples: head,
            sizes,
        })
    }

    fn moov(&self, content: Content, track: &Track<'_>, entry: &[u8], timescale: u32) -> Vec<u8> {
        const UNIT: Matrix = {
            let mut unit = [0; 36];
            (unit[1], unit[17], unit[32]) = (1, 1, 0x40);
            unit
        };
        let long = |value: u32| value.to_be_bytes();
        let duration = long(u32::try_from(self.duration).unwrap_or(u32::MAX));
        let (handler, media_header, movie_matrix, volume) = match content {
            Content::Pictures(matrix) => (b"vide", boxed(b"vmhd", &[&long(1), &[0; 8]]), matrix, 0),
            Content::Sound => (b"soun", boxed(b"smhd", &[&[0; 8]]), UNIT, 1),
        };
        let none: &[u8] = &[];
        let shifts = boxed(b"ctts", &[&[1, 0, 0, 0], &self.shifts.table()]);
        let keys = self.keys.as_ref().map(|keys| {
            let count = long(keys.len() as u32 / 4);
            boxed(b"stss", &[&[0; 4], &count, keys])
        });
        let stbl = boxed(
            b"stbl",
            &[
                &boxed(b"stsd", &[&[0; 4], &long(1), entry]),
                &boxed(b"stts", &[&[0; 4], &self.times.table()]),
                if self.shifts.all_zero() {
                    none
                } else {
                    &shifts
                },
                keys.as_deref().unwrap_or(none),
                &boxed(
                    b"stsc",
                    &[&[0; 4], &long(1), &long(1), &long(self.count), &long(1)],
                ),
                &boxed(
                    b"stsz",
                    &[
                        &[0; 4],
                        &long(self.same_size.unwrap_or(0)),
                        &long(self.count),
                        &self.sizes,
                    ],
                ),
                &boxed(b"stco", &[&[0; 4], &long(1), &[0; 4]]),
            ],
        );
        // "url " with flag 1: the samples are in this very file.
        let dref = boxed(b"dref", &[&[0; 4], &long(1), &boxed(b"url ", &[&long(1)])]);
        let minf = boxed(b"minf", &[&media_header, &boxed(b"dinf", &[&dref]), &stbl]);
        let mdhd = boxed(
            b"mdhd",
            &[&[0; 12], &long(timescale), &duration, &[0x55, 0xc4, 0, 0]],
        );
        let hdlr = boxed(b"hdlr", &[&[0; 8], handler, &[0; 13]]);
        let tkhd = boxed(
            b"tkhd",
            &[
                &long(3), // switched on, part of the movie
                &[0; 8],
                &long(1),
                &[0; 4],
                &duration,
                &[0; 12],
                &[volume, 0, 0, 0],
                &track.matrix,
                &track.shown_size,
            ],
        );
        let mvhd = boxed(
            b"mvhd",
            &[
                &[0; 12],
                &long(timescale),
                &duration,
                &[0, 1, 0, 0, 1, 0],
                &[0; 10],
                &movie_matrix,
                &[0; 24],
                &long(2),
            ],
        );
        let mdia = boxed(b"mdia", &[&mdhd, &hdlr, &minf]);
        boxed(b"moov", &[&mvhd, &boxed(b"trak", &[&tkhd, &mdia])])
    }
}

/// A run-length table of 32-bit numbers.
#[derive(Debug, Default)]
struct Runs(Vec<(u32, u32)>);

impl Runs {
    fn push(&mut self, value: u32) {
        match self.0.last_mut() {
            Some((count, last)) if *last == value => *count += 1,
            _ => self.0.push((1, value)),
        }
    }

    /// The number that there is most often.
    fn usual(&self) -> u32 {
        let mut counts = HashMap::<u32, u64>::new();
        for (count, value) in &self.0 {
            *counts.entry(*value).or_default() += u64::from(*count);
        }
        let most = counts
            .into_iter()
            .max_by_key(|(value, count)| (*count, *value));
        most.map_or(0, |(value, _)| value)
    }

    fn all_zero(&self) -> bool {
        self.0.iter().all(|(_, value)| *value == 0)
    }

    /// The number of runs, then count and value of each.
    fn table(&self) -> Vec<u8> {
        let mut table = (self.0.len() as u32).to_be_bytes().to_vec();
        for (count, value) in &self.0 {
            table.extend(count.to_be_bytes());
            table.extend(value.to_be_bytes());
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{boxes::find, tables::Movie, testing::TINY};

    #[test]
    fn what_is_the_same_for_all_samples_takes_no_memory_for_each() {
        let mut writer = Mp4Writer::default();
        for index in 0..1_000_000 {
            let sample = Sample {
                index,
                offset: 1000 + 2 * u64::from(index),
                size: 2,
                dts: index.into(),
                pts: index.into(),
                duration: 1,
                key: true,
            };
            writer.push(sample, 1 << 24).unwrap();
        }
        assert_eq!((writer.count, writer.bytes), (1_000_000, 2_000_000));
        assert!(writer.sizes.is_empty() && writer.keys.is_none());
        let runs = (
            writer.spans.len(),
            writer.times.0.len(),
            writer.shifts.0.len(),
        );
        assert_eq!(runs, (1, 1, 1));
    }

    /// The lengths of the packets of samples of `sizes`.
    fn packets(sizes: &[u32]) -> Vec<usize> {
        let moov = find(TINY, &[b"moov"]).unwrap();
        let movie = Movie::parse(moov, TINY.len() as u64).unwrap().unwrap();
        let track = &movie.sound.as_ref().unwrap().track;
        let mut writer = Mp4Writer::default();
        for (index, size) in (0..).zip(sizes) {
            let sample = Sample {
                index,
                offset: 0,
                size: *size,
                // The last but one is late.
                dts: 10 * u64::from(index) + u64::from(index > 3) * 500,
                pts: 10 * i64::from(index) + i64::from(index > 3) * 500,
                duration: 10,
                key: true,
            };
            writer.push(sample, 1 << 10).unwrap();
        }
        let file = writer
            .finish(Content::Sound, track, track.entry, 100, b"M4A ")
            .unwrap();
        assert_eq!(file.steady, 10 * sizes.len() as u64);
        file.packets().map(<[u8]>::len).collect()
    }

    #[test]
    fn packets_are_given_as_they_were_put_in_and_gaps_are_not_counted() {
        assert_eq!(packets(&[5, 5, 5, 5, 5]), [5; 5]);
        assert_eq!(packets(&[5, 7, 5, 1, 9]), [5, 7, 5, 1, 9]);
    }
}

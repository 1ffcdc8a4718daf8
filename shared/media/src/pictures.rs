//! The pictures of a track as a player presents them.

use std::time::Duration;

use super::{
    clock::{Moment, Unit, close},
    edits::Edit,
    samples::Sample,
};
use dodolens_app::ports::MediaError;

/// Most pictures presented: four hours at 60 a second. Edits that repeat could ask for any number.
const MAX_PRESENTED: usize = 1 << 20;

/// A picture when it is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    /// Place in decoding order, from 0.
    pub(super) index: u32,
    /// Its time in the media.
    pub(super) pts: i64,
    /// When it is shown, and how long.
    pub(super) shown: Moment,
    /// Whether it can be decoded alone.
    pub(super) key: bool,
    /// Where decoding must begin to get it; `None` when it can't be had.
    pub(super) from: Option<u32>,
}

/// All that is presented of a track.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pictures {
    /// The pictures that are there, in order of presentation; one that is presented twice is there twice.
    pub(super) points: Vec<Point>,
    /// When the last picture ends, there or not.
    pub(super) end: u64,
    /// The unit of these times.
    pub(super) unit: Unit,
}

impl Pictures {
    /// For how long the pictures that are there are presented.
    pub(super) fn length(&self) -> Duration {
        let ends = self.points.iter();
        let ends = ends.map(|point| point.shown.at.saturating_add(point.shown.length));
        self.unit.duration(ends.max().unwrap_or(0))
    }
}

/// A picture of the media, which may lie beyond the end of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Picture {
    /// The picture, not shown yet.
    pub(super) point: Point,
    /// Whether all of it is in the file.
    pub(super) there: bool,
}

/// The pictures of a track in order of time, and where the media ends.
#[derive(Debug, Default)]
pub(super) struct Media {
    pictures: Vec<Picture>,
    end: i64,
    /// The latest two that can be decoded alone: place and time.
    keys: [Option<(u32, i64)>; 2],
}

impl Media {
    /// Takes the samples of a track, in decoding order, each with whether it is in the file.
    pub(super) fn of_samples(samples: impl Iterator<Item = (Sample, bool)>) -> Self {
        let mut media = Self::default();
        for (sample, there) in samples {
            let Sample {
                index,
                pts,
                duration,
                key,
                ..
            } = sample;
            media.push(index, pts, duration.into(), key, there);
        }
        media.pictures.sort_by_key(|picture| picture.point.pts);
        media
    }

    /// Adds the next picture in decoding order.
    fn push(&mut self, index: u32, pts: i64, duration: i64, key: bool, there: bool) {
        if key && there {
            self.keys = [Some((index, pts)), self.keys[0]];
        }
        // What is shown before a key and decoded after it needs the key before.
        let from = self.keys.iter().flatten().find(|(_, time)| *time <= pts);
        self.pictures.push(Picture {
            point: Point {
                index,
                pts,
                shown: Moment { at: 0, length: 0 },
                key,
                from: from.map(|(index, _)| *index),
            },
            there,
        });
        self.end = self.end.max(pts.saturating_add(duration));
    }

    /// When the picture `i` ends.
    fn end_of(&self, i: usize) -> i64 {
        let next = self.pictures.get(i + 1);
        next.map_or(self.end, |next| next.point.pts)
    }

    /// What `edits` present, or all of it if that is nothing: an edit list like that is a mistake of its writer. The
    /// sound plays for `witness`.
    ///
    /// # Errors
    /// [`MediaError::TooLarge`] when the edits present too many pictures.
    pub(super) fn presented(
        &self,
        edits: &[Edit],
        unit: Unit,
        witness: Option<Duration>,
    ) -> Result<Pictures, MediaError> {
        let mut shown = Vec::new();
        let mut budget = MAX_PRESENTED.max(self.pictures.len());
        for edit in edits {
            self.follow(edit, unit, &mut budget, &mut shown)?;
        }
        if shown.is_empty() {
            let first = self.pictures.first().map_or(0, |first| first.point.pts);
            shown.extend(self.pictures.iter().enumerate().map(|(i, picture)| {
                let (from, to) = (picture.point.pts, self.end_of(i));
                let moment = Moment {
                    at: from.abs_diff(first),
                    length: to.abs_diff(from),
                };
                (moment, *picture)
            }));
        }
        let mut moments: Vec<_> = shown.iter().map(|(moment, _)| *moment).collect();
        let end = close(&mut moments, unit, witness);
        let shown = shown.into_iter().zip(moments);
        let points = shown.filter(|((_, picture), _)| picture.there);
        Ok(Pictures {
            points: points
                .map(|((_, picture), shown)| Point {
                    shown,
                    ..picture.point
                })
                .collect(),
            end,
            unit,
        })
    }

    /// Adds what one edit presents. A picture of which it presents a sliver only is not meant.
    fn follow(
        &self,
        edit: &Edit,
        unit: Unit,
        budget: &mut usize,
        shown: &mut Vec<(Moment, Picture)>,
    ) -> Result<(), MediaError> {
        let after = |time: i64| {
            self.pictures
                .partition_point(|picture| picture.point.pts <= time)
        };
        let first = after(edit.start).saturating_sub(1);
        for (i, picture) in self.pictures.iter().enumerate().skip(first) {
            let (from, to) = (picture.point.pts, self.end_of(i));
            if from >= edit.end() {
                break;
            }
            *budget = budget.checked_sub(1).ok_or(MediaError::TooLarge)?;
            if edit.dwell {
                if to > edit.start {
                    shown.push((
                        Moment {
                            at: edit.at,
                            length: edit.length,
                        },
                        *picture,
                    ));
                }
                break;
            }
            let (overlap, whole) = (edit.overlap(from, to), to.abs_diff(from));
            let enough = overlap.saturating_mul(2) >= whole.min(edit.length)
                || overlap >= unit.ticks(Duration::from_secs(1));
            if overlap > 0 && enough {
                let into = from.max(edit.start).abs_diff(edit.start);
                shown.push((
                    Moment {
                        at: edit.at.saturating_add(into),
                        length: overlap,
                    },
                    *picture,
                ));
            }
        }
        Ok(())
    }
}

/// A picture as the decoder lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packet {
    /// Place in decoding order, from 0.
    pub(super) index: u32,
    /// When it is shown.
    pub(super) pts: i64,
    /// How long.
    pub(super) duration: u32,
    /// Whether it can be decoded alone.
    pub(super) key: bool,
}

impl Pictures {
    /// Pictures of a file that the decoder has listed, edits applied, while sound plays for `witness`. Of such a file, it
    /// can decode all from the beginning.
    pub(super) fn of_packets(packets: &[Packet], unit: Unit, witness: Option<Duration>) -> Self {
        let mut media = Media::default();
        for packet in packets {
            media.push(
                packet.index,
                packet.pts,
                packet.duration.into(),
                packet.key,
                true,
            );
        }
        media.pictures.sort_by_key(|picture| picture.point.pts);
        let mut all = media.presented(&[], unit, witness).unwrap_or_default();
        for point in &mut all.points {
            point.from.get_or_insert(0);
        }
        all
    }
}

#[cfg(test)]
mod tests;

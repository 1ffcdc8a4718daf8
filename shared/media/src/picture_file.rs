//! A small file of some pictures of a video.

use std::ops::Range;

use super::{
    gather::gather,
    mp4_writer::{Content, Mp4File, Mp4Writer},
    plan::Shot,
    tracks::{Matrix, Track},
};
use dodolens_app::ports::{ReadError, VideoSource};

/// Bytes of pictures in one file at most; sixteen of a 4K video come to about 20 MiB.
const MAX_PICTURES: usize = 48 * 1024 * 1024;

/// A file of pictures.
pub(super) struct PictureFile {
    pub(super) file: Mp4File,
    /// When the wanted pictures are shown in it, in seconds, each give or take the slack.
    pub(super) times: Vec<f64>,
    pub(super) slack: f64,
    /// Whether each of its pictures stands alone.
    pub(super) alone: bool,
}

impl PictureFile {
    /// The pictures of `track` to decode for `shots`, to be turned by `matrix`. Pictures that stand alone are a second
    /// apart; a chain keeps its own times, by which the wanted ones are found again. `None` when they are too many.
    pub(super) fn new(
        track: &Track<'_>,
        matrix: Matrix,
        quicktime: bool,
        shots: &[Shot],
    ) -> Option<Self> {
        let all_alone = shots.iter().all(Shot::alone);
        let mut wanted = runs(shots).into_iter().peekable();
        let (mut writer, mut zero, mut alone) = (Mp4Writer::default(), None, Vec::new());
        for mut sample in track.samples.clone() {
            while wanted.next_if(|run| run.end <= sample.index).is_some() {}
            match wanted.peek() {
                None => break,
                Some(run) if !run.contains(&sample.index) => continue,
                Some(_) => {}
            }
            zero.get_or_insert(sample.dts);
            if all_alone {
                let second = alone.len();
                alone.push(sample.index);
                (sample.dts, sample.pts, sample.duration) = (second as u64, second as i64, 1);
            }
            writer.push(sample, MAX_PICTURES)?;
        }
        let zero = i64::try_from(zero?).ok()?;
        let timescale = if all_alone { 1 } else { track.timescale };
        let place = |shot: &Shot| match all_alone {
            true => Some(alone.binary_search(&shot.decode.start).ok()? as i64),
            false => Some(shot.pts.saturating_sub(zero)),
        };
        let times = shots
            .iter()
            .map(|shot| Some(place(shot)? as f64 / f64::from(timescale)));
        let times = times.collect::<Option<_>>()?;
        let brand = if quicktime { b"qt  " } else { b"isom" };
        let content = Content::Pictures(matrix);
        Some(Self {
            file: writer.finish(content, track, track.entry, timescale, brand)?,
            times,
            slack: 0.5 / f64::from(timescale),
            alone: all_alone,
        })
    }

    /// Fills it with its samples.
    pub(super) async fn fill(&mut self, video: &impl VideoSource) -> Result<(), ReadError> {
        gather(video, &mut [&mut self.file]).await
    }
}

/// How many bytes of the samples of a track lie before each, by their places in decoding order.
pub(super) struct Sizes(Vec<u64>);

impl Sizes {
    /// Of a track.
    pub(super) fn new(track: &Track<'_>) -> Self {
        let mut before = vec![0_u64];
        for sample in track.samples.clone() {
            let sum = before.last().copied().unwrap_or(0);
            // Those that are not in the file take nothing.
            before.resize(before.len().max(sample.index as usize + 1), sum);
            before.push(sum.saturating_add(sample.size.into()));
        }
        Self(before)
    }

    /// Bytes to decode for a shot.
    pub(super) fn of(&self, shot: &Shot) -> u64 {
        let before = |index: u32| self.0.get(index as usize).or(self.0.last());
        let ends = before(shot.decode.end).zip(before(shot.decode.start));
        ends.map_or(0, |(end, start)| end.saturating_sub(*start))
    }
}

/// The places in decoding order of all that must be decoded for `shots`, as runs in order that do not overlap.
fn runs(shots: &[Shot]) -> Vec<Range<u32>> {
    let mut all: Vec<_> = shots.iter().map(|shot| shot.decode.clone()).collect();
    all.sort_unstable_by_key(|run| run.start);
    let mut runs: Vec<Range<u32>> = Vec::with_capacity(all.len());
    for run in all {
        match runs.last_mut() {
            Some(last) if run.start <= last.end => last.end = last.end.max(run.end),
            _ => runs.push(run),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_several_shots_need_is_taken_once() {
        let shot = |decode: Range<u32>| Shot {
            decode,
            pts: 0,
            at: Duration::ZERO,
        };
        let shots = [10..20, 0..3, 10..15, 2..5, 5..6, 30..31].map(shot);
        assert_eq!(runs(&shots), [0..6, 10..20, 30..31]);
    }
}

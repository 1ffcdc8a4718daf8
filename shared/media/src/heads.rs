//! Whether the pictures that a table calls keys are some, and which are if it is wrong.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{
    keys::stands_alone,
    mp4_writer::Mp4File,
    pictures::Pictures,
    plan::Shot,
    samples::Sample,
    tracks::{PictureTrack, Track},
};
use dodolens_app::ports::{MediaError, VideoSource};

/// Bytes read of a picture to see of what kind it is: behind parameters and remarks of the encoder, as a rule.
const HEAD: u32 = 1024;
/// Pictures looked at in one read.
const BATCH: usize = 2048;
/// Most pictures looked at: over an hour at 60 a second.
const MAX_HEADS: usize = 1 << 18;

/// Whether the pictures at which decoding of `shots` begins, samples of `track` in `file`, can be decoded alone as far as
/// their bytes tell.
pub(super) fn hold(track: &Track<'_>, shots: &[Shot], file: &Mp4File) -> bool {
    let first: BTreeSet<_> = shots.iter().map(|shot| shot.decode.start).collect();
    let starts = track
        .samples
        .clone()
        .filter(|sample| first.contains(&sample.index));
    let bytes = |sample: Sample| {
        let span = file
            .spans
            .iter()
            .find(|span| span.source.contains(&sample.offset))?;
        let at = span
            .target
            .checked_add(length(&(span.source.start..sample.offset)))?;
        let end = at.checked_add(usize::try_from(sample.size).ok()?)?;
        file.bytes.get(at..end)
    };
    let mut bytes = starts.filter_map(bytes);
    !bytes.any(|bytes| stands_alone(track.entry, bytes) == Some(false))
}

/// What is presented of `track` if the table of keys is wrong: the first bytes of all pictures say which can be decoded
/// alone.
///
/// # Errors
/// When the video can't be read, or has more pictures than can be looked at.
pub(super) async fn pictures(
    video: &impl VideoSource,
    track: &PictureTrack<'_>,
) -> Result<Pictures, MediaError> {
    let mut keys = BTreeSet::new();
    let mut samples = track.track.samples.clone();
    for _ in 0..MAX_HEADS / BATCH {
        let batch: Vec<_> = samples.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return track.with_keys(|index| keys.contains(&index));
        }
        let kinds = kinds(video, track.track.entry, &batch).await?;
        keys.extend(
            kinds
                .into_iter()
                .filter_map(|(index, alone)| alone.then_some(index)),
        );
    }
    Err(MediaError::TooLarge)
}

/// Whether each of `samples` can be decoded alone, as far as its first bytes tell.
async fn kinds(
    video: &impl VideoSource,
    entry: &[u8],
    samples: &[Sample],
) -> Result<BTreeMap<u32, bool>, MediaError> {
    // Samples may share bytes; ranges must not.
    let mut ranges = Vec::<Range<u64>>::new();
    let mut heads: Vec<_> = samples
        .iter()
        .map(|sample| {
            let end = sample.offset.saturating_add(sample.size.min(HEAD).into());
            (sample.offset..end, sample.index)
        })
        .collect();
    heads.sort_unstable_by_key(|(head, _)| head.start);
    for (head, _) in &heads {
        match ranges.last_mut() {
            Some(last) if head.start <= last.end => last.end = last.end.max(head.end),
            _ => ranges.push(head.clone()),
        }
    }
    let mut bytes = Vec::new();
    let mut places = Vec::with_capacity(ranges.len());
    for range in &ranges {
        places.push(bytes.len());
        bytes.resize(bytes.len().saturating_add(length(range)), 0_u8);
    }
    let mut bytes = zeroize::Zeroizing::new(bytes);
    video
        .read(&ranges, &mut |offset, piece| {
            let i = ranges
                .partition_point(|range| range.start <= offset)
                .saturating_sub(1);
            let place = ranges
                .get(i)
                .zip(places.get(i))
                .and_then(|(range, place)| place.checked_add(length(&(range.start..offset))));
            let target = place.and_then(|at| bytes.get_mut(at..)?.get_mut(..piece.len()));
            if let Some(target) = target {
                target.copy_from_slice(piece);
            }
        })
        .await?;
    let kind = |(head, index): (Range<u64>, u32)| {
        let i = ranges
            .partition_point(|range| range.start <= head.start)
            .saturating_sub(1);
        let at = places.get(i)? + length(&(ranges.get(i)?.start..head.start));
        let bytes = bytes.get(at..)?.get(..length(&head))?;
        Some((index, stands_alone(entry, bytes)?))
    };
    Ok(heads.into_iter().filter_map(kind).collect())
}

fn length(range: &Range<u64>) -> usize {
    usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gather::gather,
        mp4_writer::{Content, Mp4Writer},
        plan::Plan,
        testing::{Slice, TINY, movie},
    };

    /// The body of the first box `kind` of a file, and the box to be renamed.
    fn place(file: &[u8], kind: &[u8; 4]) -> usize {
        file.windows(4).position(|four| four == kind).unwrap()
    }

    async fn planned(file: &[u8]) -> (bool, Vec<u32>, Plan) {
        let movie = movie(file).unwrap().unwrap();
        let picture = movie.picture.unwrap();
        let source = Slice::new(file);
        let plan = Plan::choose(&picture.pictures, 8).unwrap();
        let mut writer = Mp4Writer::default();
        let first: BTreeSet<_> = plan.shots.iter().map(|shot| shot.decode.start).collect();
        for sample in picture
            .track
            .samples
            .clone()
            .filter(|sample| first.contains(&sample.index))
        {
            writer.push(sample, 1 << 20).unwrap();
        }
        let track = &picture.track;
        let content = Content::Pictures(movie.matrix);
        let mut mini = writer
            .finish(content, track, track.entry, 1, b"isom")
            .unwrap();
        gather(&source, &mut [&mut mini]).await.unwrap();
        let hold = hold(track, &plan.shots, &mini);
        let truth = pictures(&source, &picture).await.unwrap();
        let mut keys: Vec<_> = truth
            .points
            .iter()
            .filter(|point| point.key)
            .map(|point| point.index)
            .collect();
        keys.sort_unstable();
        (hold, keys, Plan::choose(&truth, 8).unwrap())
    }

    #[tokio::test]
    async fn true_keys_hold() {
        let (hold, keys, plan) = planned(TINY).await;
        assert!(hold && plan.shots.len() == 8);
        assert_eq!(keys, [0, 10, 20, 30]);
    }

    #[tokio::test]
    async fn without_a_table_of_keys_or_with_a_wrong_one_the_bytes_say_which_are_some() {
        let (_, keys, plan) = planned(TINY).await;
        let mut without = TINY.to_vec();
        let at = place(TINY, b"stss");
        without[at..at + 4].copy_from_slice(b"free");
        let mut wrong = TINY.to_vec();
        for (i, key) in [1_u32, 9, 18, 27].into_iter().enumerate() {
            let at = at + 12 + 4 * i;
            wrong[at..at + 4].copy_from_slice(&(key + 1).to_be_bytes());
        }
        for file in [without, wrong] {
            assert_eq!(planned(&file).await, (false, keys.clone(), plan.clone()));
        }
    }
}

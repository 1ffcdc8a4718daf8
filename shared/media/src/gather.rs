//! Fetches the samples of new files out of the video, in one pass over it.

use super::mp4_writer::Mp4File;
use dodolens_app::ports::{ReadError, VideoSource};

/// Fills `files` with their samples. What is wanted more than once, by several files or by edits that repeat, is read
/// once and copied to each place.
pub(super) async fn gather(
    video: &impl VideoSource,
    files: &mut [&mut Mp4File],
) -> Result<(), ReadError> {
    let mut spans = Vec::new();
    for (file, mini) in files.iter().enumerate() {
        spans.extend(mini.spans.iter().map(|span| (span.clone(), file)));
    }
    spans.sort_unstable_by_key(|(span, _)| span.source.start);
    let mut ranges = Vec::<std::ops::Range<u64>>::new();
    // For each span, how far it and those before it go: what ends before a piece can be passed over at once.
    let mut reach = Vec::with_capacity(spans.len());
    for (span, _) in &spans {
        let source = &span.source;
        match ranges.last_mut() {
            Some(last) if source.start <= last.end => last.end = last.end.max(source.end),
            _ => ranges.push(source.clone()),
        }
        reach.extend(ranges.last().map(|range| range.end));
    }
    video
        .read(&ranges, &mut |offset, piece| {
            let end = offset.saturating_add(piece.len() as u64);
            let first = reach.partition_point(|reach| *reach <= offset);
            for (span, file) in spans.iter().skip(first) {
                if span.source.start >= end {
                    break;
                }
                let (from, to) = (span.source.start.max(offset), span.source.end.min(end));
                if from >= to {
                    continue;
                }
                let target = files.get_mut(*file).and_then(|mini| {
                    let at = span.target + index(from - span.source.start);
                    mini.bytes.get_mut(at..at + index(to - from))
                });
                let bytes = piece.get(index(from - offset)..index(to - offset));
                if let (Some(target), Some(bytes)) = (target, bytes) {
                    target.copy_from_slice(bytes);
                }
            }
        })
        .await
}

/// A distance within a piece or a new file, which are in memory.
fn index(distance: u64) -> usize {
    usize::try_from(distance).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{mp4_writer::Span, testing::Slice};

    fn mini(len: usize, spans: &[(std::ops::Range<u64>, usize)]) -> Mp4File {
        let span = |(source, target): &(std::ops::Range<u64>, usize)| Span {
            source: source.clone(),
            target: *target,
        };
        Mp4File::of_spans(len, spans.iter().map(span).collect())
    }

    #[tokio::test]
    async fn interleaved_samples_of_two_files_come_in_one_pass() {
        let video: Vec<u8> = (0..1000_u32).map(|i| (i % 251) as u8).collect();
        let source = Slice::new(&video);
        let mut a = mini(400, &[(500..700, 0), (50..250, 200)]);
        let mut b = mini(110, &[(250..300, 10), (700..750, 60)]);
        gather(&source, &mut [&mut a, &mut b]).await.unwrap();
        assert_eq!(a.bytes[..200], video[500..700]);
        assert_eq!(a.bytes[200..], video[50..250]);
        assert_eq!(b.bytes[10..60], video[250..300]);
        assert_eq!(b.bytes[60..], video[700..750]);
        assert_eq!(source.reads(), 1);
    }

    #[tokio::test]
    async fn shared_bytes_are_read_once_and_copied_to_each_place() {
        let video: Vec<u8> = (0..1000_u32).map(|i| (i % 251) as u8).collect();
        let source = Slice::new(&video);
        // One repeats, one overlaps by a byte, a long one holds others, and one comes after all of them.
        let spans = [
            (300..310, 0),
            (300..310, 10),
            (309..319, 20),
            (900..910, 30),
        ];
        let mut a = mini(40, &spans);
        let mut b = mini(500, &[(250..750, 0)]);
        gather(&source, &mut [&mut a, &mut b]).await.unwrap();
        assert_eq!(source.reads(), 1);
        for (from, to) in spans {
            let (from, to) = (from.start as usize..from.end as usize, to..to + 10);
            assert_eq!(a.bytes[to], video[from]);
        }
        assert_eq!(b.bytes[..], video[250..750]);
    }
}

//! Fetches the samples of new files out of the video, in one pass over it.

use super::mini::MiniFile;
use crate::ports::{ReadError, VideoSource};

/// Fills `files` with their samples; what several files want is still read once. `None` when samples share bytes: no
/// camera writes that.
pub(super) async fn gather(
    video: &impl VideoSource,
    files: &mut [&mut MiniFile],
) -> Result<Option<()>, ReadError> {
    let mut spans = Vec::new();
    for (file, mini) in files.iter().enumerate() {
        spans.extend(mini.spans.iter().map(|span| (span.clone(), file)));
    }
    spans.sort_unstable_by_key(|(span, _)| span.source.start);
    let mut ranges = Vec::<std::ops::Range<u64>>::new();
    for (span, _) in &spans {
        match ranges.last_mut() {
            Some(last) if span.source.start < last.end => return Ok(None),
            Some(last) if span.source.start == last.end => last.end = span.source.end,
            _ => ranges.push(span.source.clone()),
        }
    }
    video
        .read(&ranges, &mut |offset, piece| {
            let end = offset.saturating_add(piece.len() as u64);
            let first = spans.partition_point(|(span, _)| span.source.end <= offset);
            for (span, file) in spans.iter().skip(first) {
                if span.source.start >= end {
                    break;
                }
                let (from, to) = (span.source.start.max(offset), span.source.end.min(end));
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
        .await?;
    Ok(Some(()))
}

/// A distance within a piece or a new file, which are in memory.
fn index(distance: u64) -> usize {
    usize::try_from(distance).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::media::{mini::Span, testing::Slice};

    fn mini(len: usize, spans: &[(std::ops::Range<u64>, usize)]) -> MiniFile {
        MiniFile {
            bytes: vec![0; len].into(),
            spans: spans
                .iter()
                .map(|(source, target)| Span {
                    source: source.clone(),
                    target: *target,
                })
                .collect(),
            duration: 0,
        }
    }

    #[tokio::test]
    async fn interleaved_samples_of_two_files_come_in_one_pass() {
        let video: Vec<u8> = (0..1000_u32).map(|i| (i % 251) as u8).collect();
        let source = Slice::new(&video);
        let mut a = mini(400, &[(500..700, 0), (50..250, 200)]);
        let mut b = mini(110, &[(250..300, 10), (700..750, 60)]);
        gather(&source, &mut [&mut a, &mut b])
            .await
            .unwrap()
            .unwrap();
        assert_eq!(a.bytes[..200], video[500..700]);
        assert_eq!(a.bytes[200..], video[50..250]);
        assert_eq!(b.bytes[10..60], video[250..300]);
        assert_eq!(b.bytes[60..], video[700..750]);
        assert_eq!(source.reads(), 1);
    }

    #[tokio::test]
    async fn shared_bytes_are_refused() {
        let video = [0; 100];
        let mut a = mini(20, &[(0..10, 0), (9..19, 10)]);
        assert!(
            gather(&Slice::new(&video), &mut [&mut a])
                .await
                .unwrap()
                .is_none()
        );
    }
}

//! The file that is written, and what is still to be fetched for it.

use std::ops::Range;

use zeroize::Zeroizing;

/// A run of bytes of the video and where it goes in the new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Span {
    /// Bytes of the video.
    pub(in super::super) source: Range<u64>,
    /// Where they begin in the new file.
    pub(in super::super) target: usize,
}

/// A new file: its index is written, its samples are zeros until the spans have been fetched.
#[derive(Debug)]
pub(in super::super) struct Mp4File {
    /// The file.
    pub(in super::super) bytes: Zeroizing<Vec<u8>>,
    /// What to fetch, in the order of the samples.
    pub(in super::super) spans: Vec<Span>,
    /// How long the track plays, in units of its time scale.
    pub(in super::super) duration: u64,
    /// How long it would play if each sample lasted as long as most do: so without gaps.
    pub(in super::super) steady: u64,
    /// Where the samples begin, and their sizes.
    pub(super) samples: usize,
    pub(super) sizes: Sizes,
}

/// Sizes of samples.
#[derive(Debug)]
pub(super) enum Sizes {
    Same(usize),
    /// As 32-bit numbers.
    Each(Vec<u8>),
}

impl Sizes {
    /// One after another; if all are the same, without end.
    fn iter(&self) -> impl Iterator<Item = usize> {
        let (same, each) = match self {
            Self::Same(size) => (Some(*size), [].as_chunks().0),
            Self::Each(sizes) => (None, sizes.as_chunks().0),
        };
        let each = each.iter().map(|size| u32::from_be_bytes(*size) as usize);
        same.into_iter().cycle().chain(each)
    }
}

impl Mp4File {
    /// A file for which all is still to be fetched.
    #[cfg(test)]
    pub(in super::super) fn of_spans(len: usize, spans: Vec<Span>) -> Self {
        Self {
            bytes: vec![0; len].into(),
            spans,
            duration: 0,
            steady: 0,
            samples: 0,
            sizes: Sizes::Same(1),
        }
    }

    /// Calls `change` with each sample; they have been fetched.
    pub(in super::super) fn each_packet(&mut self, change: impl Fn(&mut [u8])) {
        let mut rest = self.bytes.get_mut(self.samples..).unwrap_or_default();
        let mut sizes = self.sizes.iter();
        while let Some(size) = sizes.next()
            && !rest.is_empty()
            && let Some((packet, behind)) = rest.split_at_mut_checked(size)
        {
            change(packet);
            rest = behind;
        }
    }

    /// The samples.
    pub(in super::super) fn packets(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.bytes.get(self.samples..).unwrap_or_default();
        let mut sizes = self.sizes.iter();
        std::iter::from_fn(move || {
            let size = sizes.next()?;
            let (packet, behind) = rest.split_at_checked(size).filter(|_| !rest.is_empty())?;
            rest = behind;
            Some(packet)
        })
    }
}

//! Boxes of an MP4 or QuickTime file (ISO/IEC 14496-12, section 4.2): written whole, read in place.
//!
//! Why not the `mp4-atom` crate: it decodes a whole `moov` into vectors, one element for each sample, and writes sample
//! entries back only as far as it knows their codec. Here the tables stay the bytes that they are, are walked lazily,
//! and a sample entry is handed on untouched; every read is checked against the end of the box that it is in.

/// Four-character code of a box, a handler or a sample entry.
pub(super) type Kind = [u8; 4];

/// A box of `kind` with `parts` as its body, which together are under 4 GiB.
pub(super) fn boxed(kind: &Kind, parts: &[&[u8]]) -> Vec<u8> {
    let len = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(len);
    bytes.extend((len as u32).to_be_bytes());
    bytes.extend(kind);
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

/// What the first bytes of a box say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// What is in it.
    pub(super) kind: Kind,
    /// Bytes of the header itself.
    pub(super) header: u64,
    /// Bytes of header and body; `None` when it goes on to the end of what it is in.
    pub(super) total: Option<u64>,
}

impl Header {
    /// Bytes that a header takes at most.
    pub(super) const MAX: usize = 16;

    /// Reads a header from the start of `bytes`; `None` when there is none, or it contradicts itself.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let kind = array(bytes, 4)?;
        let (header, total) = match u32_at(bytes, 0)? {
            0 => (8, None),
            1 => (16, Some(u64_at(bytes, 8)?)),
            size => (8, Some(u64::from(size))),
        };
        total.is_none_or(|total| total >= header).then_some(Self {
            kind,
            header,
            total,
        })
    }
}

/// The boxes one after another in `bytes`, as kind and body. Ends at the first that does not fit.
pub(super) fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = (Kind, &[u8])> {
    std::iter::from_fn(move || {
        let header = Header::read(bytes)?;
        let total = match header.total {
            Some(total) => usize::try_from(total).ok()?,
            None => bytes.len(),
        };
        let (this, rest) = bytes.split_at_checked(total)?;
        bytes = rest;
        Some((
            header.kind,
            this.get(usize::try_from(header.header).ok()?..)?,
        ))
    })
}

/// The body of the first box that `path` leads to, one kind a level.
pub(super) fn find<'a>(bytes: &'a [u8], path: &[&Kind]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, wanted| {
        boxes(bytes).find_map(|(kind, body)| (kind == **wanted).then_some(body))
    })
}

/// A table: a number of entries at `at`, then the entries, `N` bytes each. `None` when the box is too short for them.
pub(super) fn table<const N: usize>(body: &[u8], at: usize) -> Option<&[[u8; N]]> {
    let count = usize::try_from(u32_at(body, at)?).ok()?;
    let bytes = body
        .get(at.checked_add(4)?..)?
        .get(..count.checked_mul(N)?)?;
    Some(bytes.as_chunks().0)
}

/// `N` bytes at `at`.
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// Big-endian number at `at`.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_be_bytes)
}

/// Big-endian number at `at`.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_be_bytes)
}

/// Big-endian number at `at`.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_boxes_of_every_size_notation() {
        let mut bytes = b"\0\0\0\x09freeA\0\0\0\x01wide".to_vec();
        bytes.extend(17_u64.to_be_bytes());
        bytes.extend(b"B\0\0\0\0mdatCC");
        let found: Vec<_> = boxes(&bytes).collect();
        assert_eq!(
            found,
            [(*b"free", &b"A"[..]), (*b"wide", b"B"), (*b"mdat", b"CC")]
        );
        assert_eq!(find(&bytes, &[b"mdat"]), Some(&b"CC"[..]));
    }

    #[test]
    fn a_box_larger_than_its_parent_or_smaller_than_its_header_ends_the_walk() {
        assert_eq!(boxes(b"\0\0\0\x0afreeA").count(), 0);
        assert_eq!(boxes(b"\0\0\0\x07free").count(), 0);
        assert_eq!(
            boxes(b"\0\0\0\x01free\xff\xff\xff\xff\xff\xff\xff\xff").count(),
            0
        );
    }

    #[test]
    fn a_table_must_fit_its_box() {
        assert_eq!(
            table::<2>(b"\0\0\0\x02aabb", 0),
            Some(&[*b"aa", *b"bb"][..])
        );
        assert_eq!(table::<2>(b"\0\0\0\x03aabb", 0), None);
        assert_eq!(table::<8>(b"\xff\xff\xff\xff", 0), None);
    }
}

//! Edits MP4 and QuickTime files box by box (ISO/IEC 14496-12, section 4.2), for films that no encoder writes.
#![allow(clippy::expect_used)]

mod file;

use std::ops::Range;

pub use self::file::{Boxes, resampled};

/// Four-character code of a box, a handler or a sample entry.
pub type Kind = [u8; 4];

/// How the size of a box is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In 32 bits.
    Short,
    /// In 64 bits.
    Long,
    /// As 0: the box goes on to the end of the file.
    Open,
    /// As this number, true or not.
    Claimed(u32),
}

/// What is in a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Fields.
    Bytes(Vec<u8>),
    /// Some fields, then boxes.
    Boxes(Vec<u8>, Vec<Node>),
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// How its size is written.
    pub form: Form,
    /// What is in it.
    pub content: Content,
    /// Where its body was in the file that it was read from.
    origin: Range<usize>,
}

/// Bytes of fields before the boxes that are in a box of `kind`; `None` when there are none.
fn fields(kind: &Kind) -> Option<usize> {
    match kind {
        b"moov" | b"trak" | b"edts" | b"mdia" | b"minf" | b"dinf" | b"stbl" | b"mvex" | b"moof"
        | b"traf" | b"mfra" | b"sinf" | b"schi" => Some(0),
        b"stsd" => Some(8),
        b"avc1" | b"hvc1" | b"hev1" | b"vp09" | b"av01" | b"encv" => Some(78),
        _ => None,
    }
}

/// The number in the four bytes at `at`.
///
/// # Panics
/// When there are fewer.
#[must_use]
pub fn number(bytes: &[u8], at: usize) -> u32 {
    let field = bytes.get(at..).and_then(<[u8]>::first_chunk);
    u32::from_be_bytes(*field.expect("the number lies within the box"))
}

/// Kind, form, bytes of the header, and bytes in all, of the box at the start of `bytes`.
fn header(bytes: &[u8]) -> Option<(Kind, Form, usize, usize)> {
    let size = u32::from_be_bytes(*bytes.first_chunk()?);
    let kind = *bytes.get(4..)?.first_chunk()?;
    let (form, header, total) = match size {
        0 => (Form::Open, 8, bytes.len()),
        1 => {
            let total = u64::from_be_bytes(*bytes.get(8..)?.first_chunk()?);
            (Form::Long, 16, usize::try_from(total).ok()?)
        }
        size => (Form::Short, 8, usize::try_from(size).ok()?),
    };
    (header..=bytes.len())
        .contains(&total)
        .then_some((kind, form, header, total))
}

/// The boxes in `bytes`, which are at `base` in the file. What can't be a box ends them, and is given, too.
fn nodes(mut bytes: &[u8], mut base: usize) -> (Vec<Node>, &[u8]) {
    let mut nodes = Vec::new();
    while let Some((kind, form, header, total)) = header(bytes) {
        let (this, rest) = bytes.split_at(total);
        let body = this.split_at(header).1;
        let origin = base + header..base + total;
        nodes.push(Node {
            kind,
            form,
            content: content(&kind, body, origin.start),
            origin,
        });
        (bytes, base) = (rest, base + total);
    }
    (nodes, bytes)
}

fn content(kind: &Kind, body: &[u8], at: usize) -> Content {
    if let Some((fields, inner)) = fields(kind).and_then(|len| body.split_at_checked(len))
        && let (inner, []) = nodes(inner, at + fields.len())
    {
        return Content::Boxes(fields.to_vec(), inner);
    }
    Content::Bytes(body.to_vec())
}

impl Node {
    /// A box of fields.
    #[must_use]
    pub const fn leaf(kind: Kind, body: Vec<u8>) -> Self {
        Self {
            kind,
            form: Form::Short,
            content: Content::Bytes(body),
            origin: 0..0,
        }
    }

    /// A box of boxes.
    #[must_use]
    pub const fn parent(kind: Kind, children: Vec<Self>) -> Self {
        Self {
            kind,
            form: Form::Short,
            content: Content::Boxes(Vec::new(), children),
            origin: 0..0,
        }
    }

    /// A table of 32-bit numbers behind version, flags and the number of `rows`.
    #[must_use]
    pub fn table<const N: usize>(kind: Kind, rows: &[[u32; N]]) -> Self {
        let count = u32::try_from(rows.len()).expect("few rows");
        let numbers = [0, count].into_iter().chain(rows.iter().flatten().copied());
        Self::leaf(kind, numbers.flat_map(u32::to_be_bytes).collect())
    }

    /// Its fields.
    pub const fn body(&mut self) -> &mut Vec<u8> {
        match &mut self.content {
            Content::Bytes(body) | Content::Boxes(body, _) => body,
        }
    }

    /// The boxes in it.
    ///
    /// # Panics
    /// When it is no box of boxes.
    pub fn children(&mut self) -> &mut Vec<Self> {
        match &mut self.content {
            Content::Boxes(_, children) => children,
            Content::Bytes(_) => panic!("{} has no boxes in it", self.kind.escape_ascii()),
        }
    }

    /// The first box that `path` leads to from here, one kind a level.
    pub fn find(&mut self, path: &[&Kind]) -> Option<&mut Self> {
        let Some((kind, rest)) = path.split_first() else {
            return Some(self);
        };
        let Content::Boxes(_, children) = &mut self.content else {
            return None;
        };
        let child = children.iter_mut().find(|child| child.kind == **kind)?;
        child.find(rest)
    }

    /// The same for what must be there.
    ///
    /// # Panics
    /// When it is not.
    pub fn at(&mut self, path: &[&Kind]) -> &mut Self {
        self.find(path).expect("the box is there")
    }

    /// The sample table of a track.
    pub fn samples(&mut self) -> &mut Self {
        self.at(&[b"mdia", b"minf", b"stbl"])
    }

    /// The first sample entry of a track.
    ///
    /// # Panics
    /// When there is none.
    pub fn entry(&mut self) -> &mut Self {
        let entries = self.samples().at(&[b"stsd"]).children();
        entries.first_mut().expect("a sample entry")
    }

    /// Puts `child` in the place of its like, or last.
    pub fn put(&mut self, child: Self) {
        let children = self.children();
        match children.iter_mut().find(|old| old.kind == child.kind) {
            Some(old) => *old = child,
            None => children.push(child),
        }
    }

    /// Takes all boxes of `kind` out of it.
    pub fn remove(&mut self, kind: &Kind) {
        self.children().retain(|child| child.kind != *kind);
    }

    /// Writes a number into its fields.
    ///
    /// # Panics
    /// When it does not lie within them.
    pub fn set(&mut self, at: usize, value: u32) {
        let field = self.body().get_mut(at..at + 4).expect("a field");
        field.copy_from_slice(&value.to_be_bytes());
    }

    /// A box of fields as two, the first with `at` bytes of them.
    #[must_use]
    pub fn split(mut self, at: usize) -> (Self, Self) {
        let mut second = self.clone();
        second.content = Content::Bytes(self.body().split_off(at));
        let middle = self.origin.start + at;
        (self.origin.end, second.origin.start) = (middle, middle);
        (self, second)
    }

    /// Edits a track: each edit is its duration in the movie's units, where it begins in the track's units, -1 for an
    /// empty one, and its rate, 0 or 1.
    pub fn edit(&mut self, edits: &[(u32, i32, u32)]) {
        let rows: Vec<_> = edits
            .iter()
            .map(|(duration, start, rate)| [*duration, start.cast_unsigned(), rate << 16])
            .collect();
        self.remove(b"edts");
        let edits = Self::parent(*b"edts", vec![Self::table(*b"elst", &rows)]);
        self.children().insert(1, edits);
    }

    fn size(&self) -> usize {
        let body = match &self.content {
            Content::Bytes(body) => body.len(),
            Content::Boxes(fields, children) => {
                fields.len() + children.iter().map(Self::size).sum::<usize>()
            }
        };
        body + self.header()
    }

    const fn header(&self) -> usize {
        if matches!(self.form, Form::Long) {
            16
        } else {
            8
        }
    }

    fn write(&self, into: &mut Vec<u8>) {
        let short = |size: usize| u32::try_from(size).expect("under 4 GiB");
        let first = match self.form {
            Form::Short => short(self.size()),
            Form::Long => 1,
            Form::Open => 0,
            Form::Claimed(size) => size,
        };
        into.extend(first.to_be_bytes());
        into.extend(self.kind);
        if self.form == Form::Long {
            into.extend((self.size() as u64).to_be_bytes());
        }
        match &self.content {
            Content::Bytes(body) => into.extend(body),
            Content::Boxes(fields, children) => {
                into.extend(fields);
                for child in children {
                    child.write(into);
                }
            }
        }
    }

    /// Calls `change` with this box and all boxes in it.
    fn each(&mut self, change: &mut impl FnMut(&mut Self)) {
        change(self);
        if let Content::Boxes(_, children) = &mut self.content {
            for child in children {
                child.each(change);
            }
        }
    }
}

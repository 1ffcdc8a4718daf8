//! Whole files, and the samples in them.

use super::{Kind, Node, nodes, number};

/// A file: boxes one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boxes(pub Vec<Node>);

impl Boxes {
    /// Reads a file.
    ///
    /// # Panics
    /// When it is not made of boxes to its end.
    #[must_use]
    pub fn read(file: &[u8]) -> Self {
        let (nodes, rest) = nodes(file, 0);
        assert!(rest.is_empty(), "{} bytes are no box", rest.len());
        Self(nodes)
    }

    /// The first box of `kind`.
    ///
    /// # Panics
    /// When there is none.
    pub fn top(&mut self, kind: &Kind) -> &mut Node {
        let mut nodes = self.0.iter_mut();
        nodes
            .find(|node| node.kind == *kind)
            .expect("the box is there")
    }

    /// The tracks of a handler, `vide` or `soun`, in their order.
    pub fn tracks(&mut self, handler: &Kind) -> Vec<&mut Node> {
        let tracks = self.top(b"moov").children().iter_mut();
        tracks
            .filter_map(|track| {
                let is = |hdlr: &mut Node| hdlr.body().get(8..12) == Some(handler);
                track
                    .find(&[b"mdia", b"hdlr"])
                    .is_some_and(is)
                    .then_some(track)
            })
            .collect()
    }

    /// The first track of a handler.
    ///
    /// # Panics
    /// When there is none.
    pub fn track(&mut self, handler: &Kind) -> &mut Node {
        let first = self.tracks(handler).into_iter().next();
        first.expect("a track of this kind")
    }

    /// The file, sizes and chunk offsets made true.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut moves = Vec::new();
        let mut at = 0;
        for node in &self.0 {
            moves.push((node.origin.clone(), at + node.header()));
            at += node.size();
        }
        let moved = |offset: usize| {
            let home = moves.iter().find(|(origin, _)| origin.contains(&offset));
            home.map_or(offset, |(origin, to)| offset - origin.start + to)
        };
        let mut file = self.clone();
        for node in &mut file.0 {
            node.each(&mut |node| match &node.kind {
                b"stco" => each_offset::<4>(node, &moved),
                b"co64" => each_offset::<8>(node, &moved),
                _ => {}
            });
        }
        file.write_as_is()
    }

    /// The file with its chunk offsets as they are.
    #[must_use]
    pub fn write_as_is(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for node in &self.0 {
            node.write(&mut bytes);
        }
        bytes
    }
}

/// Changes the offsets of a table, `N` bytes each.
fn each_offset<const N: usize>(node: &mut Node, moved: impl Fn(usize) -> usize) {
    let table = node.body().get_mut(8..).unwrap_or_default();
    for field in table.as_chunks_mut::<N>().0 {
        let old = field
            .iter()
            .fold(0, |value, byte| value << 8 | usize::from(*byte));
        let new = (moved(old) as u64).to_be_bytes();
        field.copy_from_slice(new.last_chunk::<N>().expect("4 or 8 bytes"));
    }
}

/// A film whose pictures `change` has changed: it gets the number of each, from 0, and its bytes, of which there may be
/// more or fewer then. They lie behind all else, a chunk each.
#[must_use]
pub fn resampled(film: &[u8], mut change: impl FnMut(usize, &mut Vec<u8>)) -> Vec<u8> {
    let mut boxes = Boxes::read(film);
    let samples = boxes.track(b"vide").samples();
    let mut column = |kind: &Kind, from: usize, row: usize| -> Vec<usize> {
        let body = samples.at(&[kind]).body();
        let fields = (from..body.len()).step_by(row);
        fields.map(|at| number(body, at) as usize).collect()
    };
    let (sizes, chunks) = (column(b"stsz", 12, 4), column(b"stco", 8, 4));
    let (firsts, counts) = (column(b"stsc", 8, 12), column(b"stsc", 12, 12));
    let mut media = Vec::new();
    let (mut new_sizes, mut offsets) = (Vec::new(), Vec::new());
    let mut each = sizes.into_iter().enumerate();
    for (i, offset) in chunks.into_iter().enumerate() {
        let run = firsts.iter().rposition(|first| *first <= i + 1);
        let count = *run.and_then(|run| counts.get(run)).expect("a run");
        let mut at = offset;
        for (number, size) in each.by_ref().take(count) {
            let mut bytes = film.get(at..at + size).expect("a sample").to_vec();
            at += size;
            change(number, &mut bytes);
            new_sizes.push([u32::try_from(bytes.len()).expect("small")]);
            offsets.push([u32::try_from(film.len() + 8 + media.len()).expect("small")]);
            media.extend(bytes);
        }
    }
    let mut stsz = Node::table(*b"stsz", &new_sizes);
    stsz.body().splice(4..4, [0; 4]);
    samples.put(stsz);
    samples.put(Node::table(*b"stco", &offsets));
    samples.put(Node::table(*b"stsc", &[[1, 1, 1]]));
    let mut mdat = Node::leaf(*b"mdat", media);
    mdat.origin = film.len() + 8..usize::MAX;
    boxes.0.push(mdat);
    boxes.write()
}

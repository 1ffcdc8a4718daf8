//! Edits WebM and Matroska files element by element (RFC 8794, RFC 9559), for films that no encoder writes.
#![allow(clippy::expect_used)]

/// What is in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A value.
    Bytes(Vec<u8>),
    /// Elements.
    Elements(Vec<Element>),
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// What it is, with the marker of its length.
    pub id: u32,
    /// Whether its size is written as unknown.
    pub open: bool,
    /// A size that is written in the place of the true one.
    pub claimed: Option<u64>,
    /// What is in it.
    pub content: Content,
}

/// The whole of the film.
pub const SEGMENT: u32 = 0x1853_8067;
/// Where other elements are.
pub const SEEK_HEAD: u32 = 0x114D_9B74;
/// Length and unit of time.
pub const INFO: u32 = 0x1549_A966;
/// Length, in [`INFO`].
pub const DURATION: u32 = 0x4489;
/// The tracks.
pub const TRACKS: u32 = 0x1654_AE6B;
/// One of them.
pub const TRACK: u32 = 0xAE;
/// A run of pictures and sound.
pub const CLUSTER: u32 = 0x1F43_B675;
/// When it begins.
pub const TIMESTAMP: u32 = 0xE7;
/// Where the keys are.
pub const CUES: u32 = 0x1C53_BB6B;

/// Elements with elements in them, besides those above.
const PARENTS: [u32; 12] = [
    0x1A45_DFA3, // EBML
    SEGMENT,
    SEEK_HEAD,
    0x4DBB, // Seek
    INFO,
    TRACKS,
    TRACK,
    CLUSTER,
    0xA0, // BlockGroup
    CUES,
    0xBB, // CuePoint
    0xB7, // CueTrackPositions
];

/// A number of up to eight bytes whose first bits say how many; the marker is left in when `marked`.
fn number(bytes: &[u8], marked: bool) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let len = first.leading_zeros() as usize + 1;
    let mut value = u64::from(first);
    if !marked {
        value &= (1_u64 << (8 - len.min(8))) - 1;
    }
    for byte in bytes.get(1..len)? {
        value = value << 8 | u64::from(*byte);
    }
    Some((value, len))
}

/// The elements in `bytes`.
///
/// # Panics
/// When there is something else.
#[must_use]
pub fn read(mut bytes: &[u8]) -> Vec<Element> {
    let mut elements = Vec::new();
    while !bytes.is_empty() {
        let (id, id_len) = number(bytes, true).expect("an id");
        let rest = bytes.get(id_len..).unwrap_or_default();
        let (size, size_len) = number(rest, false).expect("a size");
        let rest = rest.get(size_len..).unwrap_or_default();
        let id = u32::try_from(id).expect("an id of four bytes");
        let open = size == (1 << (7 * size_len)) - 1;
        let len = match (open, id) {
            (false, _) => usize::try_from(size).expect("small").min(rest.len()),
            (true, CLUSTER) => next_cluster(rest),
            (true, _) => rest.len(),
        };
        let (body, behind) = rest.split_at(len);
        let content = match PARENTS.contains(&id) {
            true => Content::Elements(read(body)),
            false => Content::Bytes(body.to_vec()),
        };
        elements.push(Element {
            id,
            open,
            claimed: None,
            content,
        });
        bytes = behind;
    }
    elements
}

/// How far it is to the next cluster, or to the end.
fn next_cluster(bytes: &[u8]) -> usize {
    let next = bytes
        .windows(4)
        .position(|four| four == CLUSTER.to_be_bytes());
    next.unwrap_or(bytes.len())
}

/// A file of `elements`.
#[must_use]
pub fn write(elements: &[Element]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for element in elements {
        let id = element.id.to_be_bytes();
        bytes.extend(id.iter().skip_while(|byte| **byte == 0));
        let body = match &element.content {
            Content::Bytes(body) => body.clone(),
            Content::Elements(elements) => write(elements),
        };
        let size = element.claimed.unwrap_or(body.len() as u64) & ((1 << 56) - 1);
        let size = if element.open { (1 << 56) - 1 } else { size };
        bytes.extend((1_u64 << 56 | size).to_be_bytes());
        bytes.extend(body);
    }
    bytes
}

impl Element {
    /// The elements in it; none for a value.
    pub fn elements(&mut self) -> &mut [Self] {
        match &mut self.content {
            Content::Elements(elements) => elements,
            Content::Bytes(_) => &mut [],
        }
    }

    /// Takes all elements of these kinds out of it.
    pub fn remove(&mut self, ids: &[u32]) {
        if let Content::Elements(elements) = &mut self.content {
            elements.retain(|element| !ids.contains(&element.id));
        }
    }

    /// Its value as a number.
    ///
    /// # Panics
    /// When it has none.
    #[must_use]
    pub fn value(&self) -> u64 {
        let Content::Bytes(bytes) = &self.content else {
            panic!("{:x} has no value", self.id);
        };
        bytes
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte))
    }

    /// Makes a number its value.
    pub fn set(&mut self, value: u64) {
        self.content = Content::Bytes(value.to_be_bytes().to_vec());
    }
}

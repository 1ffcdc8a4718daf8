//! What must not be found, in each form in which it could lie in memory.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

/// Bytes of a slice of something long.
const SLICE: usize = 24;
/// From one slice of a medium to the next, bytes; what is left in a buffer of a few KiB holds one.
const STEP: usize = 997;
/// Bytes of a slice of something short, such as half of a data key.
const SHORT_SLICE: usize = 16;
/// Fewest different bytes of a slice of a medium: it must not be found by chance, as zeros or a code's table would be.
const MIN_DIFFERENT: usize = 12;

/// What a pattern is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Video,
    Picture,
    Sound,
    Transcript,
    Answer,
    Token,
    DataKey,
    /// No secret: shows that the search sees a process's memory.
    Control,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    Plain,
    Base64,
    Hex,
}

/// Slices of everything that was sent, received or derived.
#[derive(Debug, Clone, Default)]
pub struct Patterns(BTreeMap<Vec<u8>, (Kind, Form)>);

impl Patterns {
    /// Slices from all over something long, and those at the ends of its pieces of `piece` bytes.
    pub fn add_medium(&mut self, kind: Kind, bytes: &[u8], piece: usize) {
        let mut starts: BTreeSet<usize> = (0..bytes.len()).step_by(STEP).collect();
        for piece in bytes.chunks(piece) {
            let start = piece.as_ptr() as usize - bytes.as_ptr() as usize;
            starts.extend([start, start + piece.len().saturating_sub(SLICE)]);
        }
        for start in starts {
            let slice = bytes.get(start..start + SLICE);
            let telling =
                |slice: &&[u8]| slice.iter().collect::<BTreeSet<_>>().len() >= MIN_DIFFERENT;
            if let Some(slice) = slice.filter(telling) {
                self.add(kind, slice);
            }
        }
    }

    /// All of something short, in slices that overlap by half.
    pub fn add_secret(&mut self, kind: Kind, bytes: &[u8]) {
        for slice in bytes.windows(SHORT_SLICE).step_by(SHORT_SLICE / 2) {
            self.add(kind, slice);
        }
        if let Some(end) = bytes.last_chunk::<SHORT_SLICE>() {
            self.add(kind, end);
        }
    }

    /// Something that every function's memory has.
    pub fn add_control(&mut self, text: &str) {
        self.0.insert(text.into(), (Kind::Control, Form::Plain));
    }

    /// Drops what also stands elsewhere, such as in the header of any video.
    pub fn drop_common(&mut self, elsewhere: &[u8]) {
        let mut common = BTreeSet::new();
        for hit in self.automaton().find_overlapping_iter(elsewhere) {
            common.insert(hit.pattern().as_usize());
        }
        let mut index = 0..;
        self.0
            .retain(|_, _| !common.contains(&index.next().unwrap()));
    }

    /// Adds those of another.
    pub fn merge(&mut self, other: &Self) {
        self.0.extend(other.0.clone());
    }

    fn add(&mut self, kind: Kind, slice: &[u8]) {
        let hex = hex::encode(slice);
        let mut forms = vec![
            (Form::Plain, slice.to_vec()),
            (Form::Hex, hex.to_uppercase().into_bytes()),
            (Form::Hex, hex.into_bytes()),
        ];
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            for before in 0..3 {
                let text = engine.encode([&[0_u8; 3][..before], slice].concat());
                // Characters that also depend on what stands before and after are left out.
                let first = (before * 8).div_ceil(6);
                let last = (before + slice.len()) * 8 / 6;
                forms.push((Form::Base64, text.as_bytes()[first..last].to_vec()));
            }
        }
        for (form, bytes) in forms {
            self.0.entry(bytes).or_insert((kind, form));
        }
    }

    /// How many of a kind, in all their forms.
    pub fn count(&self, kind: Kind) -> usize {
        self.0.values().filter(|(of, _)| *of == kind).count()
    }

    fn automaton(&self) -> AhoCorasick {
        let builder = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(self.0.keys());
        builder.unwrap()
    }

    /// A search for all of them.
    pub fn search(&self) -> Search {
        Search {
            automaton: self.automaton(),
            of: self.0.values().copied().collect(),
            longest: self.0.keys().map(Vec::len).max().unwrap_or(1),
        }
    }
}

/// A search for patterns.
pub struct Search {
    automaton: AhoCorasick,
    of: Vec<(Kind, Form)>,
    /// Length of the longest pattern.
    pub longest: usize,
}

/// What was found: how often, by place, kind and form. Never the bytes themselves.
pub type Found = BTreeMap<(String, Kind, Form), usize>;

impl Search {
    /// Adds what is in `bytes`, which lie at `place`.
    pub fn look(&self, bytes: &[u8], place: &str, found: &mut Found) {
        for hit in self.automaton.find_overlapping_iter(bytes) {
            let (kind, form) = self.of[hit.pattern().as_usize()];
            *found.entry((place.to_owned(), kind, form)).or_default() += 1;
        }
    }
}

/// The kinds that were found.
pub fn kinds(found: &Found) -> BTreeSet<Kind> {
    found.keys().map(|(_, kind, _)| *kind).collect()
}

#[test]
fn every_form_is_found_at_every_alignment() {
    let secret: Vec<u8> = (0..200).map(|n: u8| n.wrapping_mul(73) ^ 0x5a).collect();
    let mut patterns = Patterns::default();
    patterns.add_medium(Kind::Video, &secret, 64);
    let search = patterns.search();
    for before in 0..5_usize {
        let text = [&vec![b'x'; before], &*secret].concat();
        for (form, written) in [
            (Form::Plain, text.clone()),
            (Form::Hex, hex::encode(&text).into_bytes()),
            (Form::Base64, STANDARD_NO_PAD.encode(&text).into_bytes()),
            (Form::Base64, URL_SAFE_NO_PAD.encode(&text).into_bytes()),
        ] {
            let mut found = Found::new();
            search.look(&written, "here", &mut found);
            assert!(
                found.contains_key(&("here".into(), Kind::Video, form)),
                "{form:?} after {before}"
            );
        }
    }
    let mut found = Found::new();
    search.look(&[0; 4096], "here", &mut found);
    assert!(found.is_empty());
}

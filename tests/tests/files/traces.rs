//! Which files hold something of a video.
//!
//! What this shows: no file with bytes of the video is left, whoever wrote it, by whatever call, in whatever folder. What it
//! can't: a file that was gone again when it looked, one without a name (`O_TMPFILE`), and bytes that were changed beyond
//! plain and base64. The watch over system calls has none of these gaps.
//!
//! Other programs make files meanwhile, all over a machine. So a file is told by what is in it, not by its being new.

use std::{
    collections::BTreeSet,
    fs::File,
    path::{Path, PathBuf},
};

use aho_corasick::AhoCorasick;
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

/// Bytes of a sample; those of another video don't have it by chance.
const SAMPLE: usize = 30;
/// A sample is taken so often, bytes. Parts and frames are larger.
const EVERY: usize = 4096;

/// What to look for: pieces of videos, plain and in base64.
pub struct Traces(AhoCorasick);

impl Traces {
    /// Of `media`, without what `others` have as well, which are media of the same kind.
    pub fn of(media: &[&[u8]], others: &[&[u8]]) -> Self {
        let every = |media: &[&[u8]]| -> BTreeSet<Vec<u8>> {
            let samples = media.iter().flat_map(|bytes| samples(bytes));
            samples.map(<[u8]>::to_vec).collect()
        };
        let samples = every(media);
        let common = AhoCorasick::new(&samples).unwrap();
        let common: BTreeSet<Vec<u8>> = others
            .iter()
            .flat_map(|bytes| {
                common
                    .find_overlapping_iter(bytes)
                    .map(|found| bytes[found.range()].to_vec())
            })
            .collect();
        let own: Vec<_> = samples.difference(&common).collect();
        assert!(own.len() >= 2 * media.len(), "{} samples", own.len());
        let encoded = own.iter().flat_map(|sample| in_base64(sample));
        let all: Vec<_> = encoded.chain(own.iter().map(|own| own.to_vec())).collect();
        Self(AhoCorasick::new(all).unwrap())
    }

    /// Which of these files have such a piece in them. One that can't be read is gone, or another user's.
    pub fn within(&self, files: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        let mut holding = files.clone();
        holding.retain(|path| self.is_in(path));
        holding
    }

    fn is_in(&self, path: &Path) -> bool {
        let Ok(file) = File::open(path) else {
            return false;
        };
        let found = self.0.stream_find_iter(file).next();
        found.is_some_and(|found| found.is_ok())
    }
}

/// Pieces of compressed media, without the heads of files, which are alike, and without what has little in it.
fn samples(media: &[u8]) -> impl Iterator<Item = &[u8]> {
    let pieces = media.chunks_exact(EVERY);
    let samples = pieces.filter_map(|piece| piece.get(EVERY / 2..EVERY / 2 + SAMPLE));
    samples.filter(|sample| sample.iter().collect::<BTreeSet<_>>().len() > SAMPLE / 2)
}

/// A sample in base64, for each way that it may lie within what is encoded.
fn in_base64(sample: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let whole = SAMPLE - 3;
    let ways = (0..3).filter_map(move |skipped| sample.get(skipped..skipped + whole));
    ways.map(|bytes| STANDARD_NO_PAD.encode(bytes).into_bytes())
}

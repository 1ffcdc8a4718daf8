//! Elements of a WebM or Matroska file (RFC 8794, RFC 9559), as far as to see whether its pictures are encrypted.

const SEGMENT: u32 = 0x1853_8067;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const ENCODINGS: u32 = 0x6d80;
const ENCODING: u32 = 0x6240;
const ENCRYPTION: u32 = 0x5035;

/// Whether all picture tracks of the file that begins with `head` are encrypted, and there is one.
pub(super) fn encrypted(head: &[u8]) -> bool {
    let tracks = || {
        let segments = elements(head).filter(|(id, _)| *id == SEGMENT);
        let lists = segments
            .flat_map(|(_, segment)| elements(segment))
            .filter(|(id, _)| *id == TRACKS);
        let tracks = lists
            .flat_map(|(_, tracks)| elements(tracks))
            .filter(|(id, _)| *id == TRACK);
        tracks
            .map(|(_, track)| track)
            .filter(|track| child(track, TRACK_TYPE) == Some(&[1]))
    };
    let locked = |track| {
        let encodings = child(track, ENCODINGS).unwrap_or_default();
        elements(encodings)
            .any(|(id, encoding)| id == ENCODING && child(encoding, ENCRYPTION).is_some())
    };
    tracks().next().is_some() && tracks().all(locked)
}

fn child(bytes: &[u8], wanted: u32) -> Option<&[u8]> {
    elements(bytes).find_map(|(id, body)| (id == wanted).then_some(body))
}

/// The elements one after another in `bytes`, as far as those reach.
fn elements(mut bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    std::iter::from_fn(move || {
        let (id, _, rest) = number(bytes)?;
        let (size, width, rest) = number(rest)?;
        let marker = 1_u64 << (7 * width);
        // All ones: it goes on to the end.
        let size = match size - marker {
            size if size == marker - 1 => usize::MAX,
            size => usize::try_from(size).ok()?,
        };
        let (body, rest) = rest.split_at_checked(size).unwrap_or((rest, &[]));
        bytes = rest;
        Some((u32::try_from(id).ok()?, body))
    })
}

/// A number with its marker, how many bytes it takes, and what follows it.
fn number(bytes: &[u8]) -> Option<(u64, u32, &[u8])> {
    let width = bytes.first()?.leading_zeros() + 1;
    let (number, rest) = bytes.split_at_checked(usize::try_from(width).ok()?)?;
    let value = number
        .iter()
        .fold(0, |value, byte| value << 8 | u64::from(*byte));
    (width <= 8).then_some((value, width, rest))
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::{
        index,
        testing::{Slice, TINY},
    };
    use dodolens_app::ports::MediaError;

    fn element(id: u32, body: &[u8]) -> Vec<u8> {
        let id = id.to_be_bytes();
        let id = &id[id.iter().take_while(|byte| **byte == 0).count()..];
        [
            id,
            &[0x40 | (body.len() >> 8) as u8, body.len() as u8],
            body,
        ]
        .concat()
    }

    fn track(kind: u8, locked: bool) -> Vec<u8> {
        let encryption = element(ENCRYPTION, &element(0x47e1, &[5]));
        let encodings = element(ENCODINGS, &element(ENCODING, &encryption));
        let kind = element(TRACK_TYPE, &[kind]);
        element(
            TRACK,
            &if locked {
                [kind, encodings].concat()
            } else {
                kind
            },
        )
    }

    fn file(tracks: &[Vec<u8>]) -> Vec<u8> {
        let tracks = element(TRACKS, &tracks.concat());
        // A segment of unknown size, as browsers write it.
        let segment = [
            &SEGMENT.to_be_bytes()[..],
            &[0x01, 255, 255, 255, 255, 255, 255, 255],
        ]
        .concat();
        [
            element(0x1a45_dfa3, &[0; 20]),
            segment,
            element(0x1549_a966, &[0; 9]),
            tracks,
        ]
        .concat()
    }

    #[test]
    fn encrypted_pictures_are_seen() {
        for (tracks, expected) in [
            (vec![track(1, true), track(2, false)], true),
            (vec![track(1, false), track(2, true)], false),
            (vec![track(1, true), track(1, false)], false),
            (vec![track(2, true)], false),
            (vec![], false),
        ] {
            assert_eq!(encrypted(&file(&tracks)), expected);
        }
        assert!(!encrypted(b"") && !encrypted(TINY));
    }

    #[tokio::test]
    async fn the_search_for_an_index_says_so() {
        for (locked, expected) in [(true, Err(MediaError::Encrypted)), (false, Ok(false))] {
            let file = file(&[track(1, locked)]);
            let index = index::find(&Slice::new(&file)).await;
            assert_eq!(index.map(|index| index.is_some()), expected);
        }
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in vec(any::<u8>(), 0..300), at in 0_usize..60) {
            let mut file = file(&[track(1, true), track(2, true)]);
            file.truncate(at + 20);
            file.extend(bytes);
            let _ = encrypted(&file);
        }
    }
}

//! MP4, QuickTime and fragmented files.

use dodolens_tests::boxes::{Boxes, Content, Form, Node};
use proptest::{collection::vec, prelude::*, sample::Index};

use super::{fuzz, number, seed};
use crate::film::H264;

/// One damage to a box, or beside it.
#[derive(Debug, Clone)]
enum Damage {
    Drop,
    Double,
    /// Takes the place of its neighbour.
    Swap,
    /// Goes into a box elsewhere.
    Move(Index),
    /// Says that it is so large.
    Claim(u32),
    /// Its header is written in 64 bits, or without a size.
    Form(Form),
    /// One of its fields is another number, of so many bytes.
    Number(Index, usize, u64),
    /// One of its fields is more or less by so much.
    Nudge(Index, i8),
    /// Its body is cut off.
    Shorten(Index),
    /// More bytes behind its body.
    Lengthen(u8),
    /// The file ends within it.
    Cut(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        2 => Just(Damage::Drop),
        2 => Just(Damage::Double),
        2 => Just(Damage::Swap),
        1 => any::<Index>().prop_map(Damage::Move),
        2 => number().prop_map(|size| Damage::Claim(size as u32)),
        1 => prop_oneof![Just(Form::Long), Just(Form::Open)].prop_map(Damage::Form),
        8 => (any::<Index>(), prop_oneof![Just(1_usize), Just(2), Just(4), Just(8)], number())
            .prop_map(|(at, width, number)| Damage::Number(at, width, number)),
        4 => (any::<Index>(), any::<i8>()).prop_map(|(at, by)| Damage::Nudge(at, by)),
        1 => any::<Index>().prop_map(Damage::Shorten),
        1 => (1..100_u8).prop_map(Damage::Lengthen),
        1 => any::<Index>().prop_map(Damage::Cut),
    ]
}

/// Damages, each with the box that it hits, and whether chunks are still found where they went.
type Damages = (Vec<(Index, Damage)>, bool);

fn damages() -> impl Strategy<Value = Damages> {
    (
        vec((any::<Index>(), damage()), 1..5),
        prop::bool::weighted(0.8),
    )
}

/// Places of all boxes: which child at each level.
fn places(nodes: &[Node], at: &[usize], found: &mut Vec<Vec<usize>>) {
    for (i, node) in nodes.iter().enumerate() {
        let at = [at, &[i]].concat();
        if let Content::Boxes(_, children) = &node.content {
            places(children, &at, found);
        }
        found.push(at);
    }
}

/// The boxes among which the one at `place` is, and its number there.
fn siblings<'a>(nodes: &'a mut Vec<Node>, place: &[usize]) -> (&'a mut Vec<Node>, usize) {
    match place {
        [last] => (nodes, *last),
        [first, rest @ ..] => siblings(nodes[*first].children(), rest),
        [] => unreachable!("a place has a level"),
    }
}

fn parent(nodes: &mut Vec<Node>, which: Index) -> &mut Vec<Node> {
    let mut found = Vec::new();
    places(nodes, &[], &mut found);
    let place = which.get(&found).clone();
    let (siblings, _) = siblings(nodes, &place);
    siblings
}

/// Whether its bytes are those of pictures and sound, or say how they are read and turned.
fn is_media(node: &Node) -> bool {
    matches!(
        &node.kind,
        b"mdat" | b"avcC" | b"hvcC" | b"esds" | b"mvhd" | b"tkhd"
    )
}

/// A multiple of the width within fields of `len` bytes.
fn field(at: Index, width: usize, len: usize) -> Option<usize> {
    (len >= width).then(|| at.index(len / width) * width)
}

/// Does a damage to a film; gives where the film ends if it is cut off.
fn apply(film: &mut Boxes, hit: Index, damage: &Damage) -> Option<Index> {
    let mut found = Vec::new();
    places(&film.0, &[], &mut found);
    if found.is_empty() {
        return None;
    }
    let place = hit.get(&found).clone();
    let (nodes, i) = siblings(&mut film.0, &place);
    match damage {
        Damage::Drop => {
            nodes.remove(i);
        }
        Damage::Double => nodes.insert(i, nodes[i].clone()),
        Damage::Swap => {
            let other = (i + 1) % nodes.len();
            nodes.swap(i, other);
        }
        Damage::Move(to) => {
            let node = nodes.remove(i);
            if !film.0.is_empty() {
                parent(&mut film.0, *to).push(node);
            }
        }
        Damage::Claim(size) => nodes[i].form = Form::Claimed(*size),
        Damage::Form(form) => nodes[i].form = *form,
        Damage::Cut(at) => return Some(*at),
        _ if is_media(&nodes[i]) => {}
        Damage::Number(at, width, value) => {
            let body = nodes[i].body();
            if let Some(at) = field(*at, *width, body.len()) {
                body[at..at + width].copy_from_slice(&value.to_be_bytes()[8 - width..]);
            }
        }
        Damage::Nudge(at, by) => {
            let body = nodes[i].body();
            if let Some(at) = field(*at, 4, body.len()) {
                let old = u32::from_be_bytes(body[at..at + 4].try_into().unwrap());
                let new = old.wrapping_add_signed((*by).into());
                body[at..at + 4].copy_from_slice(&new.to_be_bytes());
            }
        }
        Damage::Shorten(to) => {
            let body = nodes[i].body();
            body.truncate(to.index(body.len() + 1));
        }
        Damage::Lengthen(by) => nodes[i].body().extend(vec![0; (*by).into()]),
    }
    None
}

fn damaged(seed: &Boxes, (damages, mended): &Damages) -> Vec<u8> {
    let mut film = seed.clone();
    let mut end = None;
    for (hit, damage) in damages {
        end = apply(&mut film, *hit, damage).or(end);
    }
    let mut file = if *mended {
        film.write()
    } else {
        film.write_as_is()
    };
    if let Some(end) = end {
        file.truncate(end.index(file.len() + 1));
    }
    file
}

fn fuzz_boxes(arguments: &str, ending: &str) {
    let seed = Boxes::read(&seed(arguments, ending));
    fuzz(damages(), |damages| damaged(&seed, damages));
}

#[test]
fn mp4() {
    fuzz_boxes(&format!("{H264} -c:a aac"), "mp4");
}

#[test]
fn quicktime() {
    fuzz_boxes(
        &format!("{} -c:a pcm_s16le -movflags +faststart", crate::film::HEVC),
        "mov",
    );
}

#[test]
fn fragmented() {
    fuzz_boxes(
        &format!("{H264} -c:a aac -movflags +frag_keyframe+empty_moov"),
        "mp4",
    );
}

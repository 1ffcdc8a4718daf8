//! WebM and Matroska files.

use dodolens_tests::ebml::{self, Content, Element};
use proptest::{collection::vec, prelude::*, sample::Index};

use super::{fuzz, number, seed};
use crate::film::H264;

/// One damage to an element, or beside it.
#[derive(Debug, Clone)]
enum Damage {
    Drop,
    Double,
    /// Takes the place of its neighbour.
    Swap,
    /// Says that it is so large.
    Claim(u64),
    /// Its size is unknown.
    Open,
    /// Its value, or the head of its block, is another number.
    Number(u64),
    /// Its value is longer or shorter.
    Resize(usize),
    /// The file ends within it.
    Cut(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        2 => Just(Damage::Drop),
        2 => Just(Damage::Double),
        2 => Just(Damage::Swap),
        2 => number().prop_map(Damage::Claim),
        1 => Just(Damage::Open),
        6 => number().prop_map(Damage::Number),
        1 => (0..20_usize).prop_map(Damage::Resize),
        1 => any::<Index>().prop_map(Damage::Cut),
    ]
}

/// Places of all elements but those in clusters, of which there are many: these come once in a while.
fn places(elements: &[Element], at: &[usize], found: &mut Vec<Vec<usize>>) {
    for (i, element) in elements.iter().enumerate() {
        let at = [at, &[i]].concat();
        if let Content::Elements(inner) = &element.content {
            places(inner, &at, found);
        }
        // Most are blocks: one in eight is enough.
        if !is_block(element) || i % 8 == 0 {
            found.push(at);
        }
    }
}

/// The elements among which the one at `place` is, and its number there.
fn siblings<'a>(elements: &'a mut Vec<Element>, place: &[usize]) -> (&'a mut Vec<Element>, usize) {
    match place {
        [last] => (elements, *last),
        [first, rest @ ..] => match &mut elements[*first].content {
            Content::Elements(inner) => siblings(inner, rest),
            Content::Bytes(_) => unreachable!("a place leads through elements"),
        },
        [] => unreachable!("a place has a level"),
    }
}

const fn is_block(element: &Element) -> bool {
    matches!(element.id, 0xA1 | 0xA3)
}

/// Whether it says how a decoder reads pictures or sound.
const fn is_private(element: &Element) -> bool {
    element.id == 0x63A2
}

/// Does a damage to a film; gives where the film ends if it is cut off.
fn apply(film: &mut Vec<Element>, hit: Index, damage: &Damage) -> Option<Index> {
    let mut found = Vec::new();
    places(film, &[], &mut found);
    if found.is_empty() {
        return None;
    }
    let place = hit.get(&found).clone();
    let (elements, i) = siblings(film, &place);
    match damage {
        Damage::Drop => {
            elements.remove(i);
        }
        Damage::Double => elements.insert(i, elements[i].clone()),
        Damage::Swap => {
            let other = (i + 1) % elements.len();
            elements.swap(i, other);
        }
        Damage::Claim(size) => elements[i].claimed = Some(*size),
        Damage::Open => elements[i].open = true,
        Damage::Cut(at) => return Some(*at),
        _ if is_private(&elements[i]) => {}
        Damage::Number(value) => number_of(&mut elements[i], *value),
        Damage::Resize(len) => {
            if let Content::Bytes(value) = &mut elements[i].content
                && value.len() <= 20
            {
                value.resize(*len, 0);
            }
        }
    }
    None
}

/// Another number in an element: its value, or, of a block, its track and time.
fn number_of(element: &mut Element, value: u64) {
    let block = is_block(element);
    let Content::Bytes(bytes) = &mut element.content else {
        return;
    };
    let len = if block { 3 } else { bytes.len().min(8) };
    let number = value.to_be_bytes();
    bytes[..len].copy_from_slice(&number[8 - len..]);
}

fn fuzz_elements(arguments: &str, ending: &str) {
    let seed = ebml::read(&seed(arguments, ending));
    let damages = vec((any::<Index>(), damage()), 1..5);
    fuzz(damages, |damages| {
        let mut film = seed.clone();
        let mut end = None;
        for (hit, damage) in damages {
            end = apply(&mut film, *hit, damage).or(end);
        }
        let mut file = ebml::write(&film);
        if let Some(end) = end {
            file.truncate(end.index(file.len() + 1));
        }
        file
    });
}

#[test]
fn webm() {
    fuzz_elements(
        "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 25 -c:a libopus",
        "webm",
    );
}

#[test]
fn matroska() {
    fuzz_elements(&format!("{H264} -c:a aac"), "mkv");
}

//! The things of an answer that is still being written. They are for showing only: what counts is the whole answer, read
//! at its end.

use std::ops::Range;

use tokio::sync::watch;
use zeroize::Zeroizing;

use super::{answers, call::append_wiping};
use dodolens_domain::joining::Look;

/// What stands before the first object, without white space.
const OPENING: &[u8] = br#"{"things":["#;
/// Most bytes of an object.
const MAX_OBJECT: usize = 4 << 10;
/// Most things of one answer that are shown.
const MAX_THINGS: usize = 300;

/// Shows the things of one answer as they come.
pub(super) struct Finding<'a> {
    found: &'a watch::Sender<Vec<Look>>,
    /// Which of the looks it is.
    place: usize,
    frames: Range<usize>,
    objects: Objects,
}

impl<'a> Finding<'a> {
    /// For an answer about the frames of the look at `place` of `found`. What an earlier one has shown is taken back.
    pub(super) fn begin(found: &'a watch::Sender<Vec<Look>>, place: usize) -> Self {
        let mut frames = 0..0;
        found.send_if_modified(|looks| {
            looks.get_mut(place).is_some_and(|look| {
                frames = look.frames.clone();
                !std::mem::take(&mut look.things).is_empty()
            })
        });
        Self {
            found,
            place,
            frames,
            objects: Objects::default(),
        }
    }

    /// Takes the next piece of the answer.
    pub(super) fn add(&mut self, piece: &str) {
        self.objects.feed(piece, |object| {
            let object = std::str::from_utf8(object).ok()?;
            let thing = answers::thing(object, &self.frames).ok()?;
            let mut shown = 0;
            self.found.send_if_modified(|looks| {
                let Some(look) = looks.get_mut(self.place) else {
                    return false;
                };
                let is_new = thing.is_some();
                look.things.extend(thing);
                shown = look.things.len();
                is_new
            });
            (shown < MAX_THINGS).then_some(())
        });
    }
}

/// Finds the complete objects of the list in a text that comes piece by piece. It gives up at the first thing that it does
/// not expect.
#[derive(Default)]
struct Objects {
    at: At,
    /// How many brackets of the object are open.
    depth: usize,
    /// The object that has begun.
    object: Zeroizing<Vec<u8>>,
}

#[derive(Clone, Copy)]
enum At {
    /// Before the list; so many bytes of [`OPENING`] were there.
    Opening(usize),
    /// In the list, between objects.
    Between,
    /// In an object.
    Object,
    /// In a string of an object.
    Text,
    /// After a backslash in such a string.
    Escape,
    /// Past the list, or in something else.
    End,
}

impl Default for At {
    fn default() -> Self {
        Self::Opening(0)
    }
}

impl Objects {
    /// Takes the next piece and gives `take` each object that ends in it, until it takes no more.
    fn feed(&mut self, piece: &str, mut take: impl FnMut(&[u8]) -> Option<()>) {
        for byte in piece.bytes() {
            self.at = self.step(byte, &mut take).unwrap_or(At::End);
        }
    }

    /// Where the scanner is after this byte; `None` when it gives up.
    fn step(&mut self, byte: u8, take: &mut impl FnMut(&[u8]) -> Option<()>) -> Option<At> {
        let is_space = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        if matches!(self.at, At::Object | At::Text | At::Escape) {
            self.keep(byte)?;
        }
        match (self.at, byte) {
            (At::Opening(_) | At::Between, _) if is_space => Some(self.at),
            (At::Opening(known), _) => {
                let known = (OPENING.get(known) == Some(&byte)).then_some(known + 1)?;
                Some(match OPENING.len() == known {
                    true => At::Between,
                    false => At::Opening(known),
                })
            }
            (At::Between, b',') => Some(At::Between),
            (At::Between, b'{') => {
                self.depth = 1;
                self.keep(byte)?;
                Some(At::Object)
            }
            (At::Object, b'"') => Some(At::Text),
            (At::Object, b'{' | b'[') => {
                self.depth += 1;
                Some(At::Object)
            }
            (At::Object, b'}' | b']') => {
                self.depth -= 1;
                if self.depth > 0 {
                    return Some(At::Object);
                }
                take(&self.object)?;
                self.object.clear();
                Some(At::Between)
            }
            (At::Text, b'\\') => Some(At::Escape),
            (At::Text, b'"') => Some(At::Object),
            (At::Text | At::Escape, _) => Some(At::Text),
            (At::Object, _) => Some(At::Object),
            (At::Between | At::End, _) => None,
        }
    }

    fn keep(&mut self, byte: u8) -> Option<()> {
        if self.object.len() >= MAX_OBJECT {
            return None;
        }
        append_wiping(&mut self.object, &[byte])
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*, sample::select};
    use serde_json::{Value, json};

    use super::*;

    use dodolens_domain::evidence::Thing;

    const FRAMES: Range<usize> = 10..14;

    fn unshown() -> watch::Sender<Vec<Look>> {
        watch::Sender::new(vec![Look {
            frames: FRAMES,
            things: Vec::new(),
        }])
    }

    /// What is shown of an answer that comes in these pieces.
    fn shown<'a>(pieces: impl IntoIterator<Item = &'a str>) -> Vec<Thing> {
        let found = unshown();
        let mut finding = Finding::begin(&found, 0);
        pieces.into_iter().for_each(|piece| finding.add(piece));
        found.borrow()[0].things.clone()
    }

    /// Pieces of so many characters.
    fn pieces(text: &str, size: usize) -> Vec<String> {
        let characters: Vec<char> = text.chars().collect();
        characters
            .chunks(size)
            .map(|it| it.iter().collect())
            .collect()
    }

    fn object(label: &str) -> Value {
        json!({
            "catalogueId": null, "label": label, "room": null, "count": 1, "seen": [{"frame": 0, "count": 1}],
            "mark": "", "size": "medium", "fragile": false, "confidence": 0.5,
        })
    }

    fn objects() -> impl Strategy<Value = Value> {
        let one = (
            -1_i64..6,
            option::of(select(vec!["sofa_3_seat", "chair", "dragon"])),
            "\\PC{0,8}|[\\\\\"{}\\[\\]\n,é😀 ]{0,8}",
            option::of(select(vec!["kitchen", "moon"])),
            any::<i64>(),
            select(vec!["small", "medium", "large"]),
            any::<bool>(),
            -1.0..2.0_f64,
        );
        let one = one.prop_map(|(frame, id, label, room, count, size, fragile, confidence)| {
            json!({
                "catalogueId": id, "label": label, "room": room, "count": count,
                "seen": [{"frame": frame, "count": count}], "mark": "red", "size": size, "fragile": fragile,
                "confidence": confidence,
            })
        });
        vec(one, 0..6).prop_map(|all| json!({"things": all}))
    }

    proptest! {
        #[test]
        fn every_split_shows_what_the_whole_says(
            answer in objects(), pretty in any::<bool>(), size in 1_usize..40,
        ) {
            let text = if pretty { format!("{answer:#}") } else { answer.to_string() };
            let whole = answers::things(&text, &FRAMES).unwrap();
            let pieces = pieces(&text, size);
            prop_assert_eq!(shown(pieces.iter().map(String::as_str)), whole.clone());
            // What is cut off shows a beginning.
            let some = shown(pieces.iter().map(String::as_str).take(pieces.len() / 2));
            prop_assert_eq!(&whole[..some.len()], some.as_slice());
        }

        #[test]
        fn any_text_is_survived(text: String, size in 1_usize..5) {
            let all = format!("{{\"things\":[{text}");
            shown(pieces(&all, size).iter().map(String::as_str));
            prop_assert_eq!(shown([text.as_str()]), vec![]);
        }
    }

    #[test]
    fn nothing_follows_what_is_wrong() {
        let (good, wrong) = (object("a box"), json!({"label": 0}));
        for (text, expected) in [
            (json!({"things": [good, wrong, good]}).to_string(), 1),
            (json!({"others": [good]}).to_string(), 0),
            (format!("Here you are: {}", json!({"things": [good]})), 0),
            (
                json!({"things": [object(&"x".repeat(MAX_OBJECT)), good]}).to_string(),
                0,
            ),
            (
                format!("{}{}", json!({"things": [good]}), json!({"things": [good]})),
                1,
            ),
        ] {
            assert_eq!(shown([text.as_str()]).len(), expected, "{text}");
        }
        let many = json!({"things": vec![good; MAX_THINGS + 5]}).to_string();
        assert_eq!(shown([many.as_str()]).len(), MAX_THINGS);
    }

    #[test]
    fn another_answer_begins_anew() {
        let found = unshown();
        let half = json!({"things": [object("a box")]}).to_string();
        Finding::begin(&found, 0).add(&half);
        assert_eq!(found.borrow()[0].things.len(), 1);
        let mut seen = found.subscribe();
        Finding::begin(&found, 0);
        assert!(seen.has_changed().unwrap() && seen.borrow_and_update()[0].things.is_empty());
    }
}

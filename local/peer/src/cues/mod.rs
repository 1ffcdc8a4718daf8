//! Understanding a text: a reader by rules for French, English and Spanish, for household words alone.

mod names;
mod sentence;
#[cfg(test)]
mod tests;
mod words;

use dodolens_domain::{
    catalogue::{Item, Room},
    evidence::Decision,
    locale::Locale,
};
use serde_json::{Value, json};

use sentence::read_sentence;
use words::{LANGUAGES, Language};

/// Something said about an object.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    item: &'static Item,
    room: Option<&'static Room>,
    count: Option<u32>,
    /// `None` when the text names the object and no more.
    decision: Option<Decision>,
    remark: Option<String>,
}

/// What `text` says about objects, in the form that was asked for.
pub(super) fn read(text: &str) -> Vec<Value> {
    let (locale, said) = understand(text);
    said.iter()
        .map(|said| {
            json!({
                "catalogueId": said.item.id,
                "label": said.item.name.get(locale),
                "room": said.room.map(|room| room.id),
                "count": said.count,
                "decision": match said.decision {
                    Some(Decision::Leave) => "leave",
                    Some(Decision::Unsure) => "unsure",
                    Some(Decision::Move) | None => "move",
                },
                "remark": said.remark,
            })
        })
        .collect()
}

/// Reads in the language that most of the words are of; in doubt in the one in which more is understood.
fn understand(text: &str) -> (Locale, Vec<Said>) {
    let sentences = names::sentences(text);
    let familiar = |language: &Language| {
        let words = sentences.iter().flatten();
        words.filter(|word| language.knows(&word.plain)).count()
    };
    LANGUAGES
        .iter()
        .map(|language| {
            let mut said = Vec::new();
            for sentence in &sentences {
                for one in read_sentence(language, sentence) {
                    add(&mut said, one);
                }
            }
            (language, said)
        })
        .max_by_key(|(language, said)| (familiar(language), said.len()))
        .map(|(language, said)| (language.locale, said))
        .unwrap_or_default()
}

/// Adds what was said, or completes what was said before about the same thing: the last decision counts.
fn add(all: &mut Vec<Said>, one: Said) {
    fn agree<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> bool {
        a.is_none() || b.is_none() || a == b
    }
    let earlier = all.iter_mut().find(|said| {
        said.item.id == one.item.id
            && agree(&said.room, &one.room)
            && agree(&said.count, &one.count)
    });
    match earlier {
        Some(said) => {
            said.room = said.room.or(one.room);
            said.count = said.count.or(one.count);
            said.decision = one.decision.or(said.decision);
            said.remark = one.remark.or(said.remark.take());
        }
        None => all.push(one),
    }
}

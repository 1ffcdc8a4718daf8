//! Words of a text, and the catalogue's names among them.

use std::{collections::BTreeMap, sync::LazyLock};

use dodolens_domain::{
    catalogue::{ITEMS, Item, ROOMS, Room},
    locale::{Locale, Localized},
};

/// A word of a text, or a comma.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As it was written, in lower case.
    pub(super) written: String,
    /// Without accents.
    pub(super) plain: String,
}

/// The text's sentences, each as its words.
pub(super) fn sentences(text: &str) -> Vec<Vec<Word>> {
    let spaced: String = text
        .to_lowercase()
        .chars()
        .flat_map(|c| match c {
            ',' | ':' | '(' | ')' | '–' | '—' => [' ', ',', ' '],
            c if c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c) => ['\0', c, '\0'],
            '.' | '!' | '?' | ';' | '\n' | '…' | '¡' | '¿' => ['\0', '.', '\0'],
            _ => ['\0', ' ', '\0'],
        })
        .filter(|c| *c != '\0')
        .collect();
    spaced
        .split('.')
        .map(|sentence| sentence.split_whitespace().map(word).collect())
        .filter(|words: &Vec<Word>| !words.is_empty())
        .collect()
}

fn word(written: &str) -> Word {
    // Only their accents tell these from "se" and "sur".
    let kept = ["sé", "sûr", "sûre", "sûrs", "sûres"].contains(&written);
    Word {
        written: written.to_owned(),
        plain: if kept {
            written.to_owned()
        } else {
            written.chars().filter_map(plain).collect()
        },
    }
}

/// The letter without its accent; none for an accent that is a character of its own.
fn plain(c: char) -> Option<char> {
    Some(match c {
        'à' | 'á' | 'â' | 'ä' | 'ã' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'ö' | 'õ' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        '\u{300}'..='\u{36f}' => return None,
        c => c,
    })
}

/// Whether two words are the same but for singular and plural.
fn same(spoken: &str, name: &str) -> bool {
    // No plural changes the first letter.
    spoken.as_bytes().first() == name.as_bytes().first()
        && (spoken == name || is_plural(spoken, name) || is_plural(name, spoken))
}

/// The plurals of English, French and Spanish nouns that end regularly.
fn is_plural(plural: &str, singular: &str) -> bool {
    if singular.len() < 2 {
        return false;
    }
    let ends = |from: &str, to: &str| {
        singular
            .strip_suffix(from)
            .is_some_and(|stem| plural.strip_suffix(to) == Some(stem))
    };
    [
        ("", "s"),
        ("", "es"),
        ("", "x"),
        ("y", "ies"),
        ("f", "ves"),
        ("fe", "ves"),
        ("z", "ces"),
        ("al", "aux"),
    ]
    .iter()
    .any(|(from, to)| ends(from, to))
}

/// The catalogue's names in one language.
pub(super) struct Names {
    items: Vec<(Vec<String>, &'static Item)>,
    rooms: Vec<(Vec<String>, &'static Room)>,
}

impl Names {
    /// The names in `locale`.
    pub(super) fn of(locale: Locale) -> &'static Self {
        static FR: LazyLock<Names> = LazyLock::new(|| Names::new(Locale::Fr));
        static EN: LazyLock<Names> = LazyLock::new(|| Names::new(Locale::En));
        static ES: LazyLock<Names> = LazyLock::new(|| Names::new(Locale::Es));
        match locale {
            Locale::Fr => &FR,
            Locale::En => &EN,
            Locale::Es => &ES,
        }
    }

    fn new(locale: Locale) -> Self {
        let mut items: Vec<_> = ITEMS
            .iter()
            .flat_map(|item| spellings(item.id, &item.name, locale).map(move |name| (name, item)))
            .collect();
        for (head, item) in heads(locale) {
            if !items.iter().any(|(name, _)| *name == [head.as_str()]) {
                items.push((vec![head], item));
            }
        }
        let rooms = ROOMS
            .iter()
            .flat_map(|room| spellings(room.id, &room.name, locale).map(move |name| (name, room)))
            .collect();
        Self { items, rooms }
    }

    /// The object with the longest name at the start of `words`, and the name's length in words.
    pub(super) fn item_at(
        &self,
        words: &[Word],
        number: impl Fn(&Word) -> Option<u32>,
    ) -> Option<(usize, &'static Item)> {
        longest(&self.items, words, number)
    }

    /// The room with the longest name at the start of `words`, and the name's length in words.
    pub(super) fn room_at(
        &self,
        words: &[Word],
        number: impl Fn(&Word) -> Option<u32>,
    ) -> Option<(usize, &'static Room)> {
        longest(&self.rooms, words, number)
    }
}

fn longest<T: Copy>(
    names: &[(Vec<String>, T)],
    words: &[Word],
    number: impl Fn(&Word) -> Option<u32>,
) -> Option<(usize, T)> {
    let matches = |word: &Word, name: &String| {
        same(&word.plain, name) || name.parse().is_ok_and(|n| number(word) == Some(n))
    };
    names
        .iter()
        .filter(|(name, _)| {
            name.len() <= words.len()
                && words
                    .iter()
                    .zip(name)
                    .all(|(word, name)| matches(word, name))
        })
        // The first of equals, for the catalogue names the plain kind first.
        .fold(None, |best, (name, found)| match best {
            Some((length, _)) if length >= name.len() => best,
            _ => Some((name.len(), *found)),
        })
}

/// The name in a language; in English the words of the id as well.
fn spellings(
    id: &str,
    name: &Localized,
    locale: Locale,
) -> impl Iterator<Item = Vec<String>> + use<> {
    let id = (locale == Locale::En).then(|| words(&id.replace('_', " ")));
    [words(name.get(locale))].into_iter().chain(id)
}

fn words(name: &str) -> Vec<String> {
    let words = sentences(name).into_iter().flatten();
    words.map(|word| word.plain).collect()
}

/// Nouns that several objects of a family share, such as "sofa": the first of them stands for the noun. Objects are a
/// family when their ids have the same first word.
fn heads(locale: Locale) -> Vec<(String, &'static Item)> {
    let mut families: BTreeMap<(&str, String), Vec<&'static Item>> = BTreeMap::new();
    for item in ITEMS {
        let family = item.id.split('_').next().unwrap_or(item.id);
        let name = words(item.name.get(locale));
        let head = match locale {
            Locale::En => name.last(),
            Locale::Fr | Locale::Es => name.first(),
        };
        if let Some(head) = head {
            let members = families.entry((family, head.clone())).or_default();
            members.push(item);
        }
    }
    families
        .into_iter()
        .filter(|(_, members)| members.len() > 1)
        .filter_map(|((_, head), members)| Some((head, *members.first()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_accents_and_number() {
        let split = |text| -> Vec<Vec<String>> {
            let sentences: Vec<Vec<Word>> = sentences(text);
            let plain = |words: Vec<Word>| words.into_iter().map(|word| word.plain).collect();
            sentences.into_iter().map(plain).collect()
        };
        assert_eq!(
            split("L'Étagère, là-bas ! No sé… ¿Qué?"),
            [
                vec!["l", "etagere", ",", "la", "bas"],
                vec!["no", "sé"],
                vec!["que"]
            ]
        );
        assert_eq!(split("e\u{301}tage\u{300}re"), [["etagere"]]);
        for (plural, singular) in [
            ("sofas", "sofa"),
            ("boxes", "box"),
            ("shelves", "shelf"),
            ("bureaux", "bureau"),
            ("sillones", "sillon"),
            ("luces", "luz"),
            ("batteries", "battery"),
        ] {
            assert!(same(plural, singular) && same(singular, plural), "{plural}");
        }
        assert!(!same("table", "tableau") && !same("l", "ls") && !same("lit", "litera"));
    }

    #[test]
    fn the_longest_name_is_found() {
        let find = |locale, text: &str| {
            let words = sentences(text).concat();
            let found = Names::of(locale).item_at(&words, |_| None);
            found.map(|(length, item)| (length, item.id))
        };
        assert_eq!(
            find(Locale::Fr, "tables basses en verre"),
            Some((4, "table_coffee_glass"))
        );
        assert_eq!(
            find(Locale::En, "chests of drawers here"),
            Some((3, "dresser"))
        );
        assert_eq!(find(Locale::En, "fridge"), Some((1, "fridge")));
        assert_eq!(find(Locale::En, "piano"), Some((1, "piano_upright")));
        assert_eq!(find(Locale::Es, "mesas"), Some((1, "table_dining")));
        assert_eq!(find(Locale::En, "happy house"), None);
        for item in ITEMS {
            for locale in [Locale::Fr, Locale::En, Locale::Es] {
                let name = item.name.get(locale);
                assert_eq!(
                    find(locale, name).map(|(_, id)| id),
                    Some(item.id),
                    "{name}"
                );
            }
        }
    }
}

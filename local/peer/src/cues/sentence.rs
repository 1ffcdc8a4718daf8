//! Understanding one sentence: its words become marks, its marks fall into clauses, each clause has a decision.

use dodolens_domain::{
    catalogue::{Item, Room},
    evidence::Decision,
};

use super::{
    Said,
    names::{Names, Word},
    words::Language,
};

/// Most words between a number and what it counts.
const COUNT_REACH: usize = 3;
/// Most that is taken for a count.
const MAX_COUNT: u32 = 1_000;

/// What a word or phrase means.
#[derive(Debug, Clone)]
enum Mark {
    Item(&'static Item, Option<u32>),
    Room(&'static Room),
    Has,
    Moves,
    Stays,
    Not,
    Unsure,
    Caution(String),
    /// The next clause goes on with the same statement.
    Join,
    /// The next clause is a statement of its own.
    Turn,
}

impl Language {
    /// Whether a word is one of this language's.
    pub(super) fn knows(&self, word: &str) -> bool {
        let lists = [
            self.frequent,
            self.joins,
            self.turns,
            self.places,
            self.has,
            self.moves,
            self.stays,
            self.negations,
            self.cautions,
            self.very,
        ];
        lists.iter().any(|list| list.contains(&word))
            || self.numbers.iter().any(|(number, _)| *number == word)
    }

    /// The number at the start of `words`, and its length in words.
    fn number_at(&self, words: &[Word]) -> Option<(usize, u32)> {
        let digits = words
            .first()
            .and_then(|word| word.plain.trim_matches('x').parse().ok())
            .filter(|number| (1..=MAX_COUNT).contains(number))
            .map(|number| (1, number));
        let spelled = self
            .numbers
            .iter()
            .filter_map(|(phrase, number)| Some((phrase_at(words, phrase)?, *number)))
            .max();
        digits.or(spelled)
    }

    /// The longest phrase that means something at the start of `words`, and its length in words.
    fn phrase_mark(&self, words: &[Word]) -> Option<(usize, Mark)> {
        [
            (self.has, Mark::Has),
            (self.moves, Mark::Moves),
            (self.stays, Mark::Stays),
            (self.negations, Mark::Not),
            (self.unsure, Mark::Unsure),
            (self.joins, Mark::Join),
            (&[","], Mark::Join),
            (self.turns, Mark::Turn),
        ]
        .into_iter()
        .filter_map(|(phrases, mark)| {
            let lengths = phrases.iter().filter_map(|phrase| phrase_at(words, phrase));
            Some((lengths.max()?, mark))
        })
        .max_by_key(|(length, _)| *length)
    }
}

fn phrase_at(words: &[Word], phrase: &str) -> Option<usize> {
    let mut length = 0;
    for part in phrase.split(' ') {
        if words.get(length)?.plain != part {
            return None;
        }
        length += 1;
    }
    Some(length)
}

/// What a sentence says about objects.
pub(super) fn read_sentence(language: &Language, words: &[Word]) -> Vec<Said> {
    let marks = marks(language, words);
    let mut said = Vec::new();
    let mut room = None;
    for statement in marks.split(|mark| matches!(mark, Mark::Turn)) {
        let clauses: Vec<Clause> = statement
            .split(|mark| matches!(mark, Mark::Join))
            .map(Clause::new)
            .collect();
        for (at, clause) in clauses.iter().enumerate() {
            room = clause.room.or(room);
            if clause.items.is_empty() {
                if let (Some(remark), Some(last)) = (&clause.remark, said.last_mut()) {
                    let last: &mut Said = last;
                    last.remark.get_or_insert_with(|| remark.clone());
                }
                continue;
            }
            let decision = match clause.verdict {
                Verdict::Absent => continue,
                Verdict::Decided(decision) => Some(decision),
                Verdict::Open => inherited(&clauses, at),
            };
            let later = || clauses.iter().skip(at).find_map(|clause| clause.room);
            said.extend(clause.items.iter().map(|(item, count)| Said {
                item,
                room: room.or_else(later),
                count: *count,
                decision,
                remark: clause.remark.clone(),
            }));
        }
    }
    said
}

/// The decision on things in a clause without a verb: that of the verb before the list they are in, or after it.
fn inherited(clauses: &[Clause], at: usize) -> Option<Decision> {
    let decided = |clause: &&Clause| matches!(clause.verdict, Verdict::Decided(_));
    let before = clauses.iter().take(at).rfind(decided);
    let after = clauses.iter().skip(at).find(decided);
    let before = before.filter(|clause| clause.verb_first || clause.items.is_empty());
    let after = after.filter(|clause| !clause.verb_first || clause.items.is_empty());
    match before.or(after)?.verdict {
        Verdict::Decided(decision) => Some(decision),
        Verdict::Open | Verdict::Absent => None,
    }
}

/// Things that share a verb.
struct Clause {
    items: Vec<(&'static Item, Option<u32>)>,
    room: Option<&'static Room>,
    remark: Option<String>,
    verdict: Verdict,
    /// The verb stands before the things.
    verb_first: bool,
}

#[derive(Clone, Copy)]
enum Verdict {
    Decided(Decision),
    /// There is no verb.
    Open,
    /// There is no such thing.
    Absent,
}

impl Clause {
    fn new(marks: &[Mark]) -> Self {
        let is_item = |mark: &Mark| matches!(mark, Mark::Item(..));
        let is_verb = |mark: &Mark| {
            matches!(
                mark,
                Mark::Has | Mark::Moves | Mark::Stays | Mark::Not | Mark::Unsure
            )
        };
        let first_verb = marks.iter().position(is_verb);
        let first_item = marks.iter().position(is_item);
        let mut clause = Self {
            items: Vec::new(),
            room: None,
            remark: None,
            verdict: verdict(marks),
            verb_first: first_verb.is_some_and(|verb| first_item.is_none_or(|item| verb < item)),
        };
        for mark in marks {
            match mark {
                Mark::Item(item, count) => clause.items.push((item, *count)),
                Mark::Room(room) => clause.room = clause.room.or(Some(room)),
                Mark::Caution(remark) => clause.remark = Some(remark.clone()),
                _ => {}
            }
        }
        clause
    }
}

fn verdict(marks: &[Mark]) -> Verdict {
    let any = |wanted: fn(&Mark) -> bool| marks.iter().any(wanted);
    let not = any(|mark| matches!(mark, Mark::Not));
    let moves = any(|mark| matches!(mark, Mark::Moves));
    let has = any(|mark| matches!(mark, Mark::Has));
    if any(|mark| matches!(mark, Mark::Unsure)) {
        return Verdict::Decided(Decision::Unsure);
    }
    match (any(|mark| matches!(mark, Mark::Stays)), not) {
        (true, false) => Verdict::Decided(Decision::Leave),
        (true, true) => Verdict::Decided(Decision::Move),
        (false, true) if has && !moves => Verdict::Absent,
        (false, true) => Verdict::Decided(Decision::Leave),
        (false, false) if has || moves => Verdict::Decided(Decision::Move),
        (false, false) => Verdict::Open,
    }
}

fn marks(language: &Language, words: &[Word]) -> Vec<Mark> {
    let names = Names::of(language.locale);
    let number_of = |word: &Word| {
        language
            .number_at(std::slice::from_ref(word))
            .map(|(_, n)| n)
    };
    let mut marks = Vec::new();
    let mut number: Option<(usize, u32)> = None;
    let mut at = 0;
    while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
        let item = names.item_at(rest, number_of);
        let mut room = names.room_at(rest, number_of);
        if let (Some((item_length, _)), Some((room_length, _))) = (item, room)
            && (item_length > room_length || !after_place(language, words, at))
        {
            room = None;
        }
        let item = item.filter(|_| room.is_none());
        let length = item.map(|(n, _)| n).or(room.map(|(n, _)| n)).unwrap_or(0);
        let phrase = language.phrase_mark(rest).filter(|(n, _)| *n >= length);
        at += if let Some((length, mark)) = phrase {
            if matches!(mark, Mark::Join | Mark::Turn) {
                number = None;
            }
            marks.push(mark);
            length
        } else if let Some((length, item)) = item {
            let count = number
                .take()
                .filter(|(end, _)| at - end < COUNT_REACH)
                .map(|(_, count)| count);
            marks.push(Mark::Item(item, count));
            length
        } else if let Some((length, room)) = room {
            marks.push(Mark::Room(room));
            length
        } else if let Some((length, count)) = language.number_at(rest) {
            number = Some((at + length, count));
            length
        } else {
            marks.extend(caution(language, words, at));
            1
        };
    }
    marks
}

/// Whether a word before `at`, articles apart, says that a place follows.
fn after_place(language: &Language, words: &[Word], at: usize) -> bool {
    let before = words.iter().take(at).rev();
    before
        .map(|word| word.plain.as_str())
        .find(|word| !language.articles.contains(word))
        .is_some_and(|word| language.places.contains(&word))
}

fn caution(language: &Language, words: &[Word], at: usize) -> Option<Mark> {
    let word = words.get(at)?;
    if !language.cautions.contains(&word.plain.as_str()) {
        return None;
    }
    let very = at
        .checked_sub(1)
        .and_then(|before| words.get(before))
        .filter(|before| language.very.contains(&before.plain.as_str()));
    Some(Mark::Caution(match very {
        Some(very) => format!("{} {}", very.written, word.written),
        None => word.written.clone(),
    }))
}

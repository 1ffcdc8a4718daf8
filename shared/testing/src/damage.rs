//! For property tests: copies of a right value that are damaged in a few places. They get deeper into a parser than
//! random bytes do.

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Value, json};

/// Numbers at which arithmetic and length checks trip.
const EDGES: [u64; 14] = [
    0,
    1,
    2,
    7,
    8,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x00ff_ffff,
    0x7fff_ffff,
    0xffff_ffff,
    i64::MAX as u64,
    u64::MAX,
];

/// As many cases as `PROPTEST_CASES` asks for, else `usual`.
pub fn cases(usual: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => ProptestConfig {
            cases: usual,
            ..config
        },
    }
}

/// One damage to bytes.
#[derive(Debug, Clone)]
enum Damage {
    Flip(u8),
    Overwrite(Vec<u8>),
    Insert(Vec<u8>),
    Remove(usize),
    Repeat(usize),
    Cut,
}

/// A number at an edge, or one beside it.
pub fn edge() -> impl Strategy<Value = u64> {
    let near = |(edge, beside): (u64, u64)| edge.wrapping_add(beside).wrapping_sub(1);
    (select(EDGES.to_vec()), 0_u64..3).prop_map(near)
}

/// The same as 1, 2, 4 or 8 bytes, high byte first.
fn edge_bytes() -> impl Strategy<Value = Vec<u8>> {
    (edge(), select(vec![1_usize, 2, 4, 8]))
        .prop_map(|(edge, width)| edge.to_be_bytes()[8 - width..].to_vec())
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => (0_u32..8).prop_map(|bit| Damage::Flip(1 << bit)),
        4 => edge_bytes().prop_map(Damage::Overwrite),
        2 => vec(any::<u8>(), 1..9).prop_map(Damage::Overwrite),
        1 => vec(any::<u8>(), 1..9).prop_map(Damage::Insert),
        2 => (1_usize..65).prop_map(Damage::Remove),
        2 => (1_usize..65).prop_map(Damage::Repeat),
        1 => Just(Damage::Cut),
    ]
}

impl Damage {
    fn apply(&self, at: Index, bytes: &mut Vec<u8>) {
        let at = at.index(bytes.len() + 1);
        let until = |n: usize| at..bytes.len().min(at + n);
        match self {
            Self::Flip(bit) => bytes.iter_mut().skip(at).take(1).for_each(|it| *it ^= bit),
            Self::Overwrite(new) => {
                let range = until(new.len());
                bytes.splice(range, new.iter().copied());
            }
            Self::Insert(new) => {
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Remove(n) => {
                bytes.drain(until(*n));
            }
            Self::Repeat(n) => {
                let again = bytes[until(*n)].to_vec();
                bytes.splice(at..at, again);
            }
            Self::Cut => bytes.truncate(at),
        }
    }
}

/// `right` with one to five damages; once in a while they leave it as it was.
pub fn damaged(right: &[u8]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let right = right.to_vec();
    vec((any::<Index>(), damage()), 1..6).prop_map(move |damages| {
        let mut bytes = right.clone();
        for (at, damage) in &damages {
            damage.apply(*at, &mut bytes);
        }
        bytes
    })
}

/// The same for a text; what is no UTF-8 any more is replaced.
pub fn damaged_text(right: &str) -> impl Strategy<Value = String> + use<> {
    damaged(right.as_bytes()).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// One damage to a value in a JSON document.
#[derive(Debug, Clone)]
enum Wrong {
    /// A number by this number, a text by this text, a truth by the other.
    Vary(Value, String),
    Replace(Value),
    Remove,
    Repeat,
}

fn odd_number() -> impl Strategy<Value = Value> {
    prop_oneof![
        edge().prop_map(Value::from),
        (-9_i64..300).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
    ]
}

fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), (1_usize..3000).prop_map(|n| "é".repeat(n))]
}

/// A value that hardly any reader expects.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(vec![
            json!(null),
            json!(true),
            json!(""),
            json!([]),
            json!({}),
            json!([[[[[]]]]])
        ]),
        odd_number(),
        odd_text().prop_map(Value::from),
    ]
}

impl Wrong {
    fn apply(&self, at: Index, document: &mut Value) {
        let mut places = Vec::new();
        collect(document, String::new(), &mut places);
        let place = at.get(&places);
        let value = document.pointer_mut(place).unwrap();
        match self {
            Self::Vary(number, text) => {
                match value {
                    Value::Number(_) => *value = number.clone(),
                    Value::String(_) => *value = text.as_str().into(),
                    Value::Bool(truth) => *truth = !*truth,
                    _ => {}
                }
                return;
            }
            Self::Replace(new) => {
                *value = new.clone();
                return;
            }
            Self::Remove | Self::Repeat => {}
        }
        let Some((parent, last)) = place.rsplit_once('/') else {
            return;
        };
        match (document.pointer_mut(parent).unwrap(), self) {
            (Value::Array(list), Self::Remove) => {
                list.remove(last.parse().unwrap());
            }
            (Value::Array(list), _) => {
                let again = list[last.parse::<usize>().unwrap()].clone();
                list.push(again);
            }
            (Value::Object(members), Self::Remove) => {
                members.remove(&unescaped(last));
            }
            (Value::Object(members), _) => {
                let again = members[&unescaped(last)].clone();
                members.insert(unescaped(last) + "2", again);
            }
            _ => unreachable!("only lists and objects have places in them"),
        }
    }
}

/// JSON Pointers (RFC 6901) of all values in `value`, itself last.
fn collect(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Array(list) => {
            for (i, inner) in list.iter().enumerate() {
                collect(inner, format!("{at}/{i}"), places);
            }
        }
        Value::Object(members) => {
            for (name, inner) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(inner, format!("{at}/{name}"), places);
            }
        }
        _ => {}
    }
    places.push(at);
}

fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

/// `right` with one to three values replaced by odd ones, left out, or there twice.
pub fn damaged_json(right: Value) -> impl Strategy<Value = Value> {
    let wrong = prop_oneof![
        6 => (odd_number(), odd_text()).prop_map(|(number, text)| Wrong::Vary(number, text)),
        2 => odd().prop_map(Wrong::Replace),
        1 => Just(Wrong::Remove),
        1 => Just(Wrong::Repeat),
    ];
    vec((any::<Index>(), wrong), 1..4).prop_map(move |wrongs| {
        let mut document = right.clone();
        for (at, wrong) in &wrongs {
            wrong.apply(*at, &mut document);
        }
        document
    })
}

proptest! {
    #[test]
    fn a_damaged_copy_is_near_the_right_one(bytes in damaged(&[7; 200]), text in damaged_text("dodo")) {
        prop_assert!(bytes.len() < 200 + 5 * 65 && text.len() < 3 * (4 + 5 * 65));
    }

    #[test]
    fn a_damaged_document_has_all_its_places(document in damaged_json(json!({"a/~b": [1, {"c": 2}]}))) {
        let mut places = Vec::new();
        collect(&document, String::new(), &mut places);
        prop_assert!(places.iter().all(|place| document.pointer(place).is_some()));
    }
}

//! Models' answers: their form is read strictly, then every value is brought into the domain's bounds.

use std::{collections::BTreeMap, ops::Range};

use serde::Deserialize;
use serde_json::error::Category;

use dodolens_app::ports::ModelError;
use dodolens_domain::{
    catalogue,
    evidence::{Cue, Decision, MAX_COUNT, Sight, Thing, Transcript},
};

/// Most things of one answer that are taken: far more than some pictures of a home show.
const MAX_THINGS: usize = 300;
/// Most characters of a label, and of what tells a thing from its like.
const LABEL_CHARS: usize = 60;
/// Most characters of a remark.
const REMARK_CHARS: usize = 120;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Things {
    things: Vec<RawThing>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawThing {
    #[serde(deserialize_with = "nullable")]
    catalogue_id: Option<String>,
    label: String,
    #[serde(deserialize_with = "nullable")]
    room: Option<String>,
    count: i64,
    seen: Vec<RawSight>,
    mark: String,
    size: RawSize,
    fragile: bool,
    confidence: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSight {
    frame: i64,
    count: i64,
}

/// Which things are the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    ids: Vec<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawSize {
    Small,
    Medium,
    Large,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cues {
    cues: Vec<RawCue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawCue {
    #[serde(deserialize_with = "nullable")]
    catalogue_id: Option<String>,
    label: String,
    #[serde(deserialize_with = "nullable")]
    room: Option<String>,
    #[serde(deserialize_with = "nullable")]
    count: Option<i64>,
    decision: RawDecision,
    #[serde(deserialize_with = "nullable")]
    remark: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawDecision {
    Move,
    Leave,
    Unsure,
}

/// What Gemini hears; a server for transcriptions answers without a schema.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Heard {
    transcript: String,
}

/// Reads what an answer says in the form of `T`, or what is wrong with it.
fn parse<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, ModelError> {
    if text.trim().is_empty() {
        return Err(ModelError::Empty);
    }
    serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Eof => ModelError::Truncated,
        Category::Syntax | Category::Io => ModelError::NotJson,
        Category::Data => ModelError::Malformed,
    })
}

/// Reads a transcript.
pub(super) fn transcript(json: &str) -> Result<Transcript, ModelError> {
    parse::<Heard>(json).map(|heard| Transcript::from(heard.transcript))
}

/// Reads things seen in `frames`, whose numbers in the answer begin at 0. What is seen in none of them, or has neither a
/// catalogue entry nor a label, is dropped.
pub(super) fn things(json: &str, frames: &Range<usize>) -> Result<Vec<Thing>, ModelError> {
    let raw: Things = parse(json)?;
    let things = raw.things.into_iter().filter_map(|raw| seen(raw, frames));
    Ok(things.take(MAX_THINGS).collect())
}

/// Reads one thing of such an answer; `None` when it is dropped.
pub(super) fn thing(json: &str, frames: &Range<usize>) -> Result<Option<Thing>, ModelError> {
    parse(json).map(|raw| seen(raw, frames))
}

fn seen(raw: RawThing, frames: &Range<usize>) -> Option<Thing> {
    let item = raw.catalogue_id.as_deref().and_then(catalogue::item);
    let label = tidy(&raw.label, LABEL_CHARS);
    if item.is_none() && label.is_empty() {
        return None;
    }
    let mut sights = BTreeMap::<usize, u32>::new();
    for sight in raw.seen {
        let place = usize::try_from(sight.frame).ok();
        if let Some(place) = place.filter(|place| *place < frames.len()) {
            let count = sights.entry(frames.start + place).or_default();
            *count = clamp_count(sight.count).max(*count);
        }
    }
    let (most, sum) = sights.values().fold((0, 0_u32), |(most, sum), count| {
        (count.max(&most).to_owned(), sum.saturating_add(*count))
    });
    if sights.is_empty() {
        return None;
    }
    // No fewer than one frame shows, and no more than all of them show together.
    let count = clamp_count(raw.count).clamp(most, sum.min(MAX_COUNT));
    let sights = sights.into_iter();
    Some(Thing {
        item,
        label,
        room: raw.room.as_deref().and_then(catalogue::room),
        sizes: match raw.size {
            RawSize::Small => [count, 0, 0],
            RawSize::Medium => [0, count, 0],
            RawSize::Large => [0, 0, count],
        },
        seen: sights
            .map(|(frame, count)| Sight { frame, count })
            .collect(),
        mark: tidy(&raw.mark, LABEL_CHARS),
        fragile: raw.fragile,
        confidence: raw.confidence.clamp(0.0, 1.0) as f32,
        perhaps_again: false,
    })
}

/// Reads which things are the same: lists of ids. What is no id is dropped.
pub(super) fn groups(json: &str) -> Result<Vec<Vec<usize>>, ModelError> {
    let raw: Groups = parse(json)?;
    let ids = |group: Group| -> Vec<usize> {
        let ids = group.ids.into_iter();
        ids.filter_map(|id| usize::try_from(id).ok()).collect()
    };
    Ok(raw.groups.into_iter().map(ids).collect())
}

/// Reads things said. What has neither a catalogue entry nor a label is dropped.
pub(super) fn cues(json: &str) -> Result<Vec<Cue>, ModelError> {
    let raw: Cues = parse(json)?;
    Ok(raw
        .cues
        .into_iter()
        .filter_map(|raw| {
            let item = raw.catalogue_id.as_deref().and_then(catalogue::item);
            let label = tidy(&raw.label, LABEL_CHARS);
            if item.is_none() && label.is_empty() {
                return None;
            }
            Some(Cue {
                item,
                label,
                room: raw.room.as_deref().and_then(catalogue::room),
                count: raw.count.map(clamp_count),
                decision: match raw.decision {
                    RawDecision::Move => Decision::Move,
                    RawDecision::Leave => Decision::Leave,
                    RawDecision::Unsure => Decision::Unsure,
                },
                remark: raw
                    .remark
                    .map(|remark| tidy(&remark, REMARK_CHARS))
                    .filter(|remark| !remark.is_empty()),
            })
        })
        .collect())
}

/// Takes null, but not a missing property: every property is required.
fn nullable<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer)
}

fn clamp_count(count: i64) -> u32 {
    u32::try_from(count.max(1)).map_or(MAX_COUNT, |count| count.min(MAX_COUNT))
}

/// One line without control characters or invisible marks that reorder text, of at most `chars` characters.
fn tidy(text: &str, chars: usize) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| {
            !c.is_control()
                && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        })
        .take(chars.saturating_mul(4))
        .collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(chars).collect();
    short.trim_end().to_owned()
}

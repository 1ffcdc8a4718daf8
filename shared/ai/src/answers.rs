//! Models' answers: their form is read strictly, then every value is brought into the domain's bounds.

use serde::Deserialize;
use serde_json::error::Category;

use dodolens_app::ports::ModelError;
use dodolens_domain::{
    catalogue,
    evidence::{Cue, Decision, MAX_COUNT, Observation, SizeClass, Transcript},
};

/// Most characters of a label.
const LABEL_CHARS: usize = 60;
/// Most characters of a remark.
const REMARK_CHARS: usize = 120;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Observations {
    observations: Vec<RawObservation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawObservation {
    frame: i64,
    #[serde(deserialize_with = "nullable")]
    catalogue_id: Option<String>,
    label: String,
    #[serde(deserialize_with = "nullable")]
    room: Option<String>,
    count: i64,
    size: RawSize,
    fragile: bool,
    confidence: f64,
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

/// Reads objects seen in `frames` frames. What names no frame, or has neither a catalogue entry nor a label, is
/// dropped.
pub(super) fn observations(json: &str, frames: usize) -> Result<Vec<Observation>, ModelError> {
    let raw: Observations = parse(json)?;
    let raw = raw.observations.into_iter();
    Ok(raw.filter_map(|raw| seen(raw, frames)).collect())
}

/// Reads one object of such an answer; `None` when it is dropped.
pub(super) fn observation(json: &str, frames: usize) -> Result<Option<Observation>, ModelError> {
    parse(json).map(|raw| seen(raw, frames))
}

fn seen(raw: RawObservation, frames: usize) -> Option<Observation> {
    let frame = usize::try_from(raw.frame).ok().filter(|n| *n < frames)?;
    let item = raw.catalogue_id.as_deref().and_then(catalogue::item);
    let label = tidy(&raw.label, LABEL_CHARS);
    if item.is_none() && label.is_empty() {
        return None;
    }
    Some(Observation {
        frame,
        item,
        label,
        room: raw.room.as_deref().and_then(catalogue::room),
        count: clamp_count(raw.count),
        size: match raw.size {
            RawSize::Small => SizeClass::Small,
            RawSize::Medium => SizeClass::Medium,
            RawSize::Large => SizeClass::Large,
        },
        fragile: raw.fragile,
        confidence: raw.confidence.clamp(0.0, 1.0) as f32,
    })
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

//! What a well-formed request is answered, whatever the provider.

use serde_json::{Value, json};

use super::{
    Shared, asked::Asked, audio, cues, dtmf, error::ApiError, mistakes::Sight, same, schema,
    things, transcriptions,
};

/// Characters of a token, about.
const CHARS_PER_TOKEN: usize = 4;
/// Tokens of a second of sound.
const TOKENS_PER_SECOND: f64 = 32.0;

/// An answer, not yet in a provider's form.
pub(super) struct Answered {
    /// JSON, cut off where it is longer than allowed.
    pub(super) text: String,
    /// Whether it is cut off.
    pub(super) cut: bool,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
    /// Width and height of each picture, pixels.
    pub(super) pictures: Vec<(u32, u32)>,
    /// Length of the sound, seconds.
    pub(super) audio_seconds: f64,
}

/// Answers a request by what is in it. Looking at pictures takes a core for a while.
pub(super) fn answer(shared: &Shared, asked: &Asked) -> Result<Answered, ApiError> {
    let mut pictures = Vec::new();
    let mut audio_seconds = 0.0;
    let answer = if let Some((name, sound)) = &asked.sound {
        let sound = audio::decode(name, sound.clone())
            .map_err(|error| ApiError::invalid("sound", error.to_string()))?;
        audio_seconds = sound.seconds();
        json!({"transcript": transcriptions::text_of(&dtmf::keys(&sound))})
    } else if !asked.jpegs.is_empty() {
        let mut seen = Vec::with_capacity(asked.jpegs.len());
        for (index, jpeg) in asked.jpegs.iter().enumerate() {
            let picture = shared.eyes.look(jpeg).map_err(|error| {
                ApiError::invalid(format!("input image {index}"), error.to_string())
            })?;
            pictures.push(picture.size);
            seen.push(picture);
        }
        let sight = Sight {
            options: &shared.options,
            model: &asked.model,
        };
        json!({"things": things::seen(&seen, &asked.schema, sight)})
    } else if asks_for_groups(&asked.schema) {
        json!({"groups": same::groups(&asked.texts)?})
    } else {
        json!({"cues": cues::read(&asked.texts.join("\n"))})
    };
    if !schema::conforms(&answer, &asked.schema) {
        return Err(ApiError::invalid(
            "schema",
            "This simulator has no answer in the form of the schema.",
        ));
    }
    let written = asked.texts.iter().map(|text| text.chars().count());
    let characters = asked.instructions.chars().count() + written.sum::<usize>();
    let pixels: u64 = pictures.iter().map(|size| image_tokens(*size)).sum();
    let heard = (audio_seconds * TOKENS_PER_SECOND) as u64;
    let text = answer.to_string();
    let needed = tokens(text.chars().count());
    let output_tokens = asked
        .max_output_tokens
        .map_or(needed, |most| most.min(needed));
    let cut = output_tokens < needed;
    let most = usize::try_from(output_tokens).unwrap_or(usize::MAX);
    Ok(Answered {
        text: if cut {
            text.chars()
                .take(most.saturating_mul(CHARS_PER_TOKEN))
                .collect()
        } else {
            text
        },
        cut,
        input_tokens: pixels + heard + tokens(characters),
        output_tokens,
        pictures,
        audio_seconds,
    })
}

/// Whether a schema asks which things are the same.
pub(super) fn asks_for_groups(schema: &Value) -> bool {
    schema.pointer("/properties/groups").is_some()
}

/// A token for each tile of 32 × 32 pixels.
fn image_tokens((width, height): (u32, u32)) -> u64 {
    u64::from(width.div_ceil(32)) * u64::from(height.div_ceil(32))
}

fn tokens(characters: usize) -> u64 {
    characters.div_ceil(CHARS_PER_TOKEN) as u64
}

//! The sound of a test video: a text in DTMF tones over quiet noise.

use std::f64::consts::TAU;

use crate::markers;

/// Samples a second, Hz. One channel.
pub const RATE: u32 = 48_000;

/// Noise before and after the tones, seconds.
const LEAD: f64 = 0.3;

/// How loud each of a key's two tones is, of full scale.
const TONE_LEVEL: f64 = 0.25;

/// How loud the noise is at most, of full scale.
const NOISE_LEVEL: f64 = 0.004;

/// How long a tone swells and fades within its own time, so that it doesn't click, seconds.
const FADE: f64 = 0.002;

/// How long a text takes, with noise before and after it, seconds.
pub fn seconds(say: &str) -> f64 {
    let keys: u32 = markers::keys_of(say).chars().map(|_| 1).sum();
    f64::from(keys) * (markers::TONE + markers::GAP).as_secs_f64() + 2.0 * LEAD
}

/// Samples of this many seconds in all; the text is cut if it takes longer.
pub fn samples(say: Option<&str>, seconds: f64) -> impl Iterator<Item = i16> {
    let keys: Vec<_> = say
        .map(markers::keys_of)
        .unwrap_or_default()
        .chars()
        .map(markers::tones)
        .collect();
    let step = (markers::TONE + markers::GAP).as_secs_f64();
    let count = (seconds * f64::from(RATE)).ceil() as u32;
    (0..count).zip(noise()).map(move |(index, noise)| {
        let at = f64::from(index) / f64::from(RATE) - LEAD;
        let tones = if at < 0.0 {
            None
        } else {
            keys.get((at / step) as usize).copied().flatten()
        };
        let tone = tones.map_or(0.0, |tones| tone(tones, at % step));
        ((tone + noise) * f64::from(i16::MAX)).round() as i16
    })
}

/// A key's two tones, `at` seconds after its start, of full scale.
fn tone((low, high): (f64, f64), at: f64) -> f64 {
    let left = markers::TONE.as_secs_f64() - at;
    let level = TONE_LEVEL * (at.min(left) / FADE).clamp(0.0, 1.0);
    level * ((TAU * low * at).sin() + (TAU * high * at).sin())
}

/// White noise, the same every time: a linear congruential generator (Numerical Recipes).
fn noise() -> impl Iterator<Item = f64> {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let states = std::iter::successors(Some(1_u32), next);
    states.map(|state| NOISE_LEVEL * (f64::from(state) / f64::from(u32::MAX) * 2.0 - 1.0))
}

//! Hearing DTMF keys: the Goertzel algorithm over short windows, and the runs of windows with the same key.

use std::f64::consts::TAU;

use super::audio::Samples;
use dodolens_video::markers::{COLUMNS, GAP, ROWS, TONE, key_at};

/// Windows a second; each begins a hop after the one before.
const HOPS_PER_SECOND: u32 = 200;
/// Hops a window is long: 20 ms, which tells the rows' 73 Hz apart and fits a gap twice.
const HOPS_PER_WINDOW: usize = 4;
/// Least part of a window's energy in its two tones.
const MIN_PURITY: f64 = 0.5;
/// Least ratio of a tone's power to the next in its group.
const MIN_CONTRAST: f64 = 2.5;
/// Most ratio of the powers of row and column.
const MAX_TWIST: f64 = 20.0;
/// Least part of the loudest power around: what is left of a tone at its edges and in echoes is less.
const MIN_LEVEL: f64 = 0.15;
/// How far around is looked, hops.
const AROUND: usize = 20;
/// Hops of a gap that is none: a window or two lost within a key.
const MAX_DROPOUT: usize = 2;
/// Least hops of a key.
const MIN_RUN: usize = 5;

/// A key heard in one window.
#[derive(Clone, Copy)]
struct Heard {
    key: char,
    power: f64,
}

/// Windows with the same key, and how many there are from the first to the last.
struct Run {
    key: char,
    start: usize,
    length: usize,
}

/// The keys heard, in their order.
pub(super) fn keys(sound: &Samples) -> String {
    let hop = usize::try_from(sound.rate / HOPS_PER_SECOND).unwrap_or(0);
    if hop == 0 {
        return String::new();
    }
    let samples: &[f32] = &sound.mono;
    let windows: Vec<Option<Heard>> = (0..samples.len())
        .step_by(hop)
        .filter_map(|start| samples.get(start..start + hop * HOPS_PER_WINDOW))
        .map(|window| listen(window, f64::from(sound.rate)))
        .collect();
    let period = (TONE + GAP).as_secs_f64() * f64::from(HOPS_PER_SECOND);
    let gap = GAP.as_secs_f64() * f64::from(HOPS_PER_SECOND);
    runs(&windows)
        .into_iter()
        .filter(|run| run.length >= MIN_RUN)
        .flat_map(|run| {
            // Where noise has filled a gap, equal keys make one long run.
            let repeats = ((run.length as f64 + gap) / period).round().max(1.0);
            std::iter::repeat_n(run.key, repeats as usize)
        })
        .collect()
}

fn runs(windows: &[Option<Heard>]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (at, heard) in windows.iter().enumerate() {
        let Some(heard) = heard else { continue };
        let around = at.saturating_sub(AROUND)..windows.len().min(at + AROUND + 1);
        let loudest = windows
            .get(around)
            .into_iter()
            .flatten()
            .flatten()
            .map(|heard| heard.power)
            .fold(0.0, f64::max);
        if heard.power < MIN_LEVEL * loudest {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.key == heard.key && at - (run.start + run.length) <= MAX_DROPOUT => {
                run.length = at - run.start + 1;
            }
            _ => runs.push(Run {
                key: heard.key,
                start: at,
                length: 1,
            }),
        }
    }
    runs
}

/// The key that sounds in a window, if one does.
fn listen(window: &[f32], rate: f64) -> Option<Heard> {
    let energy: f64 = window.iter().map(|x| f64::from(*x).powi(2)).sum();
    if energy <= f64::EPSILON {
        return None;
    }
    let (row, low) = strongest(window, rate, &ROWS)?;
    let (column, high) = strongest(window, rate, &COLUMNS)?;
    // A pure tone of N samples has 2/N of its squared spectrum for its energy.
    let purity = 2.0 * (low + high) / (window.len() as f64 * energy);
    let twist = (low / high).max(high / low);
    if purity < MIN_PURITY || twist > MAX_TWIST {
        return None;
    }
    Some(Heard {
        key: key_at(row, column)?,
        power: low + high,
    })
}

/// The one frequency that stands out, and its power.
fn strongest(window: &[f32], rate: f64, frequencies: &[f64; 4]) -> Option<(usize, f64)> {
    let mut powers = frequencies
        .map(|frequency| goertzel(window, frequency / rate))
        .into_iter()
        .enumerate()
        .collect::<Vec<_>>();
    powers.sort_by(|a, b| b.1.total_cmp(&a.1));
    match powers.as_slice() {
        [best, next, ..] if best.1 > MIN_CONTRAST * next.1 => Some(*best),
        _ => None,
    }
}

/// Squared magnitude of the spectrum at a frequency, in cycles a sample.
fn goertzel(window: &[f32], frequency: f64) -> f64 {
    let coefficient = 2.0 * (TAU * frequency).cos();
    let (last, before) = window.iter().fold((0.0, 0.0), |(last, before), x| {
        (f64::from(*x) + coefficient * last - before, last)
    });
    last * last + before * before - coefficient * last * before
}

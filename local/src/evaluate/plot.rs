//! Precision, recall and calibration of each model as bars.

use std::{collections::BTreeMap, fmt::Display};

use plotters::prelude::*;

use super::{EvaluateError, Score};

/// Of the picture, pixels.
const SIZE: (u32, u32) = (960, 480);
/// What a bar shows, how long it is, and its colour.
type Bar = (&'static str, fn(&Score) -> f64, RGBColor);

/// The bars of a model.
const BARS: [Bar; 3] = [
    ("precision", Score::precision, RGBColor(0x1f, 0x77, 0xb4)),
    ("recall", Score::recall, RGBColor(0xff, 0x7f, 0x0e)),
    (
        "truth within the range",
        Score::calibration,
        RGBColor(0x2c, 0xa0, 0x2c),
    ),
];
/// Width of a bar, of 1 for a model.
const WIDTH: f64 = 0.25;

/// The plot as a document.
pub(super) fn svg(models: &BTreeMap<&str, Score>) -> Result<String, EvaluateError> {
    let mut text = String::new();
    draw(models, &mut text)?;
    Ok(text)
}

fn draw(models: &BTreeMap<&str, Score>, text: &mut String) -> Result<(), EvaluateError> {
    let names: Vec<&str> = models.keys().copied().collect();
    let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
    root.fill(&WHITE).map_err(failed)?;
    let mut chart = ChartBuilder::on(&root)
        .margin(20)
        .x_label_area_size(40)
        .y_label_area_size(40)
        .build_cartesian_2d(0.0..names.len().max(1) as f64, 0.0..1.0)
        .map_err(failed)?;
    let name = |at: &f64| {
        let place = (*at - 0.5).max(0.0) as usize;
        let middle = (at.fract() - 0.5).abs() < 0.01;
        let name = names.get(place).filter(|_| middle);
        name.copied().unwrap_or_default().to_owned()
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(2 * names.len() + 1)
        .x_label_formatter(&name)
        .draw()
        .map_err(failed)?;
    for (bar, (label, value, colour)) in BARS.into_iter().enumerate() {
        let bars = models.values().enumerate().map(|(place, score)| {
            let from = place as f64 + 0.125 + WIDTH * bar as f64;
            let corners = [(from, 0.0), (from + WIDTH, value(score))];
            Rectangle::new(corners, colour.filled())
        });
        chart
            .draw_series(bars)
            .map_err(failed)?
            .label(label)
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 10, y + 5)], colour.filled()));
    }
    chart
        .configure_series_labels()
        .background_style(WHITE)
        .border_style(BLACK)
        .draw()
        .map_err(failed)?;
    root.present().map_err(failed)
}

fn failed(error: impl Display) -> EvaluateError {
    EvaluateError::Plot(error.to_string())
}

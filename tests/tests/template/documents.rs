use dodolens::app::metrics::table::{ALL, Dimensions, Function};

use crate::{file, section};

/// The table of docs/METRICS.md as the table of the code has it.
fn expected() -> String {
    let mut text = String::from(
        "| Metric | Unit | Dimensions | Emitted by | Meaning |\n|---|---|---|---|---|\n",
    );
    for metric in ALL {
        let meaning = metric
            .meaning
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let dimensions: Vec<_> = metric
            .dimensions
            .names()
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let functions: Vec<_> = metric.functions.iter().map(|of| of.binary()).collect();
        let by = if functions.is_empty() {
            "a metric filter over access logs".to_owned()
        } else if functions.len() == Function::ALL.len() {
            "all".to_owned()
        } else {
            functions.join(", ")
        };
        text += &format!(
            "| `{}` | {} | {} | {by} | {meaning} |\n",
            metric.name,
            metric.unit.name(),
            dimensions.join(", "),
        );
    }
    text
}

#[test]
fn the_documentation_has_the_table_of_the_code() {
    let document = file("docs/METRICS.md");
    let written: String = section(&document, "Metrics")
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| format!("{line}\n"))
        .collect();
    let expected = expected();
    assert!(
        written == expected,
        "docs/METRICS.md should have\n\n{expected}"
    );
}

#[test]
fn the_documentation_tells_how_many_metrics_are_paid_for() {
    let of_functions: usize = ALL
        .iter()
        .filter(|metric| metric.dimensions.names().len() == 1)
        // One for each API.
        .map(|metric| match metric.dimensions {
            Dimensions::Api => 2,
            _ => metric.functions.len(),
        })
        .sum();
    let of_providers = ALL
        .iter()
        .filter(|metric| metric.dimensions.names().len() == 2)
        .count();
    let document = file("docs/METRICS.md");
    let sentence =
        format!("{of_functions} metrics, and {of_providers} for each provider that is asked");
    assert!(
        document.contains(&sentence),
        "docs/METRICS.md should say: {sentence}"
    );
}

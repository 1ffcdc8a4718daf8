//! The table of metrics, docs/METRICS.md, the dashboard, the alarms, the saved queries, docs/RUNBOOK.md and what the
//! functions really emit say the same, and nothing watches what does not exist.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod alarms;
mod aws;
mod dashboard;
mod documents;
mod emitted;
mod filters;
mod lines;
mod queries;
mod watch;

use std::{path::Path, sync::OnceLock};

use dodolens_local::template::written;
use serde_json::{Map, Value};

/// A file of the repository.
fn file(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// The template, with every function of CloudFormation in its long form.
fn template() -> &'static Value {
    static TEMPLATE: OnceLock<Value> = OnceLock::new();
    TEMPLATE.get_or_init(|| written(&file("template.yaml")).unwrap())
}

/// The resources of the template.
fn resources() -> &'static Map<String, Value> {
    template()["Resources"].as_object().unwrap()
}

/// The resources of a type, by logical id.
fn of_type<'a>(
    resources: &'a Map<String, Value>,
    kind: &'a str,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    resources
        .iter()
        .filter(move |(_, resource)| resource["Type"] == kind)
        .map(|(id, resource)| (id.as_str(), resource))
}

/// What stands between a heading of level two and the next.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let (_, rest) = document
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("no section {heading}"));
    rest.split_once("\n## ")
        .map_or(rest, |(section, _)| section)
}

/// The rows of the tables in a text, as their cells; without headings and rules.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = text.lines().collect();
    let is_rule = |line: &str| line.starts_with("|--") || line.starts_with("| --");
    let heads = |at: usize| lines.get(at + 1).is_some_and(|next| is_rule(next));
    let body = lines.iter().enumerate();
    let body = body.filter(|(at, line)| line.starts_with('|') && !is_rule(line) && !heads(*at));
    body.map(|(_, line)| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

/// Whatever stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

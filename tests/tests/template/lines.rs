//! The log lines of docs/METRICS.md are those of the code.

use std::{collections::BTreeSet, ffi::OsStr, path::Path};

use walkdir::WalkDir;

use crate::{file, quoted, rows, section};

/// Levels and messages of the lines that a source file logs by `tracing::level!(…, "message")`.
fn logged(source: &str) -> BTreeSet<(String, String)> {
    let production = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let calls = production.split("tracing::").skip(1);
    calls
        .filter_map(|call| {
            let (level, rest) = call.split_once("!(")?;
            let known = ["error", "warn", "info", "debug"].contains(&level);
            let inside = known.then(|| arguments(rest))?;
            let message = inside.rsplit('"').nth(1)?;
            Some((level.to_owned(), message.to_owned()))
        })
        .collect()
}

/// What stands before the parenthesis that closes a call.
fn arguments(text: &str) -> &str {
    let (mut depth, mut in_text) = (1, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => in_text = !in_text,
            '(' if !in_text => depth += 1,
            ')' if !in_text => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

fn of_the_code() -> BTreeSet<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let files = ["shared", "functions"].map(|under| WalkDir::new(root.join(under)));
    let files = files.into_iter().flatten().map(Result::unwrap);
    let sources = files.filter(|file| {
        let path = file.path();
        path.extension() == Some(OsStr::new("rs"))
            && !path.components().any(|part| part.as_os_str() == "tests")
    });
    sources
        .flat_map(|file| logged(&std::fs::read_to_string(file.path()).unwrap()))
        .collect()
}

#[test]
fn the_documentation_lists_the_lines_of_the_code() {
    let document = file("docs/METRICS.md");
    let listed: BTreeSet<_> = rows(section(&document, "Lines"))
        .into_iter()
        .flat_map(|row| {
            let level = row[0].to_owned();
            quoted(row[1])
                .into_iter()
                .map(move |message| (level.clone(), message.to_owned()))
        })
        .collect();
    let logged = of_the_code();
    let missing: Vec<_> = logged.difference(&listed).collect();
    assert!(missing.is_empty(), "not in docs/METRICS.md: {missing:?}");
    let gone: Vec<_> = listed.difference(&logged).collect();
    assert!(gone.is_empty(), "no such line is logged: {gone:?}");
}

#[test]
fn messages_are_found_in_code() {
    let code = r#"tracing::warn!(%error, part = f(x), "it (really) failed");
        tracing::info_span!("job"); tracing::error!(
            session = %id,
            "lost"
        );"#;
    let found = logged(code);
    let expected = [("warn", "it (really) failed"), ("error", "lost")];
    assert_eq!(
        found,
        expected
            .map(|(level, message)| (level.to_owned(), message.to_owned()))
            .into()
    );
}

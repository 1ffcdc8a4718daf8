use std::collections::{BTreeMap, BTreeSet};

use dodolens::app::metrics::table::ALL;
use serde_json::Value;

use crate::{file, of_type, quoted, resources, rows, section};

/// Words of the query language that name no field.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html>
const WORDS: &[&str] = &[
    "and",
    "as",
    "asc",
    "avg",
    "bin",
    "by",
    "coalesce",
    "count",
    "desc",
    "fields",
    "filter",
    "ispresent",
    "limit",
    "max",
    "min",
    "not",
    "or",
    "pct",
    "sort",
    "stats",
    "sum",
];

/// Fields that CloudWatch finds in Lambda's own lines, or gives to every line.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html>
const DISCOVERED: &[&str] = &[
    "@billedDuration",
    "@duration",
    "@initDuration",
    "@log",
    "@maxMemoryUsed",
    "@memorySize",
    "@timestamp",
    "@type",
];

/// Members of metric lines beside the metrics.
const OF_METRICS: &[&str] = &["FunctionName", "Provider", "Model", "Task", "Outcome"];

/// A piece of a query.
#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    /// In backticks, or bare.
    Name(&'a str),
    /// In quotes.
    Text(&'a str),
    Other(&'a str),
}

fn tokens(query: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let in_name = |c: char| c.is_ascii_alphanumeric() || "_.@".contains(c);
        let until_quote = |quote: char| rest[1..].find(quote).unwrap() + 2;
        let end = match first {
            '"' | '`' => until_quote(first),
            c if in_name(c) => rest.find(|c| !in_name(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at(end);
        tokens.push(match first {
            '"' => Token::Text(&token[1..end - 1]),
            '`' => Token::Name(&token[1..end - 1]),
            c if c.is_ascii_digit() || !in_name(c) => Token::Other(token),
            _ => Token::Name(token),
        });
        rest = after.trim_start();
    }
    tokens
}

fn saved() -> BTreeMap<String, String> {
    let resources = resources();
    let queries = of_type(resources, "AWS::Logs::QueryDefinition");
    queries
        .map(|(_, query)| {
            let properties = &query["Properties"];
            let name = properties["Name"]["Fn::Sub"].as_str().unwrap();
            let name = name.strip_prefix("${AWS::StackName}/").unwrap().to_owned();
            (name, properties["QueryString"].as_str().unwrap().to_owned())
        })
        .collect()
}

/// Fields that our log lines may have, as docs/METRICS.md tells.
fn documented(document: &str) -> BTreeSet<&str> {
    let cells = ["Lines", "Audit log"].map(|name| rows(section(document, name)));
    let [lines, events] = cells;
    let of_lines = lines.iter().flat_map(|row| quoted(row[2]));
    let of_events = events.iter().flat_map(|row| quoted(row[1]));
    let of_all = [
        "timestamp",
        "level",
        "message",
        "session",
        "span.session",
        "audit",
        "audit_id",
        "event",
    ];
    of_lines.chain(of_events).chain(of_all).collect()
}

#[test]
fn each_query_asks_for_fields_that_lines_have() {
    let document = file("docs/METRICS.md");
    let documented = documented(&document);
    let metrics: BTreeSet<_> = ALL.iter().map(|metric| metric.name).collect();
    for (name, query) in saved() {
        let tokens = tokens(&query);
        let aliases: BTreeSet<_> = tokens
            .windows(2)
            .filter_map(|pair| match pair {
                [Token::Name("as"), Token::Name(alias)] => Some(*alias),
                _ => None,
            })
            .collect();
        for token in &tokens {
            let Token::Name(field) = token else { continue };
            let known = WORDS.contains(field)
                || DISCOVERED.contains(field)
                || OF_METRICS.contains(field)
                || aliases.contains(field)
                || metrics.contains(field)
                || documented.contains(field);
            assert!(known, "{name}: no line has {field}");
        }
    }
}

#[test]
fn each_query_looks_for_lines_that_there_are() {
    let document = file("docs/METRICS.md");
    let first = |name| -> BTreeSet<_> {
        let rows = rows(section(&document, name));
        rows.iter()
            .flat_map(|row| quoted(row[usize::from(name == "Lines")]))
            .map(str::to_owned)
            .collect()
    };
    let (messages, events) = (first("Lines"), first("Audit log"));
    let mut looked_for = 0;
    for (name, query) in saved() {
        for three in tokens(&query).windows(3) {
            let [Token::Name(field), Token::Other("="), Token::Text(value)] = three else {
                continue;
            };
            let known = match *field {
                "message" => messages.contains(*value),
                "event" => events.contains(*value),
                "level" => ["ERROR", "WARN", "INFO"].contains(value),
                "@type" => *value == "REPORT",
                _ => false,
            };
            assert!(known, "{name}: there is no line with {field} = {value}");
            looked_for += 1;
        }
    }
    assert!(looked_for > 10);
}

#[test]
fn the_runbook_names_every_query_and_no_other() {
    let runbook = file("docs/RUNBOOK.md");
    let folders = ["daily/", "weekly/", "monthly/", "privacy/", "operations/"];
    let is_query = |word: &&str| folders.iter().any(|folder| word.starts_with(folder));
    let named: BTreeSet<_> = quoted(&runbook).into_iter().filter(is_query).collect();
    let saved = saved();
    assert_eq!(named, saved.keys().map(String::as_str).collect());
}

#[test]
fn each_query_reads_logs_of_the_template() {
    let resources = resources();
    for (id, query) in of_type(resources, "AWS::Logs::QueryDefinition") {
        let groups = query["Properties"]["LogGroupNames"].as_array().unwrap();
        assert!(!groups.is_empty());
        for group in groups {
            let (group, condition) = match group.get("Fn::If") {
                Some(choice) => (&choice[1], Some(&choice[0])),
                None => (group, None),
            };
            let log = &resources[group["Ref"].as_str().unwrap()];
            assert_eq!(log["Type"], "AWS::Logs::LogGroup", "{id}");
            assert_eq!(log.get("Condition"), condition, "{id}");
            assert!(
                log["Properties"]
                    .get("LogGroupClass")
                    .is_none_or(Value::is_null)
            );
        }
    }
}

#[test]
fn pieces_of_queries_are_told_apart() {
    let found =
        tokens(r#"filter `ai.cost` > 0 and message = "a b" | stats pct(x.y, 95) by bin(1h)"#);
    assert!(found.contains(&Token::Name("ai.cost")));
    assert!(found.contains(&Token::Name("x.y")));
    assert!(found.contains(&Token::Text("a b")));
    assert!(found.contains(&Token::Other("1h")));
}

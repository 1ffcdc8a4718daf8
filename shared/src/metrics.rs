//! Metrics, as lines in the CloudWatch embedded metric format.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write as _;

use serde_json::{Map, Value, json};

use crate::{
    domain::{money::Usd, time::Timestamp},
    ports::{ModelCall, ModelError},
};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "DodoLens";
/// Parts that are past their deadline and not verified absent, as of a sweep. Unit: count. Must be 0.
pub const MEDIA_OVERDUE: &str = "media.overdue";
/// What all requests of one try to analyse a session cost. Unit: US dollars.
pub const SESSION_COST: &str = "session.cost";
/// What one request to a provider cost. Unit: US dollars.
pub const AI_COST: &str = "ai.cost";
/// From a request to the end of its answer. Unit: milliseconds.
pub const AI_LATENCY: &str = "ai.latency";
/// 1 for a request without an answer, else 0. Unit: count.
pub const AI_FAILURES: &str = "ai.failures";
/// Tokens that the model read. Unit: count.
pub const AI_TOKENS_READ: &str = "ai.tokens.read";
/// Tokens that the model wrote. Unit: count.
pub const AI_TOKENS_WRITTEN: &str = "ai.tokens.written";
/// Sound that the model heard. Unit: seconds.
pub const AI_SOUND: &str = "ai.sound";

/// Emits `media.overdue` of the function named by Lambda.
pub fn media_overdue(parts: u64, now: Timestamp) {
    emit(&of_function(
        now,
        (MEDIA_OVERDUE, "Count", json!(parts)),
        &function(),
    ));
}

/// Emits `session.cost` of the function named by Lambda.
pub fn session_cost(cost: Usd, now: Timestamp) {
    let metric = (SESSION_COST, "None", json!(cost.dollars()));
    emit(&of_function(now, metric, &function()));
}

/// Emits what a request to a provider used: the metrics named `ai.*`.
pub fn model_call(call: &ModelCall, now: Timestamp) {
    emit(&of_call(call, now));
}

fn function() -> String {
    std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default()
}

fn emit(line: &Value) {
    let line = format!("{line}\n");
    if let Err(error) = std::io::stdout().lock().write_all(line.as_bytes()) {
        tracing::error!(%error, "a metric could not be written");
    }
}

fn of_function(now: Timestamp, metric: (&str, &str, Value), function: &str) -> Value {
    line(now, ("FunctionName", function), &[metric], &[])
}

fn of_call(call: &ModelCall, now: Timestamp) -> Value {
    let usage = &call.usage;
    let metrics = [
        (AI_COST, "None", json!(usage.cost.dollars())),
        (AI_LATENCY, "Milliseconds", json!(call.time.as_millis())),
        (
            AI_FAILURES,
            "Count",
            json!(u8::from(call.failure.is_some())),
        ),
        (AI_TOKENS_READ, "Count", json!(usage.input_tokens)),
        (AI_TOKENS_WRITTEN, "Count", json!(usage.output_tokens)),
        (AI_SOUND, "Seconds", json!(usage.audio_seconds)),
    ];
    // Not dimensions: each combination of those would be a metric to pay for.
    let properties = [
        ("Model", json!(call.model)),
        ("Task", json!(call.task.name())),
        (
            "Outcome",
            json!(call.failure.map_or("answered", ModelError::code)),
        ),
    ];
    line(now, ("Provider", &call.provider), &metrics, &properties)
}

/// Metrics, each with its name, unit and value, under one dimension, with properties that can be searched for.
fn line(
    now: Timestamp,
    dimension: (&str, &str),
    metrics: &[(&str, &str, Value)],
    properties: &[(&str, Value)],
) -> Value {
    let names = metrics.iter();
    let names = names.map(|(name, unit, _)| json!({ "Name": name, "Unit": unit }));
    let directive = json!({
        "Timestamp": now.as_millis(),
        "CloudWatchMetrics": [{
            "Namespace": NAMESPACE,
            "Dimensions": [[dimension.0]],
            "Metrics": names.collect::<Vec<_>>(),
        }],
    });
    let values = metrics.iter();
    let values = values.map(|(name, _, value)| (*name, value));
    let properties = properties.iter().map(|(name, value)| (*name, value));
    let values = values
        .chain(properties)
        .map(|(name, value)| (name.to_owned(), value.clone()));
    let rest = [
        ("_aws".to_owned(), directive),
        (dimension.0.to_owned(), json!(dimension.1)),
    ];
    Value::Object(values.chain(rest).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{domain::evidence::Usage, ports::Task};

    #[test]
    fn a_line_names_its_metric_and_has_its_value_and_dimension() {
        let metric = (MEDIA_OVERDUE, "Count", json!(7));
        let line = of_function(Timestamp::from_millis(5), metric, "sweep");
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        let dimension = directive["Dimensions"][0][0].as_str().unwrap();
        let metric = directive["Metrics"][0]["Name"].as_str().unwrap();
        assert_eq!(
            (&line[dimension], &line[metric]),
            (&json!("sweep"), &json!(7))
        );
        assert_eq!(line["_aws"]["Timestamp"], 5);
    }

    #[test]
    fn a_call_is_counted_under_its_provider() {
        let call = ModelCall {
            task: Task::Vision,
            provider: "anthropic".into(),
            model: "claude-haiku-4-5".into(),
            usage: Usage {
                input_tokens: 11,
                output_tokens: 3,
                audio_seconds: 0,
                cost: Usd::from_nanos(26_000),
            },
            time: Duration::from_millis(1_200),
            failure: Some(ModelError::Rejected { status: 400 }),
        };
        let line = of_call(&call, Timestamp::from_millis(5));
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Dimensions"], json!([["Provider"]]));
        let names = directive["Metrics"].as_array().unwrap();
        let values: Vec<&Value> = names
            .iter()
            .map(|metric| &line[metric["Name"].as_str().unwrap()])
            .collect();
        assert_eq!(
            values,
            [
                &json!(2.6e-5),
                &json!(1200),
                &json!(1),
                &json!(11),
                &json!(3),
                &json!(0)
            ]
        );
        assert_eq!(line["Provider"], "anthropic");
        assert_eq!(line["Outcome"], "rejected");
    }
}

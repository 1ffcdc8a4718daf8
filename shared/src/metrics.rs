//! Metrics, as lines in the CloudWatch embedded metric format.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write as _;

use serde_json::{Value, json};

use crate::domain::time::Timestamp;

/// The namespace of all metrics.
pub const NAMESPACE: &str = "DodoLens";
/// Parts that are past their deadline and not verified absent, as of a sweep. Unit: count. Must be 0.
pub const MEDIA_OVERDUE: &str = "media.overdue";

/// Emits `media.overdue` of the function named by Lambda.
pub fn media_overdue(parts: u64, now: Timestamp) {
    let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    let line = format!("{}\n", count(MEDIA_OVERDUE, parts, &function, now));
    if let Err(error) = std::io::stdout().lock().write_all(line.as_bytes()) {
        tracing::error!(%error, "a metric could not be written");
    }
}

fn count(name: &str, value: u64, function: &str, now: Timestamp) -> Value {
    json!({
        "_aws": {
            "Timestamp": now.as_millis(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["FunctionName"]],
                "Metrics": [{ "Name": name, "Unit": "Count" }],
            }],
        },
        "FunctionName": function,
        name: value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_its_metric_and_has_its_value_and_dimension() {
        let line = count(MEDIA_OVERDUE, 7, "sweep", Timestamp::from_millis(5));
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        let dimension = directive["Dimensions"][0][0].as_str().unwrap();
        let metric = directive["Metrics"][0]["Name"].as_str().unwrap();
        assert_eq!(
            (&line[dimension], &line[metric]),
            (&json!("sweep"), &json!(7))
        );
        assert_eq!(line["_aws"]["Timestamp"], 5);
    }
}

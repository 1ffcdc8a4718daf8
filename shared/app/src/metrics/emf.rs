//! What one invocation has measured, and its lines in the CloudWatch embedded metric format.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::table::{Metric, NAMESPACE, Unit};
use dodolens_domain::time::Timestamp;

/// Most values of a metric in one line.
const VALUES_A_LINE: usize = 100;

/// What one invocation has measured.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    values: BTreeMap<&'static str, (&'static Metric, Vec<f64>)>,
    rows: Vec<Row>,
}

/// Values that belong together, under a provider.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) provider: String,
    pub(super) values: Vec<(&'static Metric, f64)>,
    /// What can be searched for. Not dimensions: each combination of those would be a metric to pay for.
    pub(super) properties: Vec<(&'static str, Value)>,
}

impl Sheet {
    /// Things are added up, other values kept side by side for their percentiles.
    pub(super) fn record(&mut self, metric: &'static Metric, value: f64) {
        let (_, values) = self
            .values
            .entry(metric.name)
            .or_insert((metric, Vec::new()));
        match (metric.unit, values.first_mut()) {
            (Unit::Count, Some(sum)) => *sum += value,
            _ => values.push(value),
        }
    }

    pub(super) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// One line with all that the function measured, and one for each row.
    pub(super) fn lines(self, function: &str, now: Timestamp) -> Vec<Value> {
        let mut lines = Vec::new();
        let longest = self.values.values().map(|(_, values)| values.len()).max();
        for from in (0..longest.unwrap_or(0)).step_by(VALUES_A_LINE) {
            let here = self.values.values().filter_map(|(metric, values)| {
                let values = values.iter().skip(from).take(VALUES_A_LINE);
                let numbers: Vec<Value> = values.map(|value| number(*value)).collect();
                match <[Value; 1]>::try_from(numbers) {
                    Ok([only]) => Some((*metric, only)),
                    Err(none) if none.is_empty() => None,
                    Err(several) => Some((*metric, several.into())),
                }
            });
            lines.push(line(now, &[function], here.collect()));
        }
        for row in self.rows {
            let values = row.values.into_iter();
            let values = values.map(|(metric, value)| (metric, number(value)));
            let mut line = line(now, &[function, &row.provider], values.collect());
            if let Value::Object(members) = &mut line {
                let properties = row.properties.into_iter();
                members.extend(properties.map(|(name, value)| (name.to_owned(), value)));
            }
            lines.push(line);
        }
        lines
    }
}

/// A line of metrics that have the same dimensions, which are given by their values.
fn line(now: Timestamp, dimensions: &[&str], metrics: Vec<(&Metric, Value)>) -> Value {
    let kinds = metrics.first().map(|(metric, _)| metric.dimensions);
    let names = kinds.map(|kinds| kinds.names()).unwrap_or_default();
    let definitions = metrics.iter();
    let definitions =
        definitions.map(|(metric, _)| json!({"Name": metric.name, "Unit": metric.unit.name()}));
    let directive = json!({
        "Timestamp": now.as_millis(),
        "CloudWatchMetrics": [{
            "Namespace": NAMESPACE,
            "Dimensions": [names],
            "Metrics": definitions.collect::<Vec<_>>(),
        }],
    });
    let dimensions = names.iter().zip(dimensions);
    let dimensions = dimensions.map(|(name, value)| ((*name).to_owned(), json!(value)));
    let values = metrics.into_iter();
    let values = values.map(|(metric, value)| (metric.name.to_owned(), value));
    let all = [("_aws".to_owned(), directive)].into_iter();
    Value::Object(all.chain(dimensions).chain(values).collect::<Map<_, _>>())
}

/// Whole numbers without a fraction.
fn number(value: f64) -> Value {
    /// From here on a double skips whole numbers.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        json!(value as i64)
    } else {
        json!(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::table;

    fn lines(sheet: Sheet) -> Vec<Value> {
        sheet.lines("dodolens-Process", Timestamp::from_millis(5))
    }

    #[test]
    fn all_that_a_function_measured_is_one_line() {
        let mut sheet = Sheet::default();
        sheet.record(&table::UPLOAD_CHUNKS, 1.0);
        sheet.record(&table::UPLOAD_CHUNKS, 2.0);
        sheet.record(&table::PUSH_LATENCY, 7.0);
        sheet.record(&table::PUSH_LATENCY, 8.5);
        sheet.record(&table::PUSH_FAILURES, 0.0);
        sheet.record(&table::PUSH_FAILURES, 1.0);
        let [line] = <[Value; 1]>::try_from(lines(sheet)).unwrap();
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], NAMESPACE);
        assert_eq!(directive["Dimensions"], json!([["FunctionName"]]));
        let metrics = json!([
            {"Name": "push.failures", "Unit": "Count"},
            {"Name": "push.latency", "Unit": "Milliseconds"},
            {"Name": "upload.chunks", "Unit": "Count"},
        ]);
        assert_eq!(directive["Metrics"], metrics);
        assert_eq!(line["_aws"]["Timestamp"], 5);
        assert_eq!(line["FunctionName"], "dodolens-Process");
        assert_eq!(line["upload.chunks"], 3);
        assert_eq!(line["push.latency"], json!([7, 8.5]));
        assert_eq!(line["push.failures"], json!([0, 1]));
    }

    #[test]
    fn no_line_has_more_values_than_the_format_allows() {
        let mut sheet = Sheet::default();
        (0..101).for_each(|n| sheet.record(&table::PUSH_LATENCY, f64::from(n)));
        sheet.record(&table::ERASURES, 1.0);
        let lines = lines(sheet);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["push.latency"].as_array().unwrap().len(), 100);
        assert_eq!(lines[0]["erasures"], 1);
        assert_eq!(lines[1]["push.latency"], 100);
        assert!(lines[1].get("erasures").is_none());
    }

    #[test]
    fn nothing_measured_is_no_line() {
        assert!(lines(Sheet::default()).is_empty());
    }

    #[test]
    fn numbers_are_written_as_short_as_they_are() {
        assert_eq!(number(3.0).to_string(), "3");
        assert_eq!(number(0.25).to_string(), "0.25");
    }
}

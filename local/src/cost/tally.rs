//! From calls, invocations and log lines to what AWS would bill for them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    assumed::{ACCESS_LINE, LAMBDA_LINES, LINE_OVERHEAD, MB_PER_CPU, WAIT_FOR_AI, WAIT_PER_CALL},
    item::{Item, Usage},
};
use crate::aws_proxy::{Recorded, Service};
use dodolens_cloud::{LogLine, Metered};

/// Bytes of a body that an HTTP API counts as one request.
/// <https://aws.amazon.com/api-gateway/pricing/>
const HTTP_UNIT: usize = 512 * 1024;
/// Bytes that a WebSocket API counts as one message.
const MESSAGE_UNIT: usize = 32 * 1024;
/// Bytes of an item in a write unit.
const WRITE_UNIT: usize = 1024;
const GB: f64 = 1e9;

/// What happened in a stretch of a run.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    pub calls: Vec<Recorded>,
    pub metered: Vec<Metered>,
    pub lines: Vec<LogLine>,
}

impl Stretch {
    /// What it is billed as. `memory` is that of each function, MB.
    pub fn usage(&self, memory: &BTreeMap<String, u32>) -> Usage {
        let mut usage = Usage::default();
        for call in &self.calls {
            bill_call(call, &mut usage);
            usage.add(
                Item::Compute,
                gigabytes(memory, &call.call.function) * WAIT_PER_CALL,
            );
        }
        if let Some(asked) = self.calls.iter().find(|it| it.call.service == Service::Ai) {
            usage.add(
                Item::Compute,
                gigabytes(memory, &asked.call.function) * WAIT_FOR_AI,
            );
        }
        for metered in &self.metered {
            bill_metered(metered, memory, &mut usage);
        }
        for line in &self.lines {
            usage.add(
                Item::LogIngestion,
                (line.text.len() as f64 + LINE_OVERHEAD) / GB,
            );
        }
        usage
    }

    /// The custom metrics in its log lines: each name with each value of its dimensions is one to pay for.
    pub fn metrics(&self) -> BTreeSet<String> {
        let lines = self.lines.iter();
        let lines = lines.filter_map(|line| serde_json::from_str::<Value>(&line.text).ok());
        lines.flat_map(|line| metrics_of(&line)).collect()
    }
}

fn gigabytes(memory: &BTreeMap<String, u32>, function: &str) -> f64 {
    f64::from(memory.get(function).copied().unwrap_or_default()) / 1024.0
}

fn units(bytes: usize, unit: usize) -> f64 {
    bytes.div_ceil(unit).max(1) as f64
}

fn bill_call(recorded: &Recorded, usage: &mut Usage) {
    let call = &recorded.call;
    match call.service {
        Service::DynamoDb => {
            let reads = [
                "GetItem",
                "BatchGetItem",
                "Query",
                "Scan",
                "TransactGetItems",
            ];
            let item = if reads.contains(&call.operation.as_str()) {
                Item::TableReads
            } else {
                Item::TableWrites
            };
            // A write whose condition fails is billed by the item that is there, which the error may give.
            let refused = || units(recorded.response_bytes, WRITE_UNIT);
            usage.add(item, recorded.capacity_units.unwrap_or_else(refused));
        }
        Service::Sqs => usage.add(Item::QueueRequests, 1.0),
        Service::Secrets => usage.add(Item::SecretCalls, 1.0),
        Service::Connections => {
            usage.add(
                Item::SocketMessages,
                units(call.request_bytes, MESSAGE_UNIT),
            );
            usage.add(Item::DataOut, call.request_bytes as f64 / GB);
        }
        Service::Ai => usage.add(Item::DataOut, call.request_bytes as f64 / GB),
    }
}

fn bill_metered(metered: &Metered, memory: &BTreeMap<String, u32>, usage: &mut Usage) {
    match metered {
        Metered::Invocation { function, took } => {
            let gigabytes = gigabytes(memory, function);
            let slower = (MB_PER_CPU / (gigabytes * 1024.0)).max(1.0);
            usage.add(Item::Invocations, 1.0);
            usage.add(Item::Traces, 1.0);
            usage.add(Item::Compute, gigabytes * slower * took.as_secs_f64());
            usage.add(Item::LogIngestion, LAMBDA_LINES / GB);
        }
        Metered::Request {
            request_bytes,
            response_bytes,
        } => {
            let larger = *request_bytes.max(response_bytes);
            usage.add(Item::HttpRequests, units(larger, HTTP_UNIT));
            usage.add(Item::DataOut, *response_bytes as f64 / GB);
            usage.add(Item::LogIngestion, ACCESS_LINE / GB);
        }
        Metered::Message { bytes } => {
            usage.add(Item::SocketMessages, units(*bytes, MESSAGE_UNIT));
        }
        // One request takes a batch, one deletes it.
        Metered::Batch => usage.add(Item::QueueRequests, 2.0),
    }
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
fn metrics_of(line: &Value) -> Vec<String> {
    let list = |value: &Value, name: &str| -> Vec<Value> {
        let list = value.get(name).and_then(Value::as_array);
        list.cloned().unwrap_or_default()
    };
    let directives = line.pointer("/_aws/CloudWatchMetrics").cloned();
    let directives = directives.and_then(|it| it.as_array().cloned());
    let mut found = Vec::new();
    for directive in directives.unwrap_or_default() {
        for set in list(&directive, "Dimensions") {
            let names = set.as_array().cloned().unwrap_or_default();
            let names = names.iter().filter_map(Value::as_str);
            let values: Vec<_> = names
                .map(|name| format!("{name}={}", line.get(name).unwrap_or(&Value::Null)))
                .collect();
            for metric in list(&directive, "Metrics") {
                let name = metric.get("Name").and_then(Value::as_str);
                found.push(format!("{} {}", name.unwrap_or_default(), values.join(",")));
            }
        }
    }
    found
}

//! The metrics of AWS that we watch, as AWS documents them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{
    template,
    watch::{Named, Watch},
};

/// What the metrics are kept apart by, and what they are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Function,
    Alias,
    Version,
    Queue,
    Table,
    Index,
    HttpApi,
    WebSocketApi,
}

impl Of {
    const fn dimensions(self) -> &'static [&'static str] {
        match self {
            Self::Function => &["FunctionName"],
            Self::Alias => &["FunctionName", "Resource"],
            Self::Version => &["FunctionName", "Resource", "ExecutedVersion"],
            Self::Queue => &["QueueName"],
            Self::Table => &["TableName"],
            Self::Index => &["TableName", "GlobalSecondaryIndexName"],
            Self::HttpApi | Self::WebSocketApi => &["ApiId"],
        }
    }
}

/// Namespace, what it is of, names, and where AWS says so.
const DOCUMENTED: &[(&str, Of, &[&str])] = &[
    // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    (
        "AWS/Lambda",
        Of::Function,
        &[
            "Invocations",
            "Errors",
            "Throttles",
            "Duration",
            "ConcurrentExecutions",
        ],
    ),
    ("AWS/Lambda", Of::Version, &["Errors"]),
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    (
        "AWS/SQS",
        Of::Queue,
        &[
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesVisible",
        ],
    ),
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
    (
        "AWS/DynamoDB",
        Of::Table,
        &[
            "ConsumedReadCapacityUnits",
            "ConsumedWriteCapacityUnits",
            "ReadThrottleEvents",
            "WriteThrottleEvents",
        ],
    ),
    (
        "AWS/DynamoDB",
        Of::Index,
        &["ReadThrottleEvents", "WriteThrottleEvents"],
    ),
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    (
        "AWS/ApiGateway",
        Of::HttpApi,
        &["4xx", "5xx", "Count", "Latency", "IntegrationLatency"],
    ),
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-logging.html
    (
        "AWS/ApiGateway",
        Of::WebSocketApi,
        &[
            "ConnectCount",
            "MessageCount",
            "ClientError",
            "IntegrationError",
            "ExecutionError",
        ],
    ),
];

/// Whether AWS makes this metric with these dimensions, of a resource that the template has.
pub fn check(watch: &Watch, resources: &Map<String, Value>) -> Result<(), String> {
    let names: Vec<&str> = watch.dimensions.iter().map(|(name, _)| &**name).collect();
    let of = watch.dimensions.iter().map(|(name, value)| {
        let is = |kind| {
            value
                .resource()
                .is_some_and(|id| resources[id]["Type"] == kind)
        };
        match (&**name, value) {
            ("FunctionName", Named::Reference(_)) if is("AWS::Serverless::Function") => {
                Ok(Of::Function)
            }
            ("Resource", Named::Alias(_, alias))
                if is("AWS::Serverless::Function") && is_published(alias) =>
            {
                Ok(Of::Alias)
            }
            ("ExecutedVersion", Named::Attribute(_, attribute))
                if is("AWS::Serverless::Function") && attribute == "Version.Version" =>
            {
                Ok(Of::Version)
            }
            ("QueueName", Named::Attribute(_, attribute))
                if is("AWS::SQS::Queue") && attribute == "QueueName" =>
            {
                Ok(Of::Queue)
            }
            ("TableName", Named::Reference(_)) if is("AWS::DynamoDB::Table") => Ok(Of::Table),
            ("GlobalSecondaryIndexName", Named::Text(index))
                if has_index(watch, resources, index) =>
            {
                Ok(Of::Index)
            }
            ("ApiId", Named::Reference(id)) if is("AWS::ApiGatewayV2::Api") => {
                Ok(if resources[id]["Properties"]["ProtocolType"] == "HTTP" {
                    Of::HttpApi
                } else {
                    Of::WebSocketApi
                })
            }
            _ => Err(format!("{name} is not named by {value:?}")),
        }
    });
    let of = of.collect::<Result<Vec<_>, _>>()?;
    let whose: BTreeSet<_> = watch
        .dimensions
        .iter()
        .filter_map(|(_, value)| value.resource())
        .collect();
    if whose.len() != 1 {
        return Err(format!("its dimensions are of {whose:?}"));
    }
    // The last dimension says most.
    let of = *of.last().ok_or("no dimension")?;
    let known = DOCUMENTED.iter().any(|(namespace, whose, metrics)| {
        *namespace == watch.namespace
            && *whose == of
            && of.dimensions() == names
            && metrics.contains(&&*watch.metric)
    });
    if known {
        Ok(())
    } else {
        Err(format!("AWS has no such metric of {of:?} by {names:?}"))
    }
}

/// Whether the functions are published under this alias.
fn is_published(alias: &str) -> bool {
    template()["Globals"]["Function"]["AutoPublishAlias"] == alias
}

fn has_index(watch: &Watch, resources: &Map<String, Value>, index: &str) -> bool {
    let tables = watch.dimensions.iter();
    let mut tables = tables.filter_map(|(_, value)| value.resource());
    tables.any(|table| {
        let indexes = resources[table]["Properties"]["GlobalSecondaryIndexes"].as_array();
        indexes.is_some_and(|all| all.iter().any(|each| each["IndexName"] == index))
    })
}

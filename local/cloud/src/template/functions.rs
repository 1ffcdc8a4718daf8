//! Functions and what invokes them, except for the APIs.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use super::{
    apis::ids,
    document::Resource,
    error::TemplateError,
    names::physical,
    parameters::text,
    policies::{self, Policy},
    resources::Resources,
};
use crate::stack::{Function, QueueSource, Schedule};

/// Build, versions, network and observation. The content of the layers is in `Places::layers`.
const IRRELEVANT: [&str; 13] = [
    "Architectures",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "CodeUri",
    "DeploymentPreference",
    "Description",
    "Layers",
    "LoggingConfig",
    "Role",
    "Tags",
    "Tracing",
    "VersionDescription",
    "VpcConfig",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    handler: String,
    runtime: String,
    #[serde(default = "lambda_memory")]
    memory_size: u32,
    #[serde(default = "lambda_timeout")]
    timeout: u64,
    reserved_concurrent_executions: Option<u32>,
    #[serde(default)]
    environment: Environment,
    #[serde(default)]
    policies: Vec<Policy>,
    #[serde(default)]
    events: BTreeMap<String, Event>,
}

fn lambda_memory() -> u32 {
    128
}

fn lambda_timeout() -> u64 {
    3
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Environment {
    variables: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(tag = "Type", content = "Properties", deny_unknown_fields)]
enum Event {
    #[serde(rename = "SQS")]
    Queue(QueueEvent),
    Schedule(ScheduleEvent),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct QueueEvent {
    queue: String,
    #[serde(default = "sqs_batch")]
    batch_size: u32,
    #[serde(default)]
    function_response_types: Vec<ResponseType>,
    scaling_config: Option<ScalingConfig>,
    provisioned_poller_config: Option<ProvisionedPollers>,
}

fn sqs_batch() -> u32 {
    10
}

#[derive(Deserialize)]
enum ResponseType {
    ReportBatchItemFailures,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ScalingConfig {
    maximum_concurrency: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ProvisionedPollers {
    maximum_pollers: u32,
    #[serde(rename = "MinimumPollers")]
    _minimum_pollers: u32,
}

/// Invocations that one provisioned poller of SQS has at a time, at most.
const INVOCATIONS_PER_POLLER: u32 = 10;

impl QueueEvent {
    /// Most concurrent batches.
    fn max_concurrency(&self) -> Result<Option<u32>, &'static str> {
        match (&self.scaling_config, &self.provisioned_poller_config) {
            (Some(_), Some(_)) => Err("can't be together with ScalingConfig"),
            (Some(scaling), None) => Ok(Some(scaling.maximum_concurrency)),
            (None, Some(pollers)) => Ok(Some(
                pollers
                    .maximum_pollers
                    .saturating_mul(INVOCATIONS_PER_POLLER),
            )),
            (None, None) => Ok(None),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ScheduleEvent {
    schedule: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Metadata {
    build_method: BuildMethod,
    build_properties: BuildProperties,
}

#[derive(Deserialize)]
enum BuildMethod {
    #[serde(rename = "rust-cargolambda")]
    CargoLambda,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct BuildProperties {
    binary: String,
}

/// All functions by logical id.
pub(super) fn read(resources: &Resources) -> Result<BTreeMap<String, Function>, TemplateError> {
    resources
        .of("AWS::Serverless::Function")
        .map(|(id, resource)| Ok((id.to_owned(), function(resources, id, resource)?)))
        .collect()
}

fn function(
    resources: &Resources,
    id: &str,
    resource: &Resource,
) -> Result<Function, TemplateError> {
    let wrong = |property: &str, reason: &str| TemplateError::property(id, property, reason);
    let properties: Properties = resources.properties(id, resource, &IRRELEVANT)?;
    if properties.handler != "bootstrap" {
        return Err(wrong("Handler", "must be bootstrap"));
    }
    if properties.runtime != "provided.al2023" {
        return Err(wrong("Runtime", "must be provided.al2023"));
    }
    let (mut queues, mut schedules) = (Vec::new(), Vec::new());
    for (name, event) in properties.events {
        match event {
            Event::Queue(event) => queues.push(QueueSource {
                queue: resources
                    .queue(&event.queue)
                    .map_err(|reason| wrong(&format!("Events.{name}.Queue"), &reason))?,
                batch_size: event.batch_size,
                partial_batch_response: event
                    .function_response_types
                    .iter()
                    .any(|kind| matches!(kind, ResponseType::ReportBatchItemFailures)),
                max_concurrency: event.max_concurrency().map_err(|reason| {
                    wrong(&format!("Events.{name}.ProvisionedPollerConfig"), reason)
                })?,
            }),
            Event::Schedule(event) => schedules.push(Schedule {
                every: rate(&event.schedule)
                    .map_err(|reason| wrong(&format!("Events.{name}.Schedule"), &reason))?,
                name: physical(&format!("{id}{name}")),
            }),
        }
    }
    Ok(Function {
        name: physical(id),
        binary: binary(id, resource)?,
        environment: environment(resources, id, properties.environment)?,
        timeout: Duration::from_secs(properties.timeout),
        memory_mb: properties.memory_size,
        max_concurrency: properties.reserved_concurrent_executions,
        queues,
        schedules,
        allowed: policies::statements(properties.policies),
    })
}

fn binary(id: &str, resource: &Resource) -> Result<String, TemplateError> {
    let metadata = resource.metadata.clone().unwrap_or_default();
    let metadata: Metadata = serde_path_to_error::deserialize(metadata).map_err(|error| {
        TemplateError::property(
            id,
            &format!("Metadata.{}", error.path()),
            error.inner().to_string(),
        )
    })?;
    let BuildMethod::CargoLambda = metadata.build_method;
    Ok(metadata.build_properties.binary)
}

fn environment(
    resources: &Resources,
    id: &str,
    environment: Environment,
) -> Result<BTreeMap<String, String>, TemplateError> {
    let (http, websocket) = ids(resources)?;
    let localize = |(name, value): (String, Value)| {
        let value = text(&value).ok_or_else(|| "is no text".to_owned());
        let value = value.and_then(|value| resources.places.localize(&value, &http, &websocket));
        let wrong =
            |reason| TemplateError::property(id, &format!("Environment.Variables.{name}"), reason);
        let value = value.map_err(wrong)?;
        Ok((name, value))
    };
    environment.variables.into_iter().map(localize).collect()
}

/// `rate(1 minute)` and the like.
pub(super) fn rate(expression: &str) -> Result<Duration, String> {
    let wrong = || "must be rate(N minutes), with minutes, hours or days".to_owned();
    let inner = expression
        .strip_prefix("rate(")
        .and_then(|rest| rest.strip_suffix(')'))
        .ok_or_else(wrong)?;
    let (number, unit) = inner.split_once(' ').ok_or_else(wrong)?;
    let seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        _ => return Err(wrong()),
    };
    let number: u32 = number
        .parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(wrong)?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

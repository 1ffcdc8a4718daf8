//! Tables, queues and secrets.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;

use super::{
    error::TemplateError,
    functions::rate,
    names::{physical, secret_arn},
    resources::Resources,
};
use crate::stack::{Index, Key, Queue, Secret, SecretObject, SecretValue, Table};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TableProperties {
    attribute_definitions: Vec<AttributeDefinition>,
    key_schema: Vec<KeyElement>,
    #[serde(default)]
    global_secondary_indexes: Vec<IndexProperties>,
    time_to_live_specification: Option<TimeToLive>,
    point_in_time_recovery_specification: Option<Recovery>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AttributeDefinition {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct KeyElement {
    attribute_name: String,
    key_type: KeyType,
}

#[derive(PartialEq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum KeyType {
    Hash,
    Range,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct IndexProperties {
    index_name: String,
    key_schema: Vec<KeyElement>,
    projection: Projection,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Projection {
    projection_type: String,
    #[serde(default)]
    non_key_attributes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TimeToLive {
    attribute_name: String,
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Recovery {
    point_in_time_recovery_enabled: bool,
}

/// All tables.
pub(super) fn tables(resources: &Resources) -> Result<Vec<Table>, TemplateError> {
    let read = |(id, resource)| {
        let irrelevant = [
            "BillingMode",
            "SSESpecification",
            "DeletionProtectionEnabled",
            "Tags",
        ];
        let table: TableProperties = resources.properties(id, resource, &irrelevant)?;
        if table
            .point_in_time_recovery_specification
            .is_some_and(|recovery| recovery.point_in_time_recovery_enabled)
        {
            let reason = "keeps what must be gone: leave it off";
            return Err(TemplateError::property(
                id,
                "PointInTimeRecoverySpecification",
                reason,
            ));
        }
        Ok(Table {
            name: physical(id),
            attributes: table
                .attribute_definitions
                .into_iter()
                .map(|a| (a.attribute_name, a.attribute_type))
                .collect(),
            key: key(id, table.key_schema)?,
            indexes: table
                .global_secondary_indexes
                .into_iter()
                .map(|i| index(id, i))
                .collect::<Result<_, _>>()?,
            ttl_attribute: table
                .time_to_live_specification
                .filter(|ttl| ttl.enabled)
                .map(|ttl| ttl.attribute_name),
        })
    };
    resources.of("AWS::DynamoDB::Table").map(read).collect()
}

fn index(id: &str, index: IndexProperties) -> Result<Index, TemplateError> {
    Ok(Index {
        name: index.index_name,
        key: key(id, index.key_schema)?,
        projection: index.projection.projection_type,
        included: index.projection.non_key_attributes,
    })
}

fn key(id: &str, elements: Vec<KeyElement>) -> Result<Key, TemplateError> {
    let (mut hashes, mut ranges): (Vec<_>, Vec<_>) = elements
        .into_iter()
        .partition(|element| element.key_type == KeyType::Hash);
    match (hashes.pop(), ranges.pop()) {
        (Some(hash), range) if hashes.is_empty() && ranges.is_empty() => Ok(Key {
            hash: hash.attribute_name,
            range: range.map(|range| range.attribute_name),
        }),
        _ => Err(TemplateError::property(
            id,
            "KeySchema",
            "needs one HASH attribute and at most one RANGE attribute",
        )),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct QueueProperties {
    visibility_timeout: Option<u64>,
    message_retention_period: Option<u64>,
    redrive_policy: Option<RedrivePolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RedrivePolicy {
    dead_letter_target_arn: String,
    max_receive_count: u32,
}

/// All queues, a dead-letter queue before those that name it. The defaults are SQS's.
pub(super) fn queues(resources: &Resources) -> Result<Vec<Queue>, TemplateError> {
    let mut queues = Vec::new();
    for (id, resource) in resources.of("AWS::SQS::Queue") {
        let queue: QueueProperties =
            resources.properties(id, resource, &["SqsManagedSseEnabled", "Tags"])?;
        let redrive = match queue.redrive_policy {
            Some(policy) => {
                let target = resources.queue(&policy.dead_letter_target_arn);
                let target = target
                    .map_err(|reason| TemplateError::property(id, "RedrivePolicy", reason))?;
                Some((target, policy.max_receive_count))
            }
            None => None,
        };
        queues.push(Queue {
            name: physical(id),
            visibility: Duration::from_secs(queue.visibility_timeout.unwrap_or(30)),
            retention: Duration::from_secs(queue.message_retention_period.unwrap_or(345_600)),
            redrive,
        });
    }
    in_order(queues)
}

fn in_order(mut waiting: Vec<Queue>) -> Result<Vec<Queue>, TemplateError> {
    let mut ordered: Vec<Queue> = Vec::new();
    while !waiting.is_empty() {
        let made = |queue: &Queue| match &queue.redrive {
            Some((target, _)) => ordered.iter().any(|queue| queue.name == *target),
            None => true,
        };
        let (ready, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(made);
        if ready.is_empty() {
            let name = rest
                .first()
                .map_or_else(String::new, |queue| queue.name.clone());
            return Err(TemplateError::property(
                &name,
                "RedrivePolicy",
                "dead-letter queues go round in a circle",
            ));
        }
        ordered.extend(ready);
        waiting = rest;
    }
    Ok(ordered)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SecretProperties {
    generate_secret_string: Option<Generate>,
    secret_string: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Generate {
    password_length: usize,
    exclude_punctuation: bool,
    secret_string_template: Option<String>,
    generate_string_key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RotationProperties {
    secret_id: String,
    #[serde(rename = "RotationLambdaARN")]
    rotation_lambda_arn: String,
    rotation_rules: RotationRules,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RotationRules {
    schedule_expression: String,
}

/// The JSON object that a generated text is put into, and under which name.
fn within(template: Option<String>, key: Option<String>) -> Result<Option<SecretObject>, String> {
    match (template, key) {
        (None, None) => Ok(None),
        (Some(template), Some(key)) => match serde_json::from_str(&template) {
            Ok(template) => Ok(Some(SecretObject { template, key })),
            Err(_) => Err("is no JSON object".to_owned()),
        },
        _ => Err("needs GenerateStringKey, and the other way round".to_owned()),
    }
}

/// All secrets.
pub(super) fn secrets(resources: &Resources) -> Result<Vec<Secret>, TemplateError> {
    let mut rotations = BTreeMap::new();
    for (id, resource) in resources.of("AWS::SecretsManager::RotationSchedule") {
        let rotation: RotationProperties = resources.properties(id, resource, &[])?;
        let function = resources
            .function(&rotation.rotation_lambda_arn)
            .map_err(|reason| TemplateError::property(id, "RotationLambdaARN", reason))?;
        let every = rate(&rotation.rotation_rules.schedule_expression).map_err(|reason| {
            TemplateError::property(id, "RotationRules.ScheduleExpression", reason)
        })?;
        rotations.insert(rotation.secret_id, (function, every));
    }
    let read = |(id, resource)| {
        let secret: SecretProperties =
            resources.properties(id, resource, &["Description", "KmsKeyId", "Tags"])?;
        let value = match (secret.generate_secret_string, secret.secret_string) {
            (
                Some(Generate {
                    password_length,
                    exclude_punctuation: true,
                    secret_string_template,
                    generate_string_key,
                }),
                None,
            ) => SecretValue::Generated {
                length: password_length,
                within: within(secret_string_template, generate_string_key).map_err(|reason| {
                    TemplateError::property(id, "GenerateSecretString.SecretStringTemplate", reason)
                })?,
            },
            (None, Some(given)) => SecretValue::Given(given),
            _ => {
                let reason = "needs ExcludePunctuation: true here, or SecretString in its place";
                return Err(TemplateError::property(id, "GenerateSecretString", reason));
            }
        };
        let name = physical(id);
        Ok(Secret {
            rotation: rotations.remove(&secret_arn(id)),
            name,
            value,
        })
    };
    resources
        .of("AWS::SecretsManager::Secret")
        .map(read)
        .collect()
}

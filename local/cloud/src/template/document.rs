//! The template as written: YAML with CloudFormation's short tags, brought into the long form of every function.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, json};
use serde_yaml_ng as yaml;

use super::{error::TemplateError, parameters::Parameter};

/// A template's sections.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Document {
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Parameter>,
    #[serde(default)]
    pub(super) conditions: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) rules: BTreeMap<String, Rule>,
    #[serde(default)]
    pub(super) globals: Globals,
    pub(super) resources: BTreeMap<String, Resource>,
    #[serde(rename = "AWSTemplateFormatVersion")]
    _format_version: Option<IgnoredAny>,
    #[serde(rename = "Transform")]
    _transform: Option<IgnoredAny>,
    #[serde(rename = "Description")]
    _description: Option<IgnoredAny>,
    #[serde(rename = "Metadata")]
    _metadata: Option<IgnoredAny>,
    #[serde(rename = "Mappings")]
    _mappings: Option<IgnoredAny>,
    #[serde(rename = "Outputs")]
    _outputs: Option<IgnoredAny>,
}

/// What must hold of the parameters.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Rule {
    /// When it applies; always when absent.
    pub(super) rule_condition: Option<Value>,
    pub(super) assertions: Vec<Assertion>,
}

/// One of a rule's conditions.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Assertion {
    pub(super) assert: Value,
    #[serde(default)]
    pub(super) assert_description: String,
}

/// SAM's `Globals`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Globals {
    /// Properties of every function.
    #[serde(default)]
    pub(super) function: Map<String, Value>,
}

/// A resource.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Resource {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    pub(super) condition: Option<String>,
    #[serde(default)]
    pub(super) properties: Map<String, Value>,
    pub(super) metadata: Option<Value>,
    #[serde(rename = "DependsOn")]
    _depends_on: Option<IgnoredAny>,
    #[serde(rename = "DeletionPolicy")]
    _deletion_policy: Option<IgnoredAny>,
    #[serde(rename = "UpdateReplacePolicy")]
    _update_replace_policy: Option<IgnoredAny>,
}

impl Document {
    /// Reads a template and merges `Globals` into its functions.
    pub(super) fn parse(text: &str) -> Result<Self, TemplateError> {
        let value = written(text)?;
        let mut document: Self =
            serde_path_to_error::deserialize(value).map_err(|error| TemplateError::Document {
                at: error.path().to_string(),
                reason: error.inner().to_string(),
            })?;
        for resource in document
            .resources
            .values_mut()
            .filter(|resource| resource.kind == "AWS::Serverless::Function")
        {
            let own =
                std::mem::replace(&mut resource.properties, document.globals.function.clone());
            merge(&mut resource.properties, own);
        }
        Ok(document)
    }
}

/// The template with every function in its long form.
pub(super) fn written(text: &str) -> Result<Value, TemplateError> {
    long_form(yaml::from_str(text)?, "")
}

/// Merges as SAM does: maps key by key, lists one after the other, anything else gives way to the function's own.
fn merge(globals: &mut Map<String, Value>, own: Map<String, Value>) {
    for (key, value) in own {
        match (globals.get_mut(&key), value) {
            (Some(Value::Object(global)), Value::Object(own))
                if !is_function(global) && !is_function(&own) =>
            {
                merge(global, own);
            }
            (Some(Value::Array(global)), Value::Array(own)) => global.extend(own),
            (_, value) => {
                globals.insert(key, value);
            }
        }
    }
}

/// Whether an object stands for a function of CloudFormation, such as `{"Ref": …}`.
pub(super) fn is_function(object: &Map<String, Value>) -> bool {
    object.len() == 1
        && object
            .keys()
            .all(|key| key == "Ref" || key.starts_with("Fn::"))
}

fn long_form(value: yaml::Value, at: &str) -> Result<Value, TemplateError> {
    let wrong = |reason: &str| TemplateError::Document {
        at: at.to_owned(),
        reason: reason.to_owned(),
    };
    Ok(match value {
        yaml::Value::Null => Value::Null,
        yaml::Value::Bool(flag) => flag.into(),
        yaml::Value::String(text) => text.into(),
        yaml::Value::Number(number) => {
            serde_json::to_value(number).map_err(|_| wrong("a number that JSON doesn't have"))?
        }
        yaml::Value::Sequence(items) => items
            .into_iter()
            .map(|item| long_form(item, at))
            .collect::<Result<Vec<_>, _>>()?
            .into(),
        yaml::Value::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                let key = key
                    .as_str()
                    .ok_or_else(|| wrong("a key that is not text"))?
                    .to_owned();
                let value = long_form(
                    value,
                    &if at.is_empty() {
                        key.clone()
                    } else {
                        format!("{at}.{key}")
                    },
                )?;
                object.insert(key, value);
            }
            object.into()
        }
        yaml::Value::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let argument = long_form(tagged.value, at)?;
            match (name, argument) {
                ("Ref" | "Condition", argument) => json!({ name: argument }),
                ("GetAtt", Value::String(path)) => {
                    let (resource, attribute) = path
                        .split_once('.')
                        .ok_or_else(|| wrong("!GetAtt needs Resource.Attribute"))?;
                    json!({ "Fn::GetAtt": [resource, attribute] })
                }
                (_, argument) => json!({ format!("Fn::{name}"): argument }),
            }
        }
    })
}

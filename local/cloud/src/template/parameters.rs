//! Parameters: what is given, else the default, checked against what is allowed.

use std::collections::BTreeMap;

use regex::Regex;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Number, Value};

use super::error::TemplateError;

/// A declared parameter.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Parameter {
    #[serde(rename = "Type")]
    kind: Kind,
    default: Option<Value>,
    allowed_values: Option<Vec<Value>>,
    min_value: Option<f64>,
    max_value: Option<f64>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    allowed_pattern: Option<String>,
    #[serde(rename = "NoEcho")]
    _no_echo: Option<bool>,
    #[serde(rename = "Description")]
    _description: Option<IgnoredAny>,
    #[serde(rename = "ConstraintDescription")]
    _constraint_description: Option<IgnoredAny>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum Kind {
    String,
    Number,
    CommaDelimitedList,
}

/// The value of each declared parameter: text, a number, or a list of texts.
pub(super) fn values(
    declared: &BTreeMap<String, Parameter>,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Value>, TemplateError> {
    let wrong = |name: &str, reason: String| TemplateError::Parameter {
        name: name.to_owned(),
        reason,
    };
    if let Some(name) = given.keys().find(|name| !declared.contains_key(*name)) {
        return Err(wrong(name, "the template has no such parameter".to_owned()));
    }
    declared
        .iter()
        .map(|(name, parameter)| {
            let default = parameter.default.as_ref().and_then(text);
            let value = given
                .get(name)
                .cloned()
                .or(default)
                .ok_or("has neither a value nor a default".to_owned());
            let value = value
                .and_then(|value| parameter.check(&value))
                .map_err(|reason| wrong(name, reason))?;
            Ok((name.clone(), value))
        })
        .collect()
}

impl Parameter {
    fn check(&self, value: &str) -> Result<Value, String> {
        if let Some(allowed) = &self.allowed_values
            && !allowed
                .iter()
                .filter_map(text)
                .any(|allowed| allowed == value)
        {
            let allowed: Vec<_> = allowed.iter().filter_map(text).collect();
            return Err(format!("must be one of {}", allowed.join(", ")));
        }
        let length = value.chars().count();
        if self.min_length.is_some_and(|min| length < min)
            || self.max_length.is_some_and(|max| length > max)
        {
            return Err("is too short or too long".to_owned());
        }
        match self.kind {
            Kind::String => {
                self.matches(value)?;
                Ok(value.into())
            }
            Kind::CommaDelimitedList => {
                let items: Vec<_> = value.split(',').map(str::trim).collect();
                items.iter().try_for_each(|item| self.matches(item))?;
                Ok(items.into())
            }
            Kind::Number => {
                let whole = value.parse::<i64>().ok().map(Number::from);
                let number = whole
                    .or_else(|| value.parse().ok().and_then(Number::from_f64))
                    .ok_or("is not a number")?;
                let size = number.as_f64().unwrap_or(f64::NAN);
                if self.min_value.is_some_and(|min| size < min)
                    || self.max_value.is_some_and(|max| size > max)
                {
                    return Err("is outside MinValue to MaxValue".to_owned());
                }
                Ok(number.into())
            }
        }
    }

    /// Checks a text, or an item of a list, against `AllowedPattern`.
    fn matches(&self, value: &str) -> Result<(), String> {
        let Some(pattern) = &self.allowed_pattern else {
            return Ok(());
        };
        match Regex::new(pattern) {
            Ok(pattern) if pattern.is_match(value) => Ok(()),
            Ok(_) => Err("does not match AllowedPattern".to_owned()),
            Err(_) => Err("has an AllowedPattern that is no regular expression".to_owned()),
        }
    }
}

/// A scalar as CloudFormation writes it into a text; nothing for lists and maps.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

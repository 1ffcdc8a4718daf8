//! JSON Schema in the strict subset of structured outputs
//! (<https://platform.openai.com/docs/guides/structured-outputs#supported-schemas>).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::error::ApiError;

/// Most levels of nesting.
const MAX_DEPTH: usize = 10;
/// Most values of all enums together.
const MAX_ENUM_VALUES: usize = 1_000;
/// Keywords that any provider takes. The provider takes some more; what has to be portable does without.
const KEYWORDS: [&str; 8] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "anyOf",
    "description",
];
const TYPES: [&str; 7] = [
    "string", "number", "integer", "boolean", "object", "array", "null",
];

/// Refuses a schema that strict mode does not take.
pub(super) fn check_strict(schema: &Value, param: &str) -> Result<(), ApiError> {
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        return Err(ApiError::invalid(param, "The root must be an object."));
    }
    let mut enum_values = 0;
    check(schema, param, 0, &mut enum_values)?;
    if enum_values > MAX_ENUM_VALUES {
        return Err(ApiError::invalid(param, "Too many enum values."));
    }
    Ok(())
}

fn check(
    schema: &Value,
    path: &str,
    depth: usize,
    enum_values: &mut usize,
) -> Result<(), ApiError> {
    let invalid = |message: &str| Err(ApiError::invalid(path, message));
    let Some(schema) = schema.as_object() else {
        return invalid("A schema must be an object.");
    };
    if depth > MAX_DEPTH {
        return invalid("Nested too deep.");
    }
    if let Some(keyword) = schema.keys().find(|key| !KEYWORDS.contains(&key.as_str())) {
        return invalid(&format!("'{keyword}' is not permitted."));
    }
    if let Some(choices) = schema.get("anyOf") {
        let Some(choices) = choices.as_array() else {
            return invalid("'anyOf' must be an array.");
        };
        return choices
            .iter()
            .try_for_each(|choice| check(choice, path, depth + 1, enum_values));
    }
    let types = types(schema);
    if types.is_empty() || types.iter().any(|name| !TYPES.contains(name)) {
        return invalid("'type' must name types.");
    }
    match schema.get("enum") {
        None => {}
        Some(Value::Array(values)) if !values.is_empty() => {
            *enum_values += values.len();
            if !values
                .iter()
                .all(|value| types.iter().any(|name| is(value, name)))
            {
                return invalid("An enum value is not of the type.");
            }
        }
        Some(_) => return invalid("'enum' must be an array with values."),
    }
    if types.contains(&"object") {
        check_object(schema, path, depth, enum_values)?;
    }
    match (types.contains(&"array"), schema.get("items")) {
        (true, Some(items)) => check(items, &format!("{path}.items"), depth + 1, enum_values),
        (true, None) => invalid("'items' is missing."),
        (false, _) => Ok(()),
    }
}

fn check_object(
    schema: &Map<String, Value>,
    path: &str,
    depth: usize,
    enum_values: &mut usize,
) -> Result<(), ApiError> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Err(ApiError::invalid(path, "'properties' is missing."));
    };
    if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
        return Err(ApiError::invalid(
            path,
            "'additionalProperties' is required to be supplied and to be false.",
        ));
    }
    let required: Option<BTreeSet<&str>> = schema
        .get("required")
        .and_then(Value::as_array)
        .and_then(|names| names.iter().map(Value::as_str).collect());
    if required != Some(properties.keys().map(String::as_str).collect()) {
        return Err(ApiError::invalid(
            path,
            "'required' is required to be an array including every key in properties.",
        ));
    }
    properties.iter().try_for_each(|(name, property)| {
        let path = format!("{path}.properties.{name}");
        check(property, &path, depth + 1, enum_values)
    })
}

/// Whether `value` is as `schema`, which has passed [`check_strict`], demands.
pub(super) fn conforms(value: &Value, schema: &Value) -> bool {
    let Some(schema) = schema.as_object() else {
        return false;
    };
    if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        return choices.iter().any(|choice| conforms(value, choice));
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array)
        && !values.contains(value)
    {
        return false;
    }
    if !types(schema).iter().any(|name| is(value, name)) {
        return false;
    }
    match value {
        Value::Object(fields) => schema
            .get("properties")
            .and_then(Value::as_object)
            .is_some_and(|properties| {
                fields.len() == properties.len()
                    && properties.iter().all(|(name, property)| {
                        fields
                            .get(name)
                            .is_some_and(|field| conforms(field, property))
                    })
            }),
        Value::Array(values) => schema
            .get("items")
            .is_some_and(|items| values.iter().all(|value| conforms(value, items))),
        _ => true,
    }
}

fn types(schema: &Map<String, Value>) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names
            .iter()
            .map(|name| name.as_str().unwrap_or_default())
            .collect(),
        _ => Vec::new(),
    }
}

fn is(value: &Value, name: &str) -> bool {
    match value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::Number(number) => name == "number" || (name == "integer" && !number.is_f64()),
        Value::String(_) => name == "string",
        Value::Array(_) => name == "array",
        Value::Object(_) => name == "object",
    }
}

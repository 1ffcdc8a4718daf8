//! Reading JSON strictly: what a form does not know is refused.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use super::{error::ApiError, schema};

/// A JPEG in a data URL (RFC 2397).
pub(super) fn jpeg_of_url(url: Option<&Value>, path: &str) -> Result<Vec<u8>, ApiError> {
    url.and_then(Value::as_str)
        .and_then(|url| url.strip_prefix("data:image/jpeg;base64,"))
        .and_then(|text| STANDARD.decode(text).ok())
        .ok_or(ApiError::invalid(
            path,
            "Expected a base64-encoded data URL with an image/jpeg.",
        ))
}

/// The bytes of a field in base64.
pub(super) fn base64(
    fields: &Map<String, Value>,
    path: &str,
    name: &str,
) -> Result<Vec<u8>, ApiError> {
    let text = string(fields, path, name)?;
    STANDARD
        .decode(text)
        .map_err(|_| ApiError::invalid(format!("{path}.{name}"), "Must be base64."))
}

/// A positive number of tokens.
pub(super) fn tokens(fields: &Map<String, Value>, name: &str) -> Result<u64, ApiError> {
    let value = fields
        .get(name)
        .ok_or_else(|| ApiError::missing_parameter(name))?;
    value
        .as_u64()
        .filter(|tokens| *tokens > 0)
        .ok_or(ApiError::invalid(name, "Must be a positive integer."))
}

/// The schema of a format with `name`, `strict` and `schema`.
pub(super) fn strict_schema(format: &Map<String, Value>, path: &str) -> Result<Value, ApiError> {
    let name = string(format, path, "name")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        return Err(ApiError::invalid(
            format!("{path}.name"),
            "Must be 1 to 64 letters, digits, underscores and dashes.",
        ));
    }
    if format.get("strict") != Some(&Value::Bool(true)) {
        return Err(ApiError::invalid(format!("{path}.strict"), "Must be true."));
    }
    checked_schema(format, path, "schema")
}

/// A schema in a field.
pub(super) fn checked_schema(
    fields: &Map<String, Value>,
    path: &str,
    name: &str,
) -> Result<Value, ApiError> {
    let path = format!("{path}.{name}");
    let schema = fields
        .get(name)
        .ok_or_else(|| ApiError::missing_parameter(path.clone()))?;
    schema::check_strict(schema, &path)?;
    Ok(schema.clone())
}

/// An object with no fields but the known ones.
pub(super) fn object<'a>(
    value: &'a Value,
    path: &str,
    known: &[&str],
) -> Result<&'a Map<String, Value>, ApiError> {
    let fields = value
        .as_object()
        .ok_or(ApiError::invalid(path, "Must be an object."))?;
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        Some(unknown) if path == "body" => Err(ApiError::unknown_parameter(unknown)),
        Some(unknown) => Err(ApiError::unknown_parameter(format!("{path}.{unknown}"))),
        None => Ok(fields),
    }
}

pub(super) fn string(
    fields: &Map<String, Value>,
    path: &str,
    name: &str,
) -> Result<String, ApiError> {
    let path = if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    };
    match fields.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(ApiError::invalid(path, "Must be a string.")),
        None => Err(ApiError::missing_parameter(path)),
    }
}

pub(super) fn one_of(
    fields: &Map<String, Value>,
    path: &str,
    name: &str,
    values: &[&str],
) -> Result<(), ApiError> {
    let value = string(fields, path, name)?;
    if values.contains(&value.as_str()) {
        return Ok(());
    }
    Err(ApiError::invalid(
        format!("{path}.{name}"),
        format!("Supported values are: '{}'.", values.join("', '")),
    ))
}

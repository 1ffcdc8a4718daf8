//! Configuration from environment variables. Which function reads which is said in template.yaml.

use std::{str::FromStr, time::Duration};

use dodolens_domain::{receipt::PartDeletion, session::Lifetimes, sink::SinkName};

/// A variable is missing or can't be read. Names the variable and not its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It is not set.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// Its value is not of its type.
    #[error("the environment variable {0} can't be read")]
    Invalid(&'static str),
}

/// The text of a variable.
///
/// # Errors
/// See [`ConfigError`].
pub fn text(name: &'static str) -> Result<String, ConfigError> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Ok(value),
        Ok(_) | Err(std::env::VarError::NotPresent) => Err(ConfigError::Missing(name)),
        Err(std::env::VarError::NotUnicode(_)) => Err(ConfigError::Invalid(name)),
    }
}

/// The text of a variable that may be absent or empty.
///
/// # Errors
/// [`ConfigError::Invalid`] when it is no text.
pub fn optional(name: &'static str) -> Result<Option<String>, ConfigError> {
    match text(name) {
        Ok(value) => Ok(Some(value)),
        Err(ConfigError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `SINKS`: who is given results, by commas; nobody when it is not set.
///
/// # Errors
/// [`ConfigError::Invalid`] when one is unknown.
pub fn sinks() -> Result<Vec<SinkName>, ConfigError> {
    const NAME: &str = "SINKS";
    let names = optional(NAME)?.unwrap_or_default();
    let names = names.split(',').filter(|name| !name.is_empty());
    let sinks: Result<_, _> = names.map(str::parse).collect();
    sinks.map_err(|_| ConfigError::Invalid(NAME))
}

/// The value of a variable.
///
/// # Errors
/// See [`ConfigError`].
pub fn value<T: FromStr>(name: &'static str) -> Result<T, ConfigError> {
    text(name)?.parse().map_err(|_| ConfigError::Invalid(name))
}

/// A variable in whole seconds.
///
/// # Errors
/// See [`ConfigError`].
pub fn seconds(name: &'static str) -> Result<Duration, ConfigError> {
    value(name).map(Duration::from_secs)
}

/// `MEDIA_TTL_SECONDS`: a sealed part, from its arrival.
///
/// # Errors
/// See [`ConfigError`].
pub fn media_lifetime() -> Result<Duration, ConfigError> {
    seconds("MEDIA_TTL_SECONDS")
}

/// `DELETE_PARTS`: `explicit` or `shred`, which needs `MEDIA_TTL_SECONDS` too.
///
/// # Errors
/// See [`ConfigError`].
pub fn part_deletion() -> Result<PartDeletion, ConfigError> {
    const NAME: &str = "DELETE_PARTS";
    match text(NAME)?.as_str() {
        "explicit" => Ok(PartDeletion::Explicit),
        "shred" => Ok(PartDeletion::Shred {
            media_lifetime: media_lifetime()?,
        }),
        _ => Err(ConfigError::Invalid(NAME)),
    }
}

/// `RESULT_TTL_SECONDS`: a result, from its completion. 0: it is only delivered; else it lives at least as long as the
/// session's record with its receipt, 600 s.
///
/// # Errors
/// See [`ConfigError`].
pub fn result_lifetime() -> Result<Duration, ConfigError> {
    seconds("RESULT_TTL_SECONDS")
}

/// `MEDIA_TTL_SECONDS`, `SESSION_TTL_SECONDS`.
///
/// # Errors
/// See [`ConfigError`].
pub fn lifetimes() -> Result<Lifetimes, ConfigError> {
    Ok(Lifetimes {
        media: media_lifetime()?,
        session: seconds("SESSION_TTL_SECONDS")?,
    })
}

//! What can be wrong with a template.

use thiserror::Error;

/// Why a template can't be run. No message contains a parameter's value: some are secret.
#[derive(Debug, Error)]
pub enum TemplateError {
    /// Not YAML.
    #[error("the template is not YAML: {0}")]
    Yaml(#[from] serde_yaml_ng::Error),
    /// A section or attribute outside of resources that isn't known here.
    #[error("template, at {at}: {reason}")]
    Document {
        /// Path of keys.
        at: String,
        /// What is wrong there.
        reason: String,
    },
    /// A parameter that is missing, unknown or not allowed its value.
    #[error("parameter {name}: {reason}")]
    Parameter {
        /// The parameter.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Parameters that don't fit one another.
    #[error("rule {name}: {reason}")]
    Rule {
        /// The rule.
        name: String,
        /// What it asserts, or why it can't be read.
        reason: String,
    },
    /// A resource of a type that can't be run here.
    #[error("resource {resource}: type {kind} can't be run on one machine")]
    Kind {
        /// Logical id.
        resource: String,
        /// Its `Type`.
        kind: String,
    },
    /// A property that is missing, unknown here, or has a value that can't be run here.
    #[error("resource {resource}, property {property}: {reason}")]
    Property {
        /// Logical id.
        resource: String,
        /// Path of the property.
        property: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Not exactly one API of this protocol.
    #[error("the template must have exactly one {protocol} API with one stage")]
    Api {
        /// `HTTP` or `WEBSOCKET`.
        protocol: &'static str,
    },
}

impl TemplateError {
    /// A [`TemplateError::Property`].
    pub(super) fn property(resource: &str, property: &str, reason: impl Into<String>) -> Self {
        Self::Property {
            resource: resource.to_owned(),
            property: property.to_owned(),
            reason: reason.into(),
        }
    }
}

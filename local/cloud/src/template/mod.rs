//! Reads `template.yaml` the way CloudFormation and SAM do, as far as one machine has to, into a [`Stack`].
//!
//! Nothing that a resource asks for is passed over: whatever is not known here is an error that names the resource and
//! the property. What makes no difference on one machine is listed, in [`resources`] and beside each reader.

mod apis;
mod document;
mod error;
mod functions;
mod intrinsics;
mod names;
mod parameters;
mod places;
mod policies;
mod resources;
mod storage;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::PathBuf};

pub use error::TemplateError;
pub use names::{ACCOUNT, REGION, STACK};
pub use places::Places;

use serde_json::Value;

use crate::stack::Stack;
use document::Document;
use resources::Resources;

/// A template as it is written, with every function of CloudFormation in its long form and none resolved.
///
/// # Errors
/// If it is not YAML.
pub fn written(template: &str) -> Result<Value, TemplateError> {
    document::written(template)
}

/// Reads a template, with `parameters` in place of the defaults and the addresses in `places` in place of AWS's.
///
/// # Errors
/// If the template asks for something that can't be run here, or a parameter has a value that it doesn't allow.
pub fn read(
    template: &str,
    parameters: &BTreeMap<String, String>,
    places: &Places,
) -> Result<Stack, TemplateError> {
    let document = Document::parse(template)?;
    let parameters = parameters::values(&document.parameters, parameters)?;
    let resources = Resources::new(&document, &parameters, places)?;
    let (http, websocket) = apis::read(&resources)?;
    Ok(Stack {
        functions: functions::read(&resources)?,
        http,
        websocket,
        tables: storage::tables(&resources)?,
        queues: storage::queues(&resources)?,
        secrets: storage::secrets(&resources)?,
    })
}

/// How many resources of each type are deployed with these parameters.
///
/// # Errors
/// As [`read`].
pub fn count(
    template: &str,
    parameters: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, usize>, TemplateError> {
    let document = Document::parse(template)?;
    let parameters = parameters::values(&document.parameters, parameters)?;
    let nowhere = Places {
        http: String::new(),
        websocket: String::new(),
        connections: String::new(),
        sqs: String::new(),
        layers: PathBuf::new(),
    };
    let resources = Resources::new(&document, &parameters, &nowhere)?;
    let mut counts = BTreeMap::new();
    for kind in resources.kinds() {
        *counts.entry(kind.to_owned()).or_default() += 1;
    }
    Ok(counts)
}

//! What makes new versions of the functions: a version keeps the values that it was published with, so each parameter
//! that a function is made of must be named in the content of `Configuration`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::super::{document::Document, written};

const TEMPLATE: &str = include_str!("../../../../../template.yaml");

/// Properties of a function that are no part of its versions.
const NOT_OF_A_VERSION: [&str; 5] = [
    "DeploymentPreference",
    "Events",
    "Policies",
    "ReservedConcurrentExecutions",
    "VersionDescription",
];

#[test]
fn every_parameter_of_a_function_makes_new_versions() {
    let document = Document::parse(TEMPLATE).unwrap();
    let mut needed = BTreeSet::new();
    for function in document.resources.values() {
        if function.kind == "AWS::Serverless::Function" {
            for (name, value) in &function.properties {
                if !NOT_OF_A_VERSION.contains(&name.as_str()) {
                    parameters(&document, value, &mut needed);
                }
            }
            // Or the deployment of a function that is not there would be.
            let deployment = &function.properties["DeploymentPreference"];
            assert!(function.condition.is_none() || deployment["PassthroughCondition"] == true);
            assert_eq!(
                function.properties["VersionDescription"],
                serde_json::json!({ "Fn::Sub": "configuration ${Configuration.VersionNumber}" })
            );
        }
    }
    let mut named = BTreeSet::new();
    let content = &document.resources["Configuration"].properties["Content"];
    parameters(&document, content, &mut named);
    assert_eq!(named, needed, "left: in Configuration, right: in functions");
}

#[test]
fn the_console_shows_every_parameter_in_one_group() {
    let template = written(TEMPLATE).unwrap();
    let groups = &template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"];
    let groups = groups.as_array().unwrap().iter();
    let mut shown: Vec<_> = groups
        .flat_map(|group| group["Parameters"].as_array().unwrap())
        .map(|name| name.as_str().unwrap())
        .collect();
    shown.sort_unstable();
    let declared = template["Parameters"].as_object().unwrap().keys();
    let mut declared: Vec<_> = declared.map(String::as_str).collect();
    declared.sort_unstable();
    assert_eq!(shown, declared);
}

/// Adds the parameters that a value depends on, by way of conditions too.
fn parameters(document: &Document, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items
            .iter()
            .for_each(|item| parameters(document, item, found)),
        Value::Object(object) => {
            for (key, value) in object {
                match (key.as_str(), value) {
                    ("Ref", Value::String(name)) => add(document, name, found),
                    ("Condition", Value::String(name)) => {
                        parameters(document, &document.conditions[name], found);
                    }
                    ("Fn::Sub", Value::String(pattern)) => {
                        substituted(document, pattern, &Map::new(), found);
                    }
                    ("Fn::Sub", Value::Array(sub)) => {
                        let own = sub[1].as_object().unwrap();
                        substituted(document, sub[0].as_str().unwrap(), own, found);
                        parameters(document, &sub[1], found);
                    }
                    ("Fn::If", Value::Array(branches)) => {
                        let condition = branches[0].as_str().unwrap();
                        parameters(document, &document.conditions[condition], found);
                        parameters(document, &branches[1], found);
                        parameters(document, &branches[2], found);
                    }
                    _ => parameters(document, value, found),
                }
            }
        }
        _ => {}
    }
}

fn substituted(
    document: &Document,
    pattern: &str,
    own: &Map<String, Value>,
    found: &mut BTreeSet<String>,
) {
    let names = pattern
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'));
    for (name, _) in names {
        if !own.contains_key(name) {
            add(document, name, found);
        }
    }
}

fn add(document: &Document, name: &str, found: &mut BTreeSet<String>) {
    if document.parameters.contains_key(name) {
        found.insert(name.to_owned());
    }
}

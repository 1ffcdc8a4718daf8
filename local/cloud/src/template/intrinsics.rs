//! CloudFormation's functions, pseudo parameters and conditions, resolved.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    document::is_function,
    names::{ACCOUNT, Names, PARTITION, REGION, STACK, URL_SUFFIX},
    parameters::text,
};

/// Conditions that build on one another any deeper than this go round in a circle.
const CONDITION_DEPTH: usize = 32;

/// Everything that functions can refer to.
#[derive(Debug)]
pub(super) struct Resolver<'a> {
    pub(super) parameters: &'a BTreeMap<String, Value>,
    pub(super) conditions: &'a BTreeMap<String, Value>,
    pub(super) names: Names<'a>,
}

impl Resolver<'_> {
    /// The value with every function in it resolved; `None` for `AWS::NoValue`. Errors are reasons, to be given a place.
    pub(super) fn resolve(&self, value: &Value) -> Result<Option<Value>, String> {
        match value {
            Value::Object(object) if is_function(object) => match object.iter().next() {
                Some((name, argument)) => self.call(name, argument),
                None => Ok(None),
            },
            Value::Object(object) => {
                let mut resolved = Map::new();
                for (key, value) in object {
                    if let Some(value) = self.resolve(value)? {
                        resolved.insert(key.clone(), value);
                    }
                }
                Ok(Some(resolved.into()))
            }
            Value::Array(items) => {
                let items: Result<Vec<_>, _> = items
                    .iter()
                    .filter_map(|item| self.resolve(item).transpose())
                    .collect();
                Ok(Some(items?.into()))
            }
            scalar => Ok(Some(scalar.clone())),
        }
    }

    /// Whether a named condition holds.
    pub(super) fn holds(&self, condition: &str) -> Result<bool, String> {
        self.named(condition, 0)
    }

    /// Whether the condition of a rule holds.
    pub(super) fn asserts(&self, condition: &Value) -> Result<bool, String> {
        self.test(condition, 0)
    }

    fn named(&self, condition: &str, depth: usize) -> Result<bool, String> {
        if depth > CONDITION_DEPTH {
            return Err(format!("condition {condition} depends on itself"));
        }
        let value = self
            .conditions
            .get(condition)
            .ok_or_else(|| format!("there is no condition {condition}"))?;
        self.test(value, depth + 1)
    }

    fn test(&self, value: &Value, depth: usize) -> Result<bool, String> {
        let (name, argument) = match value.as_object() {
            Some(object) if object.len() == 1 => object.iter().next(),
            _ => None,
        }
        .ok_or("a condition is one function")?;
        match (name.as_str(), argument) {
            ("Condition", Value::String(condition)) => self.named(condition, depth),
            ("Fn::Equals", Value::Array(sides)) => match sides.as_slice() {
                [left, right] => Ok(self.text(left)? == self.text(right)?),
                _ => Err("Fn::Equals takes two values".to_owned()),
            },
            ("Fn::Contains", Value::Array(sides)) => match sides.as_slice() {
                [list, text] => {
                    let text = self.text(text)?;
                    let items: Result<Vec<_>, _> = self
                        .list(list)?
                        .iter()
                        .map(|item| self.text(item))
                        .collect();
                    Ok(items?.contains(&text))
                }
                _ => Err("Fn::Contains takes a list and a text".to_owned()),
            },
            ("Fn::Not", Value::Array(tests)) => match tests.as_slice() {
                [test] => Ok(!self.test(test, depth)?),
                _ => Err("Fn::Not takes one condition".to_owned()),
            },
            ("Fn::And", Value::Array(tests)) => {
                Ok(self.tests(tests, depth)?.into_iter().all(|holds| holds))
            }
            ("Fn::Or", Value::Array(tests)) => {
                Ok(self.tests(tests, depth)?.into_iter().any(|holds| holds))
            }
            (name, _) => Err(format!("{name} can't be a condition")),
        }
    }

    fn tests(&self, tests: &[Value], depth: usize) -> Result<Vec<bool>, String> {
        tests.iter().map(|test| self.test(test, depth)).collect()
    }

    fn call(&self, function: &str, argument: &Value) -> Result<Option<Value>, String> {
        let arguments = argument.as_array().map(Vec::as_slice);
        match (function, arguments) {
            ("Ref", None) => match argument.as_str() {
                Some("AWS::NoValue") => Ok(None),
                Some(name) => self.reference(name).map(Some),
                None => Err("Ref takes a name".to_owned()),
            },
            ("Fn::GetAtt", Some([Value::String(id), Value::String(attribute)])) => {
                Ok(Some(self.names.attribute(id, attribute)?.into()))
            }
            ("Fn::Sub", None) => match argument.as_str() {
                Some(pattern) => Ok(Some(self.substitute(pattern, &Map::new())?.into())),
                None => Err("Fn::Sub takes a text".to_owned()),
            },
            ("Fn::Sub", Some([Value::String(pattern), Value::Object(own)])) => {
                Ok(Some(self.substitute(pattern, own)?.into()))
            }
            ("Fn::If", Some([Value::String(condition), yes, no])) => {
                self.resolve(if self.holds(condition)? { yes } else { no })
            }
            ("Fn::Join", Some([Value::String(separator), list])) => {
                let texts: Result<Vec<_>, _> = self
                    .list(list)?
                    .iter()
                    .map(|item| self.text(item))
                    .collect();
                Ok(Some(texts?.join(separator).into()))
            }
            ("Fn::Split", Some([Value::String(separator), source])) if !separator.is_empty() => {
                let source = self.text(source)?;
                Ok(Some(source.split(separator.as_str()).collect()))
            }
            ("Fn::Select", Some([index, list])) => {
                let index: usize = self
                    .text(index)?
                    .parse()
                    .map_err(|_| "Fn::Select takes an index first")?;
                let item = self.list(list)?.into_iter().nth(index);
                item.map(Some)
                    .ok_or_else(|| format!("Fn::Select finds no item {index}"))
            }
            _ => Err(format!("{function} is unknown here or has wrong arguments")),
        }
    }

    fn reference(&self, name: &str) -> Result<Value, String> {
        let pseudo = match name {
            "AWS::Region" => REGION,
            "AWS::AccountId" => ACCOUNT,
            "AWS::Partition" => PARTITION,
            "AWS::URLSuffix" => URL_SUFFIX,
            "AWS::StackName" => STACK,
            _ => {
                return match self.parameters.get(name) {
                    Some(value) => Ok(value.clone()),
                    None => self.names.reference(name).map(Value::String),
                };
            }
        };
        Ok(pseudo.into())
    }

    /// Fills `${Name}` and `${Name.Attribute}`; `${!Name}` stands for the text `${Name}`.
    fn substitute(&self, pattern: &str, own: &Map<String, Value>) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or("a ${ without its }")?;
            filled.push_str(before);
            if let Some(literal) = name.strip_prefix('!') {
                filled.push_str(&format!("${{{literal}}}"));
            } else if let Some(value) = own.get(name) {
                filled.push_str(&self.text(value)?);
            } else if let Some((id, attribute)) = name.split_once('.') {
                filled.push_str(&self.names.attribute(id, attribute)?);
            } else {
                let value = self.reference(name)?;
                filled.push_str(&text(&value).ok_or_else(|| format!("{name} is no text"))?);
            }
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn text(&self, value: &Value) -> Result<String, String> {
        self.resolve(value)?
            .as_ref()
            .and_then(text)
            .ok_or_else(|| "a text is needed here".to_owned())
    }

    fn list(&self, value: &Value) -> Result<Vec<Value>, String> {
        match self.resolve(value)? {
            Some(Value::Array(items)) => Ok(items),
            _ => Err("a list is needed here".to_owned()),
        }
    }
}

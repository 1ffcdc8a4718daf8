//! An `UpdateItem` put together clause by clause.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder, types::AttributeValue,
};

/// Clauses of an update and of its condition. Names and values are placeholders, so that no value is ever an expression.
#[derive(Debug, Default)]
pub struct Update {
    set: Vec<String>,
    remove: Vec<String>,
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Update {
    /// A placeholder for an attribute's name; a dot separates the levels of a map.
    pub fn name(&mut self, path: &[&str]) -> String {
        let placeholders = path.iter().map(|name| {
            let placeholder = format!("#{}", hex::encode(name));
            self.names.insert(placeholder.clone(), (*name).to_owned());
            placeholder
        });
        placeholders.collect::<Vec<_>>().join(".")
    }

    /// A placeholder for a value.
    pub fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// Sets an attribute.
    pub fn set(&mut self, path: &[&str], value: AttributeValue) -> &mut Self {
        let clause = format!("{} = {}", self.name(path), self.value(value));
        self.set.push(clause);
        self
    }

    /// Sets an attribute unless it is there.
    pub fn set_if_absent(&mut self, name: &str, value: AttributeValue) -> &mut Self {
        let name = self.name(&[name]);
        let clause = format!("{name} = if_not_exists({name}, {})", self.value(value));
        self.set.push(clause);
        self
    }

    /// Adds one to a number.
    pub fn increment(&mut self, name: &str) -> &mut Self {
        let name = self.name(&[name]);
        let clause = format!(
            "{name} = {name} + {}",
            self.value(AttributeValue::N("1".into()))
        );
        self.set.push(clause);
        self
    }

    /// Removes an attribute.
    pub fn remove(&mut self, path: &[&str]) -> &mut Self {
        let name = self.name(path);
        self.remove.push(name);
        self
    }

    /// Requires a condition; all of them must hold.
    pub fn require(&mut self, condition: String) -> &mut Self {
        self.conditions.push(condition);
        self
    }

    /// Puts the clauses into a request.
    pub fn apply(self, request: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
        let mut expression = String::new();
        for (verb, clauses) in [("SET ", &self.set), ("REMOVE ", &self.remove)] {
            if !clauses.is_empty() {
                expression.push_str(verb);
                expression.push_str(&clauses.join(", "));
                expression.push(' ');
            }
        }
        let conditions: Vec<_> = self
            .conditions
            .iter()
            .map(|condition| format!("({condition})"))
            .collect();
        request
            .update_expression(expression.trim_end())
            .condition_expression(conditions.join(" AND "))
            .set_expression_attribute_names(Some(self.names))
            .set_expression_attribute_values((!self.values.is_empty()).then_some(self.values))
    }
}

//! What functions are allowed: their inline policies.
//!
//! SAM adds policies of its own for events of queues, X-Ray and VPCs; they are not here.

use serde::Deserialize;

use crate::stack::Statement;

/// A policy document.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Policy {
    #[serde(rename = "Version")]
    _version: Version,
    #[serde(rename = "Statement")]
    statements: Vec<PolicyStatement>,
}

#[derive(Deserialize)]
enum Version {
    #[serde(rename = "2012-10-17")]
    Current,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PolicyStatement {
    #[serde(rename = "Sid")]
    _sid: Option<String>,
    #[serde(rename = "Effect")]
    _effect: Effect,
    action: OneOrMore,
    resource: OneOrMore,
}

#[derive(Deserialize)]
enum Effect {
    Allow,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn all(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::More(more) => more,
        }
    }
}

/// The statements of all policies.
pub(super) fn statements(policies: Vec<Policy>) -> Vec<Statement> {
    policies
        .into_iter()
        .flat_map(|policy| policy.statements)
        .map(|statement| Statement {
            actions: statement.action.all(),
            resources: statement.resource.all(),
        })
        .collect()
}

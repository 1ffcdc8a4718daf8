//! IAM, as far as the template's policies go: actions on resources, allowed or not.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use dodolens_local::{
    aws_proxy::{Call, Service},
    stack::{Stack, Statement},
};

/// What each function is allowed, by logical id.
pub struct Policies(BTreeMap<String, Vec<Statement>>);

/// A function does something to a resource, or may do so to whatever matches it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    pub function: String,
    pub action: String,
    pub resource: String,
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            function,
            action,
            resource,
        } = self;
        write!(f, "{function}: {action} on {resource}")
    }
}

/// What a call asks IAM for.
pub fn uses(call: &Call) -> Vec<Use> {
    let action = action(call);
    let of = |resource: &String| Use {
        function: call.function.clone(),
        action: action.clone(),
        resource: resource.clone(),
    };
    call.resources.iter().map(of).collect()
}

/// The action that allows an operation. Most have the operation's name.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
fn action(call: &Call) -> String {
    let operation = call.operation.as_str();
    match call.service {
        Service::DynamoDb => {
            // Each item of a transaction has an action of its own, which a call does not tell.
            assert!(!operation.starts_with("Transact"), "{operation}");
            format!("dynamodb:{operation}")
        }
        Service::Sqs => format!("sqs:{}", operation.trim_end_matches("Batch")),
        Service::Secrets => format!("secretsmanager:{operation}"),
        Service::Connections => "execute-api:ManageConnections".into(),
        Service::Ai => panic!("the AI is none of AWS"),
    }
}

impl Policies {
    pub fn of(stack: &Stack) -> Self {
        let functions = stack.functions.iter();
        Self(
            functions
                .map(|(id, function)| (id.clone(), function.allowed.clone()))
                .collect(),
        )
    }

    pub fn allow(&self, wanted: &Use) -> bool {
        self.granted().iter().any(|granted| {
            granted.function == wanted.function
                && granted.action == wanted.action
                && matches(&granted.resource, &wanted.resource)
        })
    }

    /// All that is allowed and none of these uses needs.
    pub fn unused(&self, uses: &BTreeSet<Use>) -> Vec<Use> {
        let needed = |granted: &Use| {
            uses.iter().any(|used| {
                used.function == granted.function
                    && used.action == granted.action
                    && matches(&granted.resource, &used.resource)
            })
        };
        let granted = self.granted().into_iter();
        granted.filter(|granted| !needed(granted)).collect()
    }

    /// Each action on each resource that is allowed. An action with a `*` is nothing that a function does, so that it is
    /// never needed.
    fn granted(&self) -> Vec<Use> {
        let statements = self
            .0
            .iter()
            .flat_map(|(function, all)| all.iter().map(move |statement| (function, statement)));
        let pairs = statements.flat_map(|(function, statement)| {
            statement.actions.iter().flat_map(move |action| {
                statement.resources.iter().map(move |resource| Use {
                    function: function.clone(),
                    action: action.clone(),
                    resource: resource.clone(),
                })
            })
        });
        pairs.collect()
    }
}

/// Whether an ARN matches a pattern, in which `*` stands for any text.
fn matches(pattern: &str, arn: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == arn,
        Some((before, after)) => arn.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices()
                .map(|(at, _)| at)
                .chain([rest.len()])
                .any(|at| rest.get(at..).is_some_and(|rest| matches(after, rest)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "arn:aws:dynamodb:eu-west-3:0:table/t";

    fn used(action: &str, resource: &str) -> Use {
        Use {
            function: "F".into(),
            action: action.into(),
            resource: resource.into(),
        }
    }

    fn policies(actions: &[&str], resource: &str) -> Policies {
        let statement = Statement {
            actions: actions.iter().map(ToString::to_string).collect(),
            resources: vec![resource.into()],
        };
        Policies([("F".to_owned(), vec![statement])].into())
    }

    #[test]
    fn what_is_not_allowed_is_told() {
        let policies = policies(&["dynamodb:GetItem"], TABLE);
        assert!(policies.allow(&used("dynamodb:GetItem", TABLE)));
        for wanted in [
            used("dynamodb:PutItem", TABLE),
            used("dynamodb:GetItem", &format!("{TABLE}/index/i")),
            used("dynamodb:GetItem", &format!("{TABLE}2")),
            Use {
                function: "G".into(),
                ..used("dynamodb:GetItem", TABLE)
            },
        ] {
            assert!(!policies.allow(&wanted), "{wanted}");
        }
    }

    #[test]
    fn what_is_not_needed_is_told() {
        let policies = policies(&["dynamodb:GetItem", "dynamodb:PutItem"], TABLE);
        let uses = BTreeSet::from([used("dynamodb:GetItem", TABLE)]);
        assert_eq!(policies.unused(&uses), [used("dynamodb:PutItem", TABLE)]);
        let uses = BTreeSet::from([
            used("dynamodb:GetItem", TABLE),
            used("dynamodb:PutItem", TABLE),
        ]);
        assert_eq!(policies.unused(&uses), []);
    }

    #[test]
    fn an_action_with_an_asterisk_is_never_needed() {
        let policies = policies(&["dynamodb:*"], TABLE);
        let uses = BTreeSet::from([used("dynamodb:GetItem", TABLE)]);
        assert_eq!(policies.unused(&uses), [used("dynamodb:*", TABLE)]);
        assert!(!policies.allow(&used("dynamodb:GetItem", TABLE)));
    }

    #[test]
    fn an_asterisk_in_an_arn_is_any_text() {
        for (pattern, arn, so) in [
            ("*", "a", true),
            ("a/*", "a/", true),
            ("a/*", "a/b/c", true),
            ("a/*/c", "a/b/c", true),
            ("a/*/c", "a/b/d", false),
            ("a/*", "b/a/", false),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, arn), so, "{pattern} {arn}");
        }
    }
}

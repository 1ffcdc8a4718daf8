//! What an alarm or a widget watches.

use std::collections::BTreeSet;

use dodolens::app::metrics::table::{ALL, Dimensions, Function, Metric, NAMESPACE};
use serde_json::{Map, Value};

use crate::{aws, filters, template};

/// A metric that is watched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Watch {
    pub namespace: String,
    pub metric: String,
    pub dimensions: Vec<(String, Named)>,
    /// Conditions of the template that hold wherever it is watched.
    pub conditions: BTreeSet<String>,
}

/// How the value of a dimension is given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// By `Ref`.
    Reference(String),
    /// By `Fn::GetAtt`.
    Attribute(String, String),
    /// A function's alias, by `Fn::Sub`.
    Alias(String, String),
    /// As it is.
    Text(String),
    /// Any that there is.
    Any,
}

impl Named {
    /// From the template's JSON.
    pub fn of(value: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        if let Some(id) = value.get("Ref") {
            Self::Reference(text(id))
        } else if let Some(path) = value.get("Fn::GetAtt") {
            Self::Attribute(text(&path[0]), text(&path[1]))
        } else if let Some(substituted) = value.get("Fn::Sub") {
            let (id, alias) = substituted.as_str().unwrap().split_once("}:").unwrap();
            Self::Alias(id.strip_prefix("${").unwrap().to_owned(), alias.to_owned())
        } else {
            Self::Text(text(value))
        }
    }

    /// From a text in which `${Name}` was written as `@Name`.
    pub fn rendered(text: &str) -> Self {
        match text.strip_prefix('@').map(|path| path.split_once('.')) {
            Some(Some((id, attribute))) => Self::Attribute(id.to_owned(), attribute.to_owned()),
            Some(None) => Self::Reference(text[1..].to_owned()),
            None => Self::Text(text.to_owned()),
        }
    }

    /// The resource that gives it.
    pub fn resource(&self) -> Option<&str> {
        match self {
            Self::Reference(id) | Self::Attribute(id, _) | Self::Alias(id, _) => Some(id),
            Self::Text(_) | Self::Any => None,
        }
    }
}

impl Watch {
    /// Why there is no such metric.
    pub fn check(&self, resources: &Map<String, Value>) -> Result<(), String> {
        for id in self
            .dimensions
            .iter()
            .filter_map(|(_, value)| value.resource())
        {
            let resource = resources.get(id).ok_or(format!("there is no {id}"))?;
            let condition = resource.get("Condition").and_then(Value::as_str);
            if condition.is_some_and(|condition| !self.holds(condition)) {
                return Err(format!("{id} is not always there"));
            }
        }
        if self.namespace != NAMESPACE {
            return aws::check(self, resources);
        }
        let metric = self.of_ours().ok_or("no such metric in the table")?;
        let names: Vec<&str> = self.dimensions.iter().map(|(name, _)| &**name).collect();
        if names != metric.dimensions.names() {
            return Err(format!(
                "its dimensions are {:?}",
                metric.dimensions.names()
            ));
        }
        if metric.dimensions == Dimensions::Api {
            return filters::check(self, resources);
        }
        let function = self.emitter(resources).ok_or("no function gives it")?;
        if !metric.functions.contains(&function) {
            return Err(format!("{function:?} does not emit it"));
        }
        match (metric.dimensions, self.dimensions.get(1)) {
            (Dimensions::Provider, Some((_, Named::Any))) | (_, None) => Ok(()),
            (_, provider) => Err(format!("{provider:?} may not be in use")),
        }
    }

    /// Whether a condition holds wherever this is watched.
    fn holds(&self, condition: &str) -> bool {
        let conditions = &template()["Conditions"];
        self.conditions.iter().any(|known| {
            let all = conditions[known]["Fn::And"].as_array();
            let implied =
                all.is_some_and(|all| all.iter().any(|each| each["Condition"] == condition));
            known == condition || implied
        })
    }

    /// The metric of the table.
    pub fn of_ours(&self) -> Option<&'static Metric> {
        ALL.iter().find(|metric| metric.name == self.metric)
    }

    fn emitter(&self, resources: &Map<String, Value>) -> Option<Function> {
        let Named::Reference(id) = &self.dimensions.first()?.1 else {
            return None;
        };
        let function = &resources[id];
        let binary = &function["Metadata"]["BuildProperties"]["Binary"];
        let is = |each: &Function| {
            function["Type"] == "AWS::Serverless::Function" && binary == each.binary()
        };
        Function::ALL.into_iter().find(is)
    }
}

#[test]
fn what_does_not_exist_is_noticed() {
    let resources = crate::resources();
    let watch = |namespace: &str, metric: &str, dimensions: &[(&str, &str)]| Watch {
        namespace: namespace.to_owned(),
        metric: metric.to_owned(),
        dimensions: dimensions
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Named::rendered(value)))
            .collect(),
        conditions: BTreeSet::new(),
    };
    let verdict =
        |namespace, metric, dimensions: &[_]| watch(namespace, metric, dimensions).check(resources);
    let by = |function| [("FunctionName", function)];
    assert_eq!(
        verdict("DodoLens", "media.overdue", &by("@SweepFunction")),
        Ok(())
    );
    assert_eq!(
        verdict("AWS/Lambda", "Errors", &by("@SweepFunction")),
        Ok(())
    );
    for (namespace, metric, dimensions) in [
        ("DodoLens", "media.overdo", by("@SweepFunction")),
        ("DodoLens", "media.overdue", by("@SessionFunction")),
        ("DodoLens", "media.overdue", by("@Jobs")),
        ("DodoLens", "media.overdue", by("sweep")),
        ("DodoLens", "media.overdue", by("@NoFunction")),
        (
            "DodoLens",
            "media.overdue",
            [("Function", "@SweepFunction")],
        ),
        ("DodoLens", "ai.cost", by("@ProcessFunction")),
        // Only there with a sink.
        ("DodoLens", "deliveries.accepted", by("@DeliverFunction")),
        ("AWS/Lambda", "Error", by("@SweepFunction")),
        (
            "AWS/Lambda",
            "Errors",
            [("FunctionName", "@SweepFunction.Arn")],
        ),
        (
            "AWS/SQS",
            "ApproximateAgeOfOldestMessage",
            [("QueueName", "@Jobs")],
        ),
        (
            "AWS/SQS",
            "NumberOfMessages",
            [("QueueName", "@Jobs.QueueName")],
        ),
        ("AWS/ApiGateway", "5XXError", [("ApiId", "@HttpApi")]),
        ("AWS/ApiGateway", "5xx", [("ApiId", "@WebSocketApi")]),
    ] {
        assert!(
            verdict(namespace, metric, &dimensions).is_err(),
            "{metric} {dimensions:?}"
        );
    }
}

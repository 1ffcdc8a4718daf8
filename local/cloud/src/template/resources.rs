//! The resources whose condition holds, and their properties as typed values.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    Places,
    document::{Document, Resource, Rule},
    error::TemplateError,
    intrinsics::Resolver,
    names::{Names, function_arn, physical, queue_arn},
};

/// Types that are run, each by the reader named.
const RUN: [&str; 9] = [
    "AWS::ApiGatewayV2::Api",                // apis
    "AWS::ApiGatewayV2::Integration",        // apis
    "AWS::ApiGatewayV2::Route",              // apis
    "AWS::ApiGatewayV2::Stage",              // apis
    "AWS::DynamoDB::Table",                  // storage
    "AWS::SQS::Queue",                       // storage
    "AWS::SecretsManager::RotationSchedule", // storage
    "AWS::SecretsManager::Secret",           // storage
    "AWS::Serverless::Function",             // functions
];

/// Types that make no difference on one machine. An authorizer is only missed by a route that asks for it, and such a
/// route is refused; the layers' content comes from `Places::layers`.
const NOT_RUN: [&str; 22] = [
    "AWS::ApiGateway::Account",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::AppConfig::Application",
    "AWS::AppConfig::ConfigurationProfile",
    "AWS::AppConfig::HostedConfigurationVersion",
    "AWS::Budgets::Budget",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::ElastiCache::User",
    "AWS::ElastiCache::UserGroup",
    "AWS::IAM::Role",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::Logs::QueryDefinition",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::Serverless::LayerVersion",
];

/// Begins the types of the network: everything here is on one machine.
const NETWORK: &str = "AWS::EC2::";

/// What the readers work on.
pub(super) struct Resources<'a> {
    active: BTreeMap<&'a str, &'a Resource>,
    resolver: Resolver<'a>,
    pub(super) places: &'a Places,
}

impl<'a> Resources<'a> {
    /// Drops what a condition rules out and refuses types that are not known.
    pub(super) fn new(
        document: &'a Document,
        parameters: &'a BTreeMap<String, Value>,
        places: &'a Places,
    ) -> Result<Self, TemplateError> {
        let names = Names {
            kinds: BTreeMap::new(),
            sqs: &places.sqs,
        };
        let mut resolver = Resolver {
            parameters,
            conditions: &document.conditions,
            names,
        };
        for (name, rule) in &document.rules {
            check(rule, &resolver).map_err(|reason| TemplateError::Rule {
                name: name.clone(),
                reason,
            })?;
        }
        let mut active = BTreeMap::new();
        for (id, resource) in &document.resources {
            let kind = resource.kind.as_str();
            if !RUN.contains(&kind) && !NOT_RUN.contains(&kind) && !kind.starts_with(NETWORK) {
                return Err(TemplateError::Kind {
                    resource: id.clone(),
                    kind: resource.kind.clone(),
                });
            }
            let holds = match &resource.condition {
                Some(condition) => resolver.holds(condition),
                None => Ok(true),
            };
            if holds.map_err(|reason| TemplateError::property(id, "Condition", reason))? {
                active.insert(id.as_str(), resource);
            }
        }
        resolver.names.kinds = active
            .iter()
            .map(|(id, resource)| (*id, resource.kind.as_str()))
            .collect();
        Ok(Self {
            active,
            resolver,
            places,
        })
    }

    /// The type of each resource.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &'a str> {
        self.active.values().map(|resource| resource.kind.as_str())
    }

    /// The resources of a type, by logical id.
    pub(super) fn of(&self, kind: &str) -> impl Iterator<Item = (&'a str, &'a Resource)> {
        self.active
            .iter()
            .filter(move |(_, resource)| resource.kind == kind)
            .map(|(id, resource)| (*id, *resource))
    }

    /// A resource's properties, resolved. Those named in `irrelevant` make no difference here and are not looked at;
    /// `T` denies all that it doesn't know.
    pub(super) fn properties<T: DeserializeOwned>(
        &self,
        id: &str,
        resource: &Resource,
        irrelevant: &[&str],
    ) -> Result<T, TemplateError> {
        let mut resolved = Map::new();
        for (key, value) in resource
            .properties
            .iter()
            .filter(|(key, _)| !irrelevant.contains(&key.as_str()))
        {
            let value = self
                .resolver
                .resolve(value)
                .map_err(|reason| TemplateError::property(id, key, reason))?;
            if let Some(value) = value {
                resolved.insert(key.clone(), value);
            }
        }
        serde_path_to_error::deserialize(Value::Object(resolved)).map_err(|error| {
            TemplateError::property(id, &error.path().to_string(), error.inner().to_string())
        })
    }

    /// Logical id of the function whose ARN is, or stands in, the given text.
    pub(super) fn function(&self, arn: &str) -> Result<String, String> {
        let arn = arn
            .split_once("/functions/")
            .map_or(arn, |(_, arn)| arn.trim_end_matches("/invocations"));
        let found = self
            .of("AWS::Serverless::Function")
            .find(|(id, _)| function_arn(id) == arn);
        found
            .map(|(id, _)| id.to_owned())
            .ok_or_else(|| "is no function of this template".to_owned())
    }

    /// Physical name of the queue with this ARN.
    pub(super) fn queue(&self, arn: &str) -> Result<String, String> {
        let found = self
            .of("AWS::SQS::Queue")
            .find(|(id, _)| queue_arn(id) == arn);
        found
            .map(|(id, _)| physical(id))
            .ok_or_else(|| "is no queue of this template".to_owned())
    }
}

/// What the rule asserts, if the parameters break it.
fn check(rule: &Rule, resolver: &Resolver<'_>) -> Result<(), String> {
    if let Some(condition) = &rule.rule_condition
        && !resolver.asserts(condition)?
    {
        return Ok(());
    }
    for assertion in &rule.assertions {
        if !resolver.asserts(&assertion.assert)? {
            return Err(assertion.assert_description.clone());
        }
    }
    Ok(())
}

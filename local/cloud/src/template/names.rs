//! What this machine calls the stack's resources: stable names, ARNs, ids and URLs, all made of the logical id.

use std::collections::BTreeMap;

/// Name of the stack.
pub const STACK: &str = "dodolens";
/// Region that resources and clients take themselves to be in.
pub const REGION: &str = "eu-west-3";
/// Account that owns the resources.
pub const ACCOUNT: &str = "000000000000";
pub(super) const PARTITION: &str = "aws";
pub(super) const URL_SUFFIX: &str = "amazonaws.com";

/// The resources that can be referred to: types by logical id, without those whose condition is false.
#[derive(Debug)]
pub(super) struct Names<'a> {
    pub(super) kinds: BTreeMap<&'a str, &'a str>,
    /// Base URL of the queue service.
    pub(super) sqs: &'a str,
}

impl Names<'_> {
    /// What `Ref` gives. SAM's `Function.Alias` is the function itself: it has one version here.
    pub(super) fn reference(&self, id: &str) -> Result<String, String> {
        if let Some(function) = id.strip_suffix(".Alias") {
            return self.attribute(function, "Arn");
        }
        match self.kind(id)? {
            "AWS::Serverless::Function" | "AWS::DynamoDB::Table" => Ok(physical(id)),
            "AWS::SQS::Queue" => Ok(format!("{}/{ACCOUNT}/{}", self.sqs, physical(id))),
            "AWS::SecretsManager::Secret" => Ok(secret_arn(id)),
            "AWS::ApiGatewayV2::Api" => Ok(api_id(id)),
            "AWS::ApiGatewayV2::Integration" => Ok(id.to_owned()),
            kind => Err(format!("Ref to {id}, a {kind}, can't be resolved here")),
        }
    }

    /// What `Fn::GetAtt` gives.
    pub(super) fn attribute(&self, id: &str, attribute: &str) -> Result<String, String> {
        match (self.kind(id)?, attribute) {
            ("AWS::Serverless::Function", "Arn") => Ok(function_arn(id)),
            ("AWS::DynamoDB::Table", "Arn") => Ok(crate::names::table_arn(&physical(id))),
            ("AWS::SQS::Queue", "Arn") => Ok(queue_arn(id)),
            ("AWS::SQS::Queue", "QueueName") => Ok(physical(id)),
            ("AWS::SQS::Queue", "QueueUrl") | ("AWS::SecretsManager::Secret", "Id") => {
                self.reference(id)
            }
            ("AWS::ApiGatewayV2::Api", "ApiId") => self.reference(id),
            // No such server runs here; who wants one puts its address into `VALKEY_URL`.
            ("AWS::ElastiCache::ServerlessCache", "Endpoint.Address") => {
                Ok(format!("{}.invalid", physical(id)))
            }
            ("AWS::ElastiCache::ServerlessCache", "Endpoint.Port") => Ok("6379".to_owned()),
            (kind, _) => Err(format!(
                "attribute {attribute} of {id}, a {kind}, can't be resolved here"
            )),
        }
    }

    fn kind(&self, id: &str) -> Result<&str, String> {
        self.kinds
            .get(id)
            .copied()
            .ok_or_else(|| format!("{id} is no parameter and no resource whose condition holds"))
    }
}

/// Physical name of a resource.
pub(super) fn physical(id: &str) -> String {
    format!("{STACK}-{id}")
}

/// Id of an API, as it stands in the host name of its URLs.
pub(super) fn api_id(id: &str) -> String {
    id.to_ascii_lowercase()
}

pub(super) fn function_arn(id: &str) -> String {
    arn("lambda", &format!("function:{}", physical(id)))
}

pub(super) fn queue_arn(id: &str) -> String {
    arn("sqs", &physical(id))
}

pub(super) fn secret_arn(id: &str) -> String {
    crate::names::secret_arn(&physical(id))
}

fn arn(service: &str, resource: &str) -> String {
    format!("arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:{resource}")
}

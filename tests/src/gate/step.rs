//! Who asks for what, as seen from outside.

use std::fmt;

use axum::http::{HeaderMap, Method, header::AUTHORIZATION};
use serde_json::Value;

/// The one function that asks the AI; its requests carry the provider's key and no name.
const ASKS_AI: &str = "ProcessFunction";
/// What every physical name begins with.
const STACK: &str = "dodolens-";

/// One request of a function, known by its number among its likes: what runs in parallel may come in any order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// Logical id of the function.
    pub function: String,
    /// The operation and what it is done to, such as `GetItem Sessions`.
    pub operation: String,
    /// Counted from 1.
    pub number: u32,
}

impl Step {
    /// Whether it reads and changes nothing, so that a crash before it and one after it leave the same behind.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        ["Get", "BatchGet", "Query", "Describe"]
            .iter()
            .any(|verb| self.operation.starts_with(verb))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            function,
            operation,
            number,
        } = self;
        write!(f, "{function}, {operation} #{number}")
    }
}

/// On which side of a request a function ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The service does not get it.
    Before,
    /// The service has done it; the function does not learn of it.
    After,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    DynamoDb,
    Sqs,
    Secrets,
    Connections,
    Ai,
}

impl Service {
    /// By the header that names the operation of an AWS service with JSON requests.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match target(headers).split('.').next() {
            Some("AmazonSQS") => Self::Sqs,
            Some("secretsmanager") => Self::Secrets,
            _ => Self::DynamoDb,
        }
    }
}

fn target(headers: &HeaderMap) -> &str {
    let target = headers.get("x-amz-target");
    target.and_then(|it| it.to_str().ok()).unwrap_or_default()
}

/// The function, by the id of the key that its request is signed with.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html>
pub(super) fn function_of(service: Service, headers: &HeaderMap) -> String {
    if service == Service::Ai {
        return ASKS_AI.to_owned();
    }
    let signature = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok());
    let credential = signature.and_then(|it| Some(it.split_once("Credential=")?.1));
    let key = credential.and_then(|it| it.split('/').next());
    key.unwrap_or("unsigned").to_owned()
}

pub(super) fn operation_of(
    service: Service,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> String {
    match service {
        Service::Ai => format!("{method} {path}"),
        Service::Connections => format!("{method} @connections"),
        _ => {
            let name = target(headers).rsplit('.').next().unwrap_or_default();
            format!("{name} {}", object_of(body))
        }
    }
}

/// The table, queue or secret, by its logical id.
fn object_of(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let member = |name| body.get(name).and_then(Value::as_str);
    let tables = body.get("RequestItems").and_then(Value::as_object);
    let name = ["TableName", "SecretId", "QueueUrl"]
        .into_iter()
        .find_map(member)
        .or_else(|| tables?.keys().next().map(String::as_str));
    let id = name.and_then(|name| Some(name.split_once(STACK)?.1));
    // After a secret's name come six characters of the service's own.
    let id = id.and_then(|id| id.split('-').next());
    id.unwrap_or("nothing known").to_owned()
}

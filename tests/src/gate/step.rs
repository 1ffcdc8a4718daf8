//! A request of a function as the tests name it.

use std::fmt;

use dodolens_local::aws_proxy::{Call, Service};

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

/// The operation and the logical id of what it is done to.
pub(super) fn operation(call: &Call) -> String {
    match call.service {
        Service::Ai | Service::Connections => call.operation.clone(),
        Service::DynamoDb | Service::Sqs | Service::Secrets => {
            let arn = call.resources.first();
            let id = arn.and_then(|arn| Some(arn.split_once(STACK)?.1));
            // After a table's name come its index, after a secret's six characters of the service's own.
            let id = id.and_then(|id| id.split(['-', '/']).next());
            format!("{} {}", call.operation, id.unwrap_or("nothing known"))
        }
    }
}

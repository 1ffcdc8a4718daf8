//! Counts of sessions in DynamoDB, an item for each client and window.

use std::num::NonZeroU32;

use aws_sdk_dynamodb::{Client, operation::update_item::UpdateItemError, types::AttributeValue};

use super::unavailable;
use dodolens_app::ports::{Admission, QuotaStore, Unavailable};
use dodolens_domain::{quota::Pseudonym, time::Timestamp};

const WHAT: &str = "the table of quotas";
const KEY: &str = "principal";
const SESSIONS: &str = "sessions";
const TTL: &str = "ttl";

/// The Quotas table.
#[derive(Debug, Clone)]
pub struct DynamoQuotas {
    client: Client,
    table: String,
}

impl DynamoQuotas {
    /// The table named `table`.
    #[must_use]
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}

impl QuotaStore for DynamoQuotas {
    async fn count_session(
        &self,
        client: Pseudonym,
        most: NonZeroU32,
        until: Timestamp,
    ) -> Result<Admission, Unavailable> {
        let number = |number: i64| AttributeValue::N(number.to_string());
        let counted = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(KEY, AttributeValue::S(client.to_string()))
            .update_expression("SET #ttl = :ttl ADD #sessions :one")
            .condition_expression("attribute_not_exists(#sessions) OR #sessions < :most")
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_names("#sessions", SESSIONS)
            .expression_attribute_values(":ttl", number(until.as_secs_ceil()))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(most.get().into()))
            .send()
            .await;
        match counted {
            Ok(_) => Ok(Admission::Admitted),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(Admission::Refused),
                _ => Err(unavailable(WHAT, &error)),
            },
        }
    }
}

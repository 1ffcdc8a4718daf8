//! Sealed parts in DynamoDB, each under a partition key of its own.

use aws_sdk_dynamodb::{
    Client,
    operation::delete_item::DeleteItemError,
    primitives::Blob,
    types::{AttributeValue, KeysAndAttributes},
};
use std::collections::HashMap;

use super::unavailable;
use dodolens_app::ports::{PartKey, PartStore, Unavailable};
use dodolens_domain::time::Timestamp;

const WHAT: &str = "the table of parts";
const KEY: &str = "part";
const SEALED: &str = "sealed";
const EXPIRES_AT: &str = "expires_at";
const TTL: &str = "ttl";

/// Most keys of a BatchGetItem.
const BATCH: usize = 100;

/// The Chunks table.
#[derive(Debug, Clone)]
pub struct DynamoParts {
    client: Client,
    table: String,
}

impl DynamoParts {
    /// The table named `table`.
    #[must_use]
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    async fn read(
        &self,
        key: PartKey,
        consistent: bool,
    ) -> Result<Option<HashMap<String, AttributeValue>>, Unavailable> {
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(KEY, AttributeValue::S(key.to_string()))
            .consistent_read(consistent)
            .send()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        Ok(found.item)
    }

    /// Asks for the keys alone; what the table leaves unprocessed is asked again.
    async fn count_batch(&self, keys: &[PartKey]) -> Result<usize, Unavailable> {
        let names = keys
            .iter()
            .map(|key| HashMap::from([(KEY.into(), AttributeValue::S(key.to_string()))]));
        let ask = KeysAndAttributes::builder()
            .set_keys(Some(names.collect()))
            .consistent_read(true)
            .projection_expression("#key")
            .expression_attribute_names("#key", KEY)
            .build()
            .map_err(|_| Unavailable(WHAT))?;
        let mut count = 0;
        let mut left = Some(HashMap::from([(self.table.clone(), ask)]));
        while let Some(request) = left.filter(|left| !left.is_empty()) {
            let answer = self
                .client
                .batch_get_item()
                .set_request_items(Some(request))
                .send()
                .await
                .map_err(|error| unavailable(WHAT, &error))?;
            count += answer
                .responses
                .unwrap_or_default()
                .values()
                .map(Vec::len)
                .sum::<usize>();
            left = answer.unprocessed_keys;
        }
        Ok(count)
    }
}

impl PartStore for DynamoParts {
    async fn put(
        &self,
        key: PartKey,
        sealed: Vec<u8>,
        expires_at: Timestamp,
    ) -> Result<(), Unavailable> {
        self.client
            .put_item()
            .table_name(&self.table)
            .item(KEY, AttributeValue::S(key.to_string()))
            .item(SEALED, AttributeValue::B(Blob::new(sealed)))
            .item(
                EXPIRES_AT,
                AttributeValue::N(expires_at.as_millis().to_string()),
            )
            .item(
                TTL,
                AttributeValue::N(expires_at.as_secs_ceil().to_string()),
            )
            .send()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        Ok(())
    }

    async fn get(&self, key: PartKey, now: Timestamp) -> Result<Option<Vec<u8>>, Unavailable> {
        let mut found = self.read(key, false).await?;
        if found.is_none() {
            found = self.read(key, true).await?;
        }
        let Some(mut item) = found else {
            return Ok(None);
        };
        let expires_at = item
            .get(EXPIRES_AT)
            .and_then(|at| at.as_n().ok()?.parse().ok())
            .map(Timestamp::from_millis);
        if expires_at.is_none_or(|at| at <= now) {
            return Ok(None);
        }
        match item.remove(SEALED) {
            Some(AttributeValue::B(sealed)) => Ok(Some(sealed.into_inner())),
            _ => Ok(None),
        }
    }

    async fn delete(&self, key: PartKey, expired_by: Option<Timestamp>) -> Result<(), Unavailable> {
        let mut request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(KEY, AttributeValue::S(key.to_string()));
        if let Some(now) = expired_by {
            request = request
                .condition_expression("attribute_not_exists(#key) OR #at <= :now")
                .expression_attribute_names("#key", KEY)
                .expression_attribute_names("#at", EXPIRES_AT)
                .expression_attribute_values(
                    ":now",
                    AttributeValue::N(now.as_millis().to_string()),
                );
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(unavailable(WHAT, &error)),
            },
        }
    }

    async fn count_present(&self, keys: &[PartKey]) -> Result<usize, Unavailable> {
        let mut count = 0;
        for batch in keys.chunks(BATCH) {
            count += self.count_batch(batch).await?;
        }
        Ok(count)
    }
}

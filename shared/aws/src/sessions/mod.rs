//! Sessions in DynamoDB: one item each, every change one conditional `UpdateItem`.

mod change;
mod item;
mod record;
mod update;

use aws_sdk_dynamodb::{
    Client,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use futures::{TryStreamExt as _, future::join_all, stream};

use super::unavailable;
use dodolens_app::ports::{
    ChangeError, ConnectionStore, Corrupt, SessionStore, StoreError, Unavailable,
};
use dodolens_domain::{
    ids::{ConnectionId, SessionId},
    session::{Change, Session},
    time::Timestamp,
};
use item::{KEY, SWEEP_AT, SWEEP_INDEX, SWEEP_SHARD, SWEEP_SHARDS, number, text};

const WHAT: &str = "the table of sessions";

/// Tries of a change whose condition failed although the item that came back allows it: somebody was quicker.
const RACES: usize = 4;

/// The Sessions table.
#[derive(Debug, Clone)]
pub struct DynamoSessions {
    client: Client,
    table: String,
}

impl DynamoSessions {
    /// The table named `table`.
    #[must_use]
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Opens connections, by reading what no session is called. Whether it is found out that they can't be opened does not
    /// matter.
    pub async fn connect(&self, connections: usize) {
        let read = || {
            let request = self.client.get_item().table_name(&self.table);
            request.key(KEY, text("none".to_owned())).send()
        };
        let opened = join_all((0..connections).map(|_| read())).await;
        for error in opened.iter().filter_map(|read| read.as_ref().err()) {
            unavailable(WHAT, error);
        }
    }

    async fn due_in(&self, shard: u8, now: Timestamp) -> Result<Vec<SessionId>, Unavailable> {
        let pages = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(SWEEP_INDEX)
            .key_condition_expression("#shard = :shard AND #at <= :now")
            .expression_attribute_names("#shard", SWEEP_SHARD)
            .expression_attribute_names("#at", SWEEP_AT)
            .expression_attribute_values(":shard", text(shard.to_string()))
            .expression_attribute_values(":now", number(now.as_millis()))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        let ids = pages
            .iter()
            .filter_map(|item| item.get(KEY)?.as_s().ok()?.parse().ok());
        Ok(ids.collect())
    }
}

impl SessionStore for DynamoSessions {
    async fn create(&self, session: &Session) -> Result<(), Unavailable> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::write(session)))
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", KEY)
            .send()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        Ok(())
    }

    async fn load(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(KEY, text(id.to_string()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        found
            .item
            .map(|item| item::read(&item).map_err(StoreError::from))
            .transpose()
    }

    async fn change(
        &self,
        id: SessionId,
        change: &Change,
        now: Timestamp,
    ) -> Result<Session, ChangeError> {
        for _ in 0..RACES {
            let request = self
                .client
                .update_item()
                .table_name(&self.table)
                .key(KEY, text(id.to_string()))
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                );
            let old = match change::update(change, now).apply(request).send().await {
                Ok(after) => {
                    let item = after.attributes.ok_or(Corrupt(KEY))?;
                    return Ok(item::read(&item)?);
                }
                Err(error) => match error.as_service_error() {
                    Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                        failed.item().cloned()
                    }
                    _ => return Err(unavailable(WHAT, &error).into()),
                },
            };
            let old = old.ok_or(ChangeError::NotFound)?;
            item::read(&old)?.allows(change, now)?;
        }
        tracing::error!(session = %id, "the condition of a change does not say what the domain says");
        Err(Unavailable(WHAT).into())
    }

    async fn due(&self, now: Timestamp) -> Result<Vec<SessionId>, Unavailable> {
        stream::iter((0..SWEEP_SHARDS).map(Ok))
            .and_then(|shard| self.due_in(shard, now))
            .try_fold(Vec::new(), async |mut all, ids| {
                all.extend(ids);
                Ok(all)
            })
            .await
    }

    async fn forget(&self, id: SessionId) -> Result<(), Unavailable> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .key(KEY, text(id.to_string()))
            .send()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        Ok(())
    }
}

/// A connection is an item of its own beside the sessions, under a key that no session has.
fn connection_key(connection: &ConnectionId) -> AttributeValue {
    text(format!("connection#{connection}"))
}

const BOUND_SESSION: &str = "bound_session";

impl ConnectionStore for DynamoSessions {
    async fn bind(
        &self,
        connection: &ConnectionId,
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<(), Unavailable> {
        self.client
            .put_item()
            .table_name(&self.table)
            .item(KEY, connection_key(connection))
            .item(BOUND_SESSION, text(session.to_string()))
            .item(item::TTL, number(expires_at.as_secs_ceil()))
            .send()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        Ok(())
    }

    async fn unbind(&self, connection: &ConnectionId) -> Result<Option<SessionId>, Unavailable> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(KEY, connection_key(connection))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        Ok(deleted
            .attributes
            .and_then(|item| item.get(BOUND_SESSION)?.as_s().ok()?.parse().ok()))
    }
}

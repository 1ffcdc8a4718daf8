//! DynamoDB, embedded: the stack's tables with their indexes.

use std::time::Duration;

use dynoxide::Database;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::stack::{Key, Table};

/// A table that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("table {table}: {reason}")]
pub struct TableError {
    /// Physical name.
    pub table: String,
    /// What the database said.
    pub reason: String,
}

/// Makes a table.
///
/// # Errors
/// When the database refuses it.
pub(super) fn create(database: &Database, table: &Table) -> Result<(), TableError> {
    let failed = |reason: String| TableError {
        table: table.name.clone(),
        reason,
    };
    let request =
        serde_json::from_value(definition(table)).map_err(|error| failed(error.to_string()))?;
    database
        .create_table(request)
        .map_err(|error| failed(error.to_string()))?;
    let Some(attribute) = &table.ttl_attribute else {
        return Ok(());
    };
    let specification = json!({ "AttributeName": attribute, "Enabled": true });
    let request = json!({ "TableName": table.name, "TimeToLiveSpecification": specification });
    let request = serde_json::from_value(request).map_err(|error| failed(error.to_string()))?;
    database
        .update_time_to_live(request)
        .map_err(|error| failed(error.to_string()))?;
    Ok(())
}

/// Deletes expired items every so often, until `stop` changes.
pub(super) async fn sweep(database: Database, every: Duration, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            () = tokio::time::sleep(every) => {}
        }
        let database = database.clone();
        match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "dynamodb.sweep_failed"),
            Err(error) => tracing::warn!(%error, "dynamodb.sweep_failed"),
        }
    }
}

/// The body of a `CreateTable` request.
fn definition(table: &Table) -> Value {
    let attributes: Vec<_> = table
        .attributes
        .iter()
        .map(|(name, kind)| json!({ "AttributeName": name, "AttributeType": kind }))
        .collect();
    let mut request = json!({
        "TableName": table.name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": schema(&table.key),
    });
    let indexes: Vec<_> = table
        .indexes
        .iter()
        .map(|index| {
            let mut projection = json!({ "ProjectionType": index.projection });
            if let Value::Object(projection) = &mut projection
                && !index.included.is_empty()
            {
                projection.insert("NonKeyAttributes".into(), json!(index.included));
            }
            json!({ "IndexName": index.name, "KeySchema": schema(&index.key), "Projection": projection })
        })
        .collect();
    if let Value::Object(request) = &mut request
        && !indexes.is_empty()
    {
        request.insert("GlobalSecondaryIndexes".into(), indexes.into());
    }
    request
}

fn schema(key: &Key) -> Value {
    let hash = json!({ "AttributeName": key.hash, "KeyType": "HASH" });
    let range = key.range.as_ref();
    let range = range.map(|name| json!({ "AttributeName": name, "KeyType": "RANGE" }));
    std::iter::once(hash).chain(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Index;

    fn table() -> Table {
        let attributes = ["id", "minute", "part"].map(|name| (name.to_owned(), "S".to_owned()));
        Table {
            name: "things".into(),
            attributes: attributes.into(),
            key: Key {
                hash: "id".into(),
                range: Some("part".into()),
            },
            indexes: vec![Index {
                name: "by_minute".into(),
                key: Key {
                    hash: "minute".into(),
                    range: None,
                },
                projection: "INCLUDE".into(),
                included: vec!["state".into()],
            }],
            ttl_attribute: Some("expires_at".into()),
        }
    }

    fn ask<T: serde::de::DeserializeOwned>(request: Value) -> T {
        serde_json::from_value(request).unwrap()
    }

    #[test]
    fn a_table_has_its_keys_index_and_ttl() {
        let database = Database::memory().unwrap();
        create(&database, &table()).unwrap();
        let described = database
            .describe_table(ask(json!({ "TableName": "things" })))
            .unwrap();
        let described = serde_json::to_value(described).unwrap();
        let described = &described["Table"];
        assert_eq!(described["KeySchema"][1]["AttributeName"], "part");
        let index = &described["GlobalSecondaryIndexes"][0];
        assert_eq!(index["IndexName"], "by_minute");
        assert_eq!(index["Projection"]["NonKeyAttributes"], json!(["state"]));
        let ttl = database
            .describe_time_to_live(ask(json!({ "TableName": "things" })))
            .unwrap();
        let ttl = serde_json::to_value(ttl).unwrap();
        assert_eq!(ttl["TimeToLiveDescription"]["AttributeName"], "expires_at");
    }

    #[test]
    fn a_table_without_its_keys_type_is_refused() {
        let database = Database::memory().unwrap();
        let mut table = table();
        table.attributes.remove("id");
        assert_eq!(create(&database, &table).unwrap_err().table, "things");
    }

    #[tokio::test]
    async fn a_sweep_deletes_what_has_expired() {
        let database = Database::memory().unwrap();
        create(&database, &table()).unwrap();
        let item = json!({ "id": { "S": "a" }, "part": { "S": "b" }, "expires_at": { "N": "1000000000" } });
        database
            .put_item(ask(json!({ "TableName": "things", "Item": item })))
            .unwrap();
        let (_stop, stopped) = watch::channel(false);
        let sweeper = tokio::spawn(sweep(database.clone(), Duration::from_millis(10), stopped));
        let items = || {
            database
                .scan(ask(json!({ "TableName": "things" })))
                .unwrap()
                .count
        };
        let deadline = tokio::time::Instant::now() + Duration::from_secs(120);
        while items() > 0 && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(items(), 0);
        sweeper.abort();
    }
}

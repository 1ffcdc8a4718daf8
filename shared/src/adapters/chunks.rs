//! The store of sealed parts that the service was deployed with.

use super::{ValkeyChunks, aws::DynamoChunks};
use crate::{
    domain::time::Timestamp,
    ports::{ChunkStore, PartKey, Unavailable},
};

/// One of the stores.
#[derive(Debug)]
pub enum Chunks {
    /// A table of DynamoDB.
    Dynamo(DynamoChunks),
    /// A Valkey or Redis server.
    Valkey(Box<ValkeyChunks>),
}

impl ChunkStore for Chunks {
    async fn put(
        &self,
        key: PartKey,
        sealed: Vec<u8>,
        expires_at: Timestamp,
    ) -> Result<(), Unavailable> {
        match self {
            Self::Dynamo(store) => store.put(key, sealed, expires_at).await,
            Self::Valkey(store) => store.put(key, sealed, expires_at).await,
        }
    }

    async fn get(&self, key: PartKey, now: Timestamp) -> Result<Option<Vec<u8>>, Unavailable> {
        match self {
            Self::Dynamo(store) => store.get(key, now).await,
            Self::Valkey(store) => store.get(key, now).await,
        }
    }

    async fn delete(&self, key: PartKey, expired_by: Option<Timestamp>) -> Result<(), Unavailable> {
        match self {
            Self::Dynamo(store) => store.delete(key, expired_by).await,
            Self::Valkey(store) => store.delete(key, expired_by).await,
        }
    }

    async fn count_present(&self, keys: &[PartKey]) -> Result<usize, Unavailable> {
        match self {
            Self::Dynamo(store) => store.count_present(keys).await,
            Self::Valkey(store) => store.count_present(keys).await,
        }
    }
}

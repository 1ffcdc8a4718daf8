//! The store of sealed parts that the service was deployed with.

use dodolens_app::ports::{PartKey, PartStore, Unavailable};
use dodolens_aws::{DynamoParts, clients::Clients};
use dodolens_config::{self as config, ConfigError};
use dodolens_domain::time::Timestamp;
use dodolens_valkey::ValkeyParts;

/// One of the stores.
#[derive(Debug)]
pub enum Parts {
    /// A table of DynamoDB.
    Dynamo(DynamoParts),
    /// A Valkey or Redis server.
    Valkey(Box<ValkeyParts>),
}

impl Parts {
    /// `CHUNK_STORE`: `dynamodb` has its parts in `CHUNKS_TABLE`, `valkey` on the server at `VALKEY_URL`, with the
    /// password in `VALKEY_SECRET`.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub async fn from_environment(aws: &Clients) -> Result<Self, ConfigError> {
        const NAME: &str = "CHUNK_STORE";
        match config::text(NAME)?.as_str() {
            "dynamodb" => aws.parts().map(Self::Dynamo),
            "valkey" => {
                let (address, secret) =
                    (config::value("VALKEY_URL")?, config::text("VALKEY_SECRET")?);
                let store = ValkeyParts::connect(address, aws.secrets(), secret).await;
                Ok(Self::Valkey(Box::new(store)))
            }
            _ => Err(ConfigError::Invalid(NAME)),
        }
    }
}

impl PartStore for Parts {
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

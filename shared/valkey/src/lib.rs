//! Sealed parts in Valkey or Redis: a key each, which the server drops at the part's deadline by itself.
//!
//! Every command names one key. So it works the same on a plain server and on ElastiCache Serverless, which speaks
//! cluster mode and shows all slots as one node's:
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/RedisConfiguration.html>

mod link;

use self::link::Link;
pub use self::link::ValkeyAddress;
use dodolens_app::ports::{PartKey, PartStore, Unavailable};
use dodolens_aws::SecretsClient;
use dodolens_domain::time::Timestamp;

/// Most commands sent before an answer is awaited.
const PIPELINE: usize = 500;

/// Deletes a part whose deadline is not after the given moment, both in Unix milliseconds. What is absent has a negative
/// one.
/// <https://valkey.io/commands/pexpiretime/>
const DELETE_IF_EXPIRED: &str = "\
    if redis.call('PEXPIRETIME', KEYS[1]) <= tonumber(ARGV[1]) then \
        return redis.call('DEL', KEYS[1]) \
    end \
    return 0";

/// A server's parts.
#[derive(Debug)]
pub struct ValkeyParts(Link);

impl ValkeyParts {
    /// Those of the server at `address`, whose password is the text of `secret`. It is connected to now, so that the
    /// first request need not wait; if that fails, each request tries again.
    pub async fn connect(address: ValkeyAddress, secrets: SecretsClient, secret: String) -> Self {
        let link = Link::new(address, secrets, secret);
        link.warm().await;
        Self(link)
    }
}

impl PartStore for ValkeyParts {
    async fn put(
        &self,
        key: PartKey,
        sealed: Vec<u8>,
        expires_at: Timestamp,
    ) -> Result<(), Unavailable> {
        let mut command = redis::pipe();
        command
            .cmd("SET")
            .arg(key.to_string())
            .arg(sealed)
            .arg("PXAT")
            .arg(expires_at.as_millis())
            .ignore();
        self.0.ask(&command).await
    }

    async fn get(&self, key: PartKey, now: Timestamp) -> Result<Option<Vec<u8>>, Unavailable> {
        let mut commands = redis::pipe();
        // In this order, a part is at worst judged by the deadline of one that it has just replaced.
        commands.cmd("PEXPIRETIME").arg(key.to_string());
        commands.cmd("GET").arg(key.to_string());
        let (expires_at, sealed): (i64, Option<Vec<u8>>) = self.0.ask(&commands).await?;
        Ok(sealed.filter(|_| Timestamp::from_millis(expires_at) > now))
    }

    async fn delete(&self, key: PartKey, expired_by: Option<Timestamp>) -> Result<(), Unavailable> {
        let mut command = redis::pipe();
        match expired_by {
            None => command.cmd("DEL").arg(key.to_string()),
            Some(now) => command
                .cmd("EVAL")
                .arg(DELETE_IF_EXPIRED)
                .arg(1)
                .arg(key.to_string())
                .arg(now.as_millis()),
        }
        .ignore();
        self.0.ask(&command).await
    }

    async fn count_present(&self, keys: &[PartKey]) -> Result<usize, Unavailable> {
        let mut count = 0;
        for keys in keys.chunks(PIPELINE) {
            let mut commands = redis::pipe();
            for key in keys {
                commands.cmd("EXISTS").arg(key.to_string());
            }
            let present: Vec<usize> = self.0.ask(&commands).await?;
            count += present.iter().sum::<usize>();
        }
        Ok(count)
    }
}

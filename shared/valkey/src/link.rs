//! The one connection of a function's instance, which all its requests share, and its replacement.

use std::{str::FromStr, time::Duration};

use backon::{ExponentialBuilder, Retryable as _};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, FromRedisValue,
    IntoConnectionInfo as _, Pipeline, RedisError, aio::MultiplexedConnection,
};
use tokio::{sync::Mutex, time::timeout};

use dodolens_app::ports::Unavailable;
use dodolens_aws::{SecretsClient, secret_text};

const WHAT: &str = "the server of parts";

/// Tries of one request, the first included.
const ATTEMPTS: usize = 3;
/// Connecting, with TLS and login, takes at most this.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// An answer takes at most this.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);
/// All tries take at most this: below API Gateway's 30 s with time left to answer.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(10);
/// Before the second try at most this, then twice as long.
const BACKOFF: Duration = Duration::from_millis(50);

/// Where a server is and as whom to log in: `rediss://user@host:port`, or `redis://` without TLS.
#[derive(Debug, Clone)]
pub struct ValkeyAddress(ConnectionInfo);

/// A text is no address of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no address of a Valkey server")]
pub struct NoValkeyAddress;

impl FromStr for ValkeyAddress {
    type Err = NoValkeyAddress;

    /// Takes no password, which has no place in an environment variable, and no switch that turns checks of TLS off.
    fn from_str(url: &str) -> Result<Self, NoValkeyAddress> {
        let info = url.into_connection_info().map_err(|_| NoValkeyAddress)?;
        let checked = match info.addr() {
            ConnectionAddr::Tcp(..) => true,
            ConnectionAddr::TcpTls { insecure, .. } => !insecure,
            _ => false,
        };
        let login = info.redis_settings();
        if !checked || login.password().is_some() || login.username().is_none() {
            return Err(NoValkeyAddress);
        }
        Ok(Self(info))
    }
}

/// A connection and its number, by which a failed one is told from its successor.
type Numbered = (u64, MultiplexedConnection);

/// The connection, once there is one.
#[derive(Debug)]
pub(super) struct Link {
    address: ValkeyAddress,
    secrets: SecretsClient,
    secret: String,
    current: Mutex<Current>,
}

#[derive(Debug, Default)]
struct Current {
    made: u64,
    connection: Option<MultiplexedConnection>,
}

/// Why a try failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Server(#[from] RedisError),
    #[error(transparent)]
    Password(#[from] Unavailable),
}

impl Link {
    pub(super) fn new(address: ValkeyAddress, secrets: SecretsClient, secret: String) -> Self {
        Self {
            address,
            secrets,
            secret,
            current: Mutex::default(),
        }
    }

    /// Connects; a failure is logged.
    pub(super) async fn warm(&self) {
        if let Err(failure) = self.connection().await {
            log(&failure);
        }
    }

    /// Sends commands and gives their answers; all of them are sent again on a new connection when one fails, so they
    /// must do no harm twice.
    ///
    /// # Errors
    /// [`Unavailable`], after 10 s at the latest.
    pub(super) async fn ask<T: FromRedisValue>(
        &self,
        commands: &Pipeline,
    ) -> Result<T, Unavailable> {
        let backoff = ExponentialBuilder::new()
            .with_min_delay(BACKOFF)
            .with_max_times(ATTEMPTS - 1)
            .with_jitter();
        let tries = (|| self.attempt(commands)).retry(backoff);
        match timeout(OPERATION_TIMEOUT, tries).await {
            Ok(answer) => answer.map_err(|_| Unavailable(WHAT)),
            Err(_) => {
                tracing::warn!(service = WHAT, kind = "timeout", "no try succeeded in time");
                Err(Unavailable(WHAT))
            }
        }
    }

    async fn attempt<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T, Failure> {
        let tried = async {
            let (number, mut connection) = self.connection().await?;
            match commands.query_async(&mut connection).await {
                Ok(answer) => Ok(answer),
                Err(error) => {
                    self.discard(number).await;
                    Err(error.into())
                }
            }
        };
        tried.await.inspect_err(log)
    }

    /// The connection that all share; who comes first makes it.
    async fn connection(&self) -> Result<Numbered, Failure> {
        let mut current = self.current.lock().await;
        if let Some(connection) = &current.connection {
            return Ok((current.made, connection.clone()));
        }
        // Boxed, so that it takes no room in the many requests that find a connection.
        let connection = Box::pin(self.connect()).await?;
        current.made += 1;
        current.connection = Some(connection.clone());
        Ok((current.made, connection))
    }

    /// After whatever error the next request makes a new connection: the old one may lead to a server that is gone.
    async fn discard(&self, number: u64) {
        let mut current = self.current.lock().await;
        if current.made == number {
            current.connection = None;
        }
    }

    /// Reads the password each time, so that a new one is followed.
    async fn connect(&self) -> Result<MultiplexedConnection, Failure> {
        let password = secret_text(&self.secrets, &self.secret, "the password of parts").await?;
        let info = self.address.0.clone();
        let login = info.redis_settings().clone().set_password(&*password);
        let tcp = info.tcp_settings().clone().set_nodelay(true);
        let info = info.set_redis_settings(login).set_tcp_settings(tcp);
        let limits = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(ANSWER_TIMEOUT));
        let client = Client::open(info)?;
        let connection = client.get_multiplexed_async_connection_with_config(&limits);
        Ok(connection.await?)
    }
}

/// Logs what kind of failure it is, and nothing of the request or the answer.
fn log(failure: &Failure) {
    if let Failure::Server(error) = failure {
        tracing::warn!(
            service = WHAT,
            kind = ?error.kind(),
            code = error.code(),
            "a request to the server of parts failed"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_user_and_no_password() {
        for good in [
            "redis://parts@127.0.0.1:6379",
            "rediss://parts@cache.example:6379",
        ] {
            assert!(good.parse::<ValkeyAddress>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "cache.example:6379",
            "https://cache.example",
            "rediss://cache.example:6379",
            "rediss://parts:secret@cache.example:6379",
            "rediss://parts@cache.example:6379/#insecure",
            "unix:///run/valkey.sock",
        ] {
            let refused = bad.parse::<ValkeyAddress>();
            assert_eq!(refused.err(), Some(NoValkeyAddress), "{bad}");
        }
    }
}

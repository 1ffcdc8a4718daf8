//! Lambda: every function with its instances, real bootstraps behind the Runtime API.

mod environment;
mod error;
mod instance;
mod pool;
mod process;
mod runtime_api;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::sync::oneshot;

use self::pool::Pool;
pub use self::{
    error::{FunctionError, InvokeError},
    pool::InstanceInfo,
};
use super::{
    listeners::Urls,
    logs::LogSink,
    meter::{Meter, Metered},
};
use crate::stack::Function;

/// Largest event of a synchronous invocation, bytes.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(super) const EVENT_LIMIT: usize = 6 * 1024 * 1024;
/// Largest response, bytes: what AWS's own message about it says.
const RESPONSE_LIMIT: usize = EVENT_LIMIT + 100;

/// What one event becomes.
type Reply = Result<Bytes, FunctionError>;

/// What every function's instances need to be started.
pub(super) struct Host {
    spawner: process::Spawner,
    urls: Urls,
    logs: LogSink,
    /// Most instances of a function; more invocations wait.
    max_instances: usize,
    /// An instance unused for so long is ended.
    idle_timeout: Duration,
    /// A bootstrap must ask for its first event within this.
    init_timeout: Duration,
    /// Commands that functions are started through.
    wrappers: BTreeMap<String, Vec<OsString>>,
}

impl Host {
    /// # Errors
    /// When the thread that starts processes cannot be started.
    pub fn new(urls: Urls, options: &super::Options) -> std::io::Result<Self> {
        Ok(Self {
            spawner: process::Spawner::start()?,
            urls,
            logs: options.logs.clone(),
            max_instances: options.max_instances,
            idle_timeout: options.idle_timeout,
            init_timeout: options.limits.init,
            wrappers: options.wrappers.clone(),
        })
    }
}

/// Every function of a stack, by logical id.
pub(super) struct Lambda {
    pools: BTreeMap<String, Arc<Pool>>,
    meter: Meter,
}

impl Lambda {
    pub fn new(host: Host, functions: Vec<(String, Function, PathBuf)>, meter: Meter) -> Self {
        let host = Arc::new(host);
        let pools = functions
            .into_iter()
            .map(|(id, function, bootstrap)| {
                let pool = Pool::new(Arc::clone(&host), id.clone(), function, bootstrap);
                (id, Arc::new(pool))
            })
            .collect();
        Self { pools, meter }
    }

    /// Invokes a function synchronously. An invocation that has begun goes on when the caller leaves.
    ///
    /// # Errors
    /// As [`InvokeError`] says.
    pub async fn invoke(&self, function: &str, event: Bytes) -> Result<Bytes, InvokeError> {
        if event.len() > EVENT_LIMIT {
            return Err(InvokeError::RequestTooLarge);
        }
        let begun = Instant::now();
        let (reply, response) = oneshot::channel();
        self.pool(function)?.submit(pool::Job { event, reply })?;
        let reply = response.await.map_err(|_| InvokeError::ShuttingDown)?;
        self.meter.note(Metered::Invocation {
            function: function.to_owned(),
            took: begun.elapsed(),
        });
        Ok(reply?)
    }

    /// What sees what AWS would bill.
    pub const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// What a function's pool of instances looks like now.
    pub fn instances(&self, function: &str) -> Vec<InstanceInfo> {
        self.pools
            .get(function)
            .map_or_else(Vec::new, |pool| pool.instances())
    }

    /// Ends an instance with SIGKILL, a busy one if there is one; gives its process id once it is gone.
    pub async fn kill_instance(&self, function: &str) -> Option<u32> {
        self.pools.get(function)?.kill_one().await
    }

    /// Ends every instance and waits until they are gone.
    pub async fn shutdown(&self) {
        let ended: Vec<_> = self.pools.values().flat_map(|pool| pool.close()).collect();
        for ended in ended {
            // An error says that the instance was gone already.
            drop(ended.await);
        }
    }

    /// Tells every instance to end.
    pub fn close(&self) {
        for pool in self.pools.values() {
            drop(pool.close());
        }
    }

    fn pool(&self, function: &str) -> Result<&Arc<Pool>, InvokeError> {
        self.pools
            .get(function)
            .ok_or_else(|| InvokeError::UnknownFunction(function.to_owned()))
    }
}

/// The bootstrap of a binary: `<dir>/<binary>` as Cargo writes it, or `<dir>/<binary>/bootstrap` as
/// cargo-lambda does.
pub(super) fn bootstrap(directory: &Path, binary: &str) -> Option<PathBuf> {
    let plain = directory.join(binary);
    [plain.join("bootstrap"), plain]
        .into_iter()
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bootstrap_is_found_in_both_layouts() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        std::fs::write(path.join("plain"), "").unwrap();
        std::fs::create_dir(path.join("nested")).unwrap();
        std::fs::write(path.join("nested/bootstrap"), "").unwrap();
        assert_eq!(bootstrap(path, "plain"), Some(path.join("plain")));
        assert_eq!(
            bootstrap(path, "nested"),
            Some(path.join("nested/bootstrap"))
        );
        assert_eq!(bootstrap(path, "absent"), None);
    }
}

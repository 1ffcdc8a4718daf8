//! AWS on one machine, as far as a [`Stack`] asks for it: real bootstraps behind the Lambda Runtime
//! API, API Gateway (HTTP and WebSocket), DynamoDB, SQS, schedules and Secrets Manager.
//!
//! Starting is in two steps, because the stack's environment names the services' URLs: first
//! [`Listeners::bind`], then, with a stack resolved against [`Listeners::urls`], [`Cloud::start`].

mod dynamodb;
mod error;
mod http;
mod lambda;
mod listeners;
mod logs;
mod meter;
pub mod names;
mod options;
mod queue;
mod schedule;
mod secrets;
pub mod stack;
pub mod template;
mod websocket;

use std::{future::Future, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::{Router, serve::ListenerExt};
use bytes::Bytes;
pub use dynoxide::Database;
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

pub use self::{
    dynamodb::TableError,
    error::CloudError,
    lambda::{FunctionError, InstanceInfo, InvokeError},
    listeners::{Listeners, Urls},
    logs::{LogLine, LogSink},
    meter::{Meter, Metered},
    options::{Limits, Options},
    secrets::SecretError,
};
use self::{lambda::Lambda, queue::Poller, secrets::Secrets};
use crate::stack::Stack;

/// How long servers get to end what they are doing.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);

/// A running stack. Dropping it ends every function's process; [`Cloud::shutdown`] also waits.
pub struct Cloud {
    urls: Urls,
    stack: Stack,
    lambda: Arc<Lambda>,
    secrets: Arc<Secrets>,
    database: Database,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Cloud {
    /// Starts a stack with the bootstraps of a directory: `<dir>/<binary>`, or
    /// `<dir>/<binary>/bootstrap`. Functions start with their first event.
    ///
    /// # Errors
    /// As [`CloudError`] says.
    pub async fn start(
        listeners: Listeners,
        stack: Stack,
        bootstraps: &Path,
        options: Options,
    ) -> Result<Self, CloudError> {
        check_functions(&stack)?;
        let urls = listeners.urls().clone();
        let mut functions = Vec::new();
        for (id, function) in &stack.functions {
            let missing = || CloudError::NoBootstrap {
                function: id.clone(),
                binary: function.binary.clone(),
            };
            let path = lambda::bootstrap(bootstraps, &function.binary).ok_or_else(missing)?;
            functions.push((id.clone(), function.clone(), std::path::absolute(path)?));
        }
        let lambda = Arc::new(Lambda::new(
            lambda::Host::new(urls.clone(), &options)?,
            functions,
            options.meter.clone(),
        ));
        let database =
            Database::memory().map_err(|error| CloudError::Database(error.to_string()))?;
        for table in &stack.tables {
            dynamodb::create(&database, table)?;
        }
        let secrets = Arc::new(Secrets::new(&stack.secrets, Arc::clone(&lambda))?);
        let mut cloud = Self {
            urls,
            stack,
            lambda,
            secrets,
            database,
            stop: watch::Sender::new(false),
            tasks: JoinSet::new(),
        };
        cloud.serve(listeners, &options);
        cloud.feed_queues().await?;
        cloud.run_timers(&options);
        Ok(cloud)
    }

    /// Where the services are.
    #[must_use]
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// URL of the WebSocket API.
    #[must_use]
    pub fn websocket_url(&self) -> String {
        self.urls.websocket(&self.stack.websocket.stage)
    }

    /// What it runs.
    #[must_use]
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// The embedded DynamoDB.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Invokes a function, by its logical id, and waits for its response.
    ///
    /// # Errors
    /// As [`InvokeError`] says.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Bytes, InvokeError> {
        self.lambda.invoke(function, event.to_string().into()).await
    }

    /// Runs every schedule of a function now, and waits.
    ///
    /// # Errors
    /// As [`InvokeError`] says.
    pub async fn run_schedule(&self, function: &str) -> Result<(), InvokeError> {
        let found = self.stack.functions.get(function);
        let found = found.ok_or_else(|| InvokeError::UnknownFunction(function.to_owned()))?;
        for schedule in &found.schedules {
            schedule::run(&self.lambda, function, &schedule.name).await?;
        }
        Ok(())
    }

    /// Rotates a secret now, and waits.
    ///
    /// # Errors
    /// As [`SecretError`] says.
    pub async fn rotate_secret(&self, name: &str) -> Result<(), SecretError> {
        self.secrets.rotate(name).await
    }

    /// Makes a secret older, with all that has happened to it, as if that much time had passed.
    ///
    /// # Errors
    /// As [`SecretError`] says.
    pub fn age_secret(&self, name: &str, by: Duration) -> Result<(), SecretError> {
        self.secrets.age(name, by)
    }

    /// The instances of a function.
    #[must_use]
    pub fn instances(&self, function: &str) -> Vec<InstanceInfo> {
        self.lambda.instances(function)
    }

    /// Ends an instance of a function with SIGKILL, a busy one if there is one, and waits until it is
    /// gone; gives its process id.
    pub async fn kill_instance(&self, function: &str) -> Option<u32> {
        self.lambda.kill_instance(function).await
    }

    /// Closes the connections, ends every function's process and waits until they are gone.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        self.lambda.shutdown().await;
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        drop(tokio::time::timeout(SHUTDOWN_TIMEOUT, ended).await);
        self.tasks.shutdown().await;
    }

    fn serve(&mut self, listeners: Listeners, options: &Options) {
        let http = http::router(
            &self.stack.http,
            Arc::clone(&self.lambda),
            options.limits.integration,
        );
        let websocket = websocket::router(
            &self.stack.websocket,
            Arc::clone(&self.lambda),
            options.limits,
            self.stop.subscribe(),
        );
        let secrets = self.secrets.router();
        for (listener, router) in [
            (listeners.http, http),
            (listeners.websocket, websocket),
            (listeners.secrets, secrets),
        ] {
            self.tasks.spawn(serve(listener, router, self.stopped()));
        }
        let database = dynoxide::server::serve_with_shutdown(
            listeners.dynamodb,
            self.database.clone(),
            self.stopped(),
        );
        self.tasks.spawn(async move {
            if let Err(error) = database.await {
                tracing::error!(error, "dynamodb.stopped");
            }
        });
        let queues = queue::Server::new(&self.urls);
        self.tasks
            .spawn(queues.serve(listeners.sqs, self.stop.subscribe()));
    }

    async fn feed_queues(&mut self) -> Result<(), CloudError> {
        let client = queue::client(&self.urls);
        queue::create(&client, &self.stack.queues)
            .await
            .map_err(|error| CloudError::Queue(Box::new(error)))?;
        for (id, function) in &self.stack.functions {
            for source in &function.queues {
                let poller = Poller {
                    client: client.clone(),
                    lambda: Arc::clone(&self.lambda),
                    function: id.clone(),
                    url: self.urls.queue(&source.queue),
                    source: source.clone(),
                };
                self.tasks.spawn(poller.run(self.stop.subscribe()));
            }
        }
        Ok(())
    }

    fn run_timers(&mut self, options: &Options) {
        let scaled = |period: Duration| {
            // A scale that makes no sense means real time.
            Duration::try_from_secs_f64(period.as_secs_f64() * options.schedule_scale)
                .unwrap_or(period)
        };
        for (id, function) in &self.stack.functions {
            for schedule in &function.schedules {
                let rule = schedule.name.clone();
                let every = scaled(schedule.every);
                let lambda = Arc::clone(&self.lambda);
                let task = schedule::repeat(lambda, id.clone(), rule, every, self.stop.subscribe());
                self.tasks.spawn(task);
            }
        }
        for secret in &self.stack.secrets {
            if let Some((_, every)) = &secret.rotation {
                let secrets = Arc::clone(&self.secrets);
                self.tasks.spawn(secrets.repeat(
                    secret.name.clone(),
                    scaled(*every),
                    self.stop.subscribe(),
                ));
            }
        }
        if let Some(every) = options.ttl_sweep {
            self.tasks.spawn(dynamodb::sweep(
                self.database.clone(),
                every,
                self.stop.subscribe(),
            ));
        }
    }

    fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stop = self.stop.subscribe();
        // An error says that the sender is gone, which means the same.
        async move { drop(stop.changed().await) }
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.lambda.close();
    }
}

async fn serve(
    listener: TcpListener,
    router: Router,
    stopped: impl Future<Output = ()> + Send + 'static,
) {
    // Without it an answer waits for the client's acknowledgement.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(stopped);
    if let Err(error) = served.await {
        tracing::error!(%error, "server.stopped");
    }
}

fn check_functions(stack: &Stack) -> Result<(), CloudError> {
    let routes = stack
        .http
        .routes
        .iter()
        .map(|route| (&route.path, &route.function));
    let rotations = stack
        .secrets
        .iter()
        .filter_map(|secret| Some((&secret.name, &secret.rotation.as_ref()?.0)));
    let mut named = routes.chain(&stack.websocket.routes).chain(rotations);
    match named.find(|(_, function)| !stack.functions.contains_key(*function)) {
        None => Ok(()),
        Some((user, function)) => Err(CloudError::NoFunction {
            user: user.clone(),
            function: function.clone(),
        }),
    }
}

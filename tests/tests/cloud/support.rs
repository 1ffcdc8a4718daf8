//! A stack of probe functions, and what they print.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use dodolens_local::{
    cloud::{Cloud, Listeners, LogLine, LogSink, Options},
    stack::{
        Function, HttpApi, HttpRoute, Queue, QueueSource, Schedule, Secret, SecretValue, Stack,
        Table, WebSocketApi,
    },
};
use serde_json::Value;

/// A running stack, and everything its functions printed.
pub struct Probe {
    pub cloud: Cloud,
    lines: Arc<Mutex<Vec<LogLine>>>,
}

impl Probe {
    /// Starts the stack after `change` has seen it and the options.
    pub async fn start(change: impl FnOnce(&mut Stack, &mut Options)) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let mut options = Options {
            logs: LogSink::new(move |line| sink.lock().unwrap().push(line)),
            ..Options::default()
        };
        let mut stack = stack();
        change(&mut stack, &mut options);
        let bootstraps = Path::new(env!("CARGO_BIN_EXE_probe_function"))
            .parent()
            .unwrap();
        let listeners = Listeners::bind(0).await.unwrap();
        let cloud = Cloud::start(listeners, stack, bootstraps, options)
            .await
            .unwrap();
        Self { cloud, lines }
    }

    /// What a function printed so far, and what Lambda said about it.
    pub fn lines(&self, function: &str) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        let of = lines.iter().filter(|line| line.function == function);
        of.map(|line| line.text.clone()).collect()
    }

    /// The events that a function got so far.
    pub fn events(&self, function: &str) -> Vec<Value> {
        let lines = self.lines(function);
        let events = lines.iter().filter_map(|line| line.strip_prefix("EVENT "));
        events
            .map(|event| serde_json::from_str(event).unwrap())
            .collect()
    }

    /// Waits until a function has got so many events.
    pub async fn wait_for(&self, function: &str, count: usize) -> Vec<Value> {
        within(|| {
            let events = self.events(function);
            (events.len() >= count).then_some(events)
        })
        .await
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.cloud.urls().http())
    }
}

/// Longest that anything is waited for.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Asks until there is an answer.
pub async fn within<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "waited for {PATIENCE:?}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// An SDK configuration for one service.
pub fn sdk(endpoint: String) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-west-3"))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
            Credentials::for_tests(),
        ))
        .endpoint_url(endpoint)
        .build()
}

/// Whether a process is there and not a zombie.
pub fn alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// After this a message comes again: longer than any machine takes to start a probe.
pub const VISIBILITY: Duration = Duration::from_secs(10);

pub fn function() -> Function {
    Function {
        name: "probe".into(),
        binary: "probe_function".into(),
        environment: BTreeMap::from([("OWN".to_owned(), "variable".to_owned())]),
        timeout: Duration::from_secs(20),
        memory_mb: 512,
        max_concurrency: None,
        queues: Vec::new(),
        schedules: Vec::new(),
        allowed: Vec::new(),
    }
}

fn stack() -> Stack {
    let worker = Function {
        queues: vec![QueueSource {
            queue: "work".into(),
            batch_size: 10,
            partial_batch_response: true,
            max_concurrency: Some(2),
        }],
        ..function()
    };
    let timer = Function {
        schedules: vec![Schedule {
            name: "every-minute".into(),
            every: Duration::from_secs(60),
        }],
        ..function()
    };
    let named = [
        ("Api", function()),
        ("Socket", function()),
        ("Worker", worker),
        ("Timer", timer),
        ("Rotate", function()),
    ];
    let route = |method: &str, path: &str| HttpRoute {
        method: method.into(),
        path: path.into(),
        function: "Api".into(),
    };
    let queue = |name: &str, redrive| Queue {
        name: name.into(),
        visibility: VISIBILITY,
        retention: Duration::from_secs(600),
        redrive,
    };
    let routes = ["$connect", "$disconnect", "$default", "join"];
    Stack {
        functions: named.map(|(id, function)| (id.to_owned(), function)).into(),
        http: HttpApi {
            routes: vec![route("PUT", "/things/{id}"), route("POST", "/things")],
            cors: None,
        },
        websocket: WebSocketApi {
            id: "socket".into(),
            stage: "prod".into(),
            routes: routes
                .map(|key| (key.to_owned(), "Socket".to_owned()))
                .into(),
        },
        tables: vec![Table {
            name: "things".into(),
            attributes: BTreeMap::from([("id".to_owned(), "S".to_owned())]),
            key: dodolens_local::stack::Key {
                hash: "id".into(),
                range: None,
            },
            indexes: Vec::new(),
            ttl_attribute: None,
        }],
        queues: vec![queue("dead", None), queue("work", Some(("dead".into(), 2)))],
        secrets: vec![Secret {
            name: "app/key".into(),
            value: SecretValue::Generated {
                length: 40,
                within: None,
            },
            rotation: Some(("Rotate".into(), Duration::from_secs(86_400))),
        }],
    }
}

//! The one deployment that all tests of this suite share.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use aws_sdk_dynamodb::types::AttributeValue;
use dodolens::wire::http::{CreateSession, SessionCreated};
use dodolens_local::{
    client::Client,
    peer::{self, Peer, PeerOptions},
    toolchain,
};
use dodolens_tests::stack::AI_KEY;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{OnceCell, RwLock, oneshot},
};

use crate::{
    layer,
    ministack::MiniStack,
    sam::Sam,
    tools::{Tools, empty},
};

/// The service as it is deployed.
pub struct Deployment {
    /// The cloud that it is deployed to.
    pub ministack: MiniStack,
    /// Held for reading by whoever has a video processed, for writing by who keeps that from working.
    pub processing: RwLock<()>,
    /// What functions find ffmpeg by.
    pub ffmpeg: PathBuf,
    resources: BTreeMap<String, String>,
    _peer: Peer,
}

/// Deploys the service, once a process.
///
/// # Panics
/// When it can't be deployed.
pub async fn deployment() -> &'static Deployment {
    static DEPLOYMENT: OnceCell<Option<Deployment>> = OnceCell::const_new();
    let deployed = DEPLOYMENT.get_or_init(|| async {
        let (tell, told) = oneshot::channel();
        // The simulated AI must outlive the test that happens to come first, and its runtime.
        std::thread::spawn(|| {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                assert!(tell.send(deploy().await).is_ok(), "nobody waits");
                std::future::pending::<()>().await;
            });
        });
        told.await.ok()
    });
    deployed
        .await
        .as_ref()
        .expect("the deployment failed, see above")
}

async fn deploy() -> Deployment {
    let directory = toolchain::root().join("target/aws");
    empty(&directory);
    let tools = Tools::install().await;
    let ministack = MiniStack::start(&tools.ministack, &directory).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = peer::serve(listener, PeerOptions::new(AI_KEY)).unwrap();
    let ffmpeg = directory.join("opt/bin/ffmpeg");
    let mut parameters = parameters(&peer, &ffmpeg);
    let sam = Sam {
        program: tools.sam,
        ministack: &ministack,
        directory: directory.clone(),
    };
    sam.build(&parameters).await;
    sam.deploy(&parameters).await;
    let resources = sam.resources().await;
    // What MiniStack has its APIs under is known only now.
    let websocket = format!(
        "{}/_aws/execute-api/{}/v1",
        ministack.url, resources["WebSocketApi"]
    );
    parameters.push(("WebSocketUrl", websocket.replacen("http", "ws", 1)));
    parameters.push(("ConnectionsEndpoint", websocket));
    sam.deploy(&parameters).await;
    let deployment = Deployment {
        resources: sam.resources().await,
        ministack,
        processing: RwLock::new(()),
        ffmpeg,
        _peer: peer,
    };
    layer::unpack(&deployment, &tools.python, &directory.join("opt")).await;
    deployment.write_ai_keys().await;
    deployment
}

/// What MiniStack needs to be otherwise than AWS, and the simulated AI.
fn parameters(peer: &Peer, ffmpeg: &Path) -> Vec<(&'static str, String)> {
    let architecture = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    };
    let urls = peer.base_urls();
    let urls: Vec<_> = urls
        .iter()
        .map(|(name, url)| format!("{name}={url}"))
        .collect();
    vec![
        ("Architecture", architecture.to_owned()),
        ("AuthMode", "none".to_owned()),
        ("KeyRotation", "manual".to_owned()),
        ("Monitoring", "essential".to_owned()),
        ("SavedQueries", "no".to_owned()),
        ("JobPollers", "2".to_owned()),
        ("SessionsPerClient", "1000".to_owned()),
        ("FfmpegPath", ffmpeg.to_str().unwrap().to_owned()),
        ("AiBaseUrls", urls.join(",")),
    ]
}

impl Deployment {
    /// What a resource of the template is called here.
    pub fn id(&self, logical: &str) -> &str {
        &self.resources[logical]
    }

    /// A client of the service.
    pub fn client(&self) -> Client {
        let url = format!(
            "{}/_aws/execute-api/{}/$default",
            self.ministack.url,
            self.id("HttpApi")
        );
        Client::new(url.parse().unwrap()).unwrap()
    }

    /// Opens a session for so many bytes of MP4 in chunks of 256 KiB.
    pub async fn open(&self, bytes: usize) -> SessionCreated {
        let request = CreateSession {
            total_bytes: bytes as u64,
            content_type: "video/mp4".into(),
            chunk_bytes: Some(256 * 1024),
            locale: None,
        };
        self.client().create(&request).await.unwrap()
    }

    /// DynamoDB.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.ministack.config())
    }

    /// The record of a session.
    pub async fn record(&self, session: &SessionCreated) -> HashMap<String, AttributeValue> {
        let id = AttributeValue::S(session.session_id.clone());
        let get = self.dynamodb().get_item().table_name(self.id("Sessions"));
        let got = get.key("session_id", id).consistent_read(true).send().await;
        got.unwrap().item.unwrap()
    }

    /// How many sealed parts of a session there are.
    pub async fn parts(&self, session: &str) -> usize {
        let scan = self
            .dynamodb()
            .scan()
            .table_name(self.id("Chunks"))
            .consistent_read(true);
        let pages = scan.into_paginator().items().send();
        let parts: Result<Vec<_>, _> = pages.collect().await;
        let of = |part: &HashMap<String, AttributeValue>| {
            part["part"].as_s().unwrap().starts_with(session)
        };
        parts.unwrap().iter().filter(|part| of(part)).count()
    }

    /// Puts a value into a secret.
    pub async fn write_secret(&self, logical: &str, value: &str) {
        let secrets = aws_sdk_secretsmanager::Client::new(&self.ministack.config());
        let put = secrets.put_secret_value().secret_id(self.id(logical));
        put.secret_string(value).send().await.unwrap();
    }

    /// Puts the simulated AI's keys into their secret, as an operator does after the first deployment.
    pub async fn write_ai_keys(&self) {
        let keys = json!({"openai": AI_KEY, "anthropic": AI_KEY, "gemini": AI_KEY});
        self.write_secret("AiKey", &keys.to_string()).await;
    }

    /// Ends the processes of a function, so that the next call of it starts one.
    pub async fn end_instances(&self, logical: &str) {
        let wanted = format!("AWS_LAMBDA_FUNCTION_NAME={}", self.id(logical));
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let name = entry.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            let mut variables = environment.split(|byte| *byte == 0);
            if variables.any(|variable| variable == wanted.as_bytes()) {
                kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
            }
        }
    }

    /// Calls a function and waits for its answer.
    pub async fn invoke(&self, logical: &str, event: &Value) {
        let path = format!("/2015-03-31/functions/{}/invocations", self.id(logical));
        let request = reqwest::Client::new().post(self.ministack.url.clone() + &path);
        let answer = request.json(event).send().await.unwrap();
        let failed = answer.headers().contains_key("x-amz-function-error");
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success() && !failed, "{logical}: {body}");
    }

    /// `GET` of Lambda's API; MiniStack takes it unsigned.
    pub async fn lambda(&self, path: &str) -> Value {
        let url = format!("{}/2015-03-31/functions/{path}", self.ministack.url);
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }
}

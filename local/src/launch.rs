//! Where the template, the functions, the embedded cloud and the AI peer are put together.

use std::{collections::BTreeMap, io, path::PathBuf};

use reqwest::Url;
use tokio::net::TcpListener;

use dodolens_cloud::{
    Cloud, CloudError, Listeners, Options,
    stack::Stack,
    template::{self, Places, TemplateError},
};
use dodolens_peer::{self as peer, Peer, PeerOptions};
use dodolens_video::toolchain::{self, ToolchainError};

/// `SessionsPerClient` unless it is given: all tests and tools share one address.
const ANY_NUMBER_OF_SESSIONS: u32 = 1_000_000;

/// Why there is no local stack.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The functions can't be built, or ffmpeg can't be had.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// The template can't be run here.
    #[error("template.yaml can't be run on this machine")]
    Template(#[from] TemplateError),
    /// The embedded cloud does not start.
    #[error("the local cloud does not start")]
    Cloud(#[from] CloudError),
    /// A port, or the template, can't be used.
    #[error("a port or file can't be used")]
    Io(#[from] io::Error),
    /// An address of ours is no URL.
    #[error("an address is no URL")]
    Url,
}

/// The providers that the template has base URLs of.
const HOSTED: [&str; 3] = ["openai", "anthropic", "gemini"];

/// Who looks at the pictures and listens to the sound.
#[derive(Debug, Clone)]
pub enum Ai {
    /// The simulated peer.
    Simulated(Box<PeerOptions>),
    /// Real ones.
    Providers {
        /// `AiBaseUrls`; the template's default when absent.
        base_urls: Option<String>,
        /// Their keys by their names: `AiApiKeys`.
        keys: BTreeMap<String, String>,
    },
}

impl Ai {
    /// The peer as it is by default, under a key of its own.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn simulated() -> io::Result<Self> {
        let mut key = [0; 16];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        Ok(Self::Simulated(Box::new(PeerOptions::new(hex::encode(
            key,
        )))))
    }

    /// By `AI_BASE_URLS`, and the key of each provider that is named in it, or in the template, by `<NAME>_API_KEY`;
    /// simulated when none of them is set.
    ///
    /// # Errors
    /// As [`Ai::simulated`].
    pub fn from_environment() -> io::Result<Self> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let base_urls = set("AI_BASE_URLS");
        let named = base_urls.as_deref().unwrap_or_default();
        let named = named.split(',').filter_map(|pair| pair.split_once('='));
        let names = named.map(|(name, _)| name.trim()).chain(HOSTED);
        let keys: BTreeMap<String, String> = names
            .filter_map(|name| {
                let variable = format!("{}_API_KEY", name.to_uppercase().replace('-', "_"));
                Some((name.to_owned(), set(&variable)?))
            })
            .collect();
        if base_urls.is_none() && keys.is_empty() {
            return Self::simulated();
        }
        Ok(Self::Providers { base_urls, keys })
    }
}

/// How a stack is to run.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Port of the HTTP API on 127.0.0.1; 0 for any.
    pub port: u16,
    /// The AI.
    pub ai: Ai,
    /// Parameters of the template, over its defaults.
    pub parameters: BTreeMap<String, String>,
    /// What is `/opt` to the functions, with `bin/ffmpeg` in it; the pinned ffmpeg when `None`.
    pub layers: Option<PathBuf>,
    /// Environment variables of every function, over the template's.
    pub environment: BTreeMap<String, String>,
    /// The last change to what the template asks for.
    pub adjust: Option<fn(&mut Stack)>,
    /// How the cloud runs.
    pub cloud: Options,
}

impl Launch {
    /// On any port, with nothing but the defaults.
    #[must_use]
    pub fn new(ai: Ai) -> Self {
        Self {
            port: 0,
            ai,
            parameters: BTreeMap::new(),
            layers: None,
            environment: BTreeMap::new(),
            adjust: None,
            cloud: Options::default(),
        }
    }

    /// Sets a parameter of the template.
    #[must_use]
    pub fn with(mut self, parameter: &str, value: impl ToString) -> Self {
        self.parameters
            .insert(parameter.to_owned(), value.to_string());
        self
    }

    /// Builds the functions, fetches ffmpeg, and starts everything.
    ///
    /// # Errors
    /// See [`LaunchError`].
    pub async fn start(mut self) -> Result<RunningStack, LaunchError> {
        let layers = match self.layers.take() {
            Some(layers) => layers,
            None => toolchain::ffmpeg().await?,
        };
        let bootstraps = toolchain::bootstraps().await?;
        let listeners = Listeners::bind(self.port).await?;
        let urls = listeners.urls().clone();
        let peer = self.connect_ai().await?;
        // There is no issuer of tokens on this machine, so all that it runs is one client.
        self.parameters.insert("AuthMode".into(), "none".into());
        let quota = self.parameters.entry("SessionsPerClient".into());
        quota.or_insert_with(|| ANY_NUMBER_OF_SESSIONS.to_string());
        let places = Places {
            http: urls.http(),
            websocket: urls.websocket("").trim_end_matches('/').to_owned(),
            connections: urls.connections("").trim_end_matches('/').to_owned(),
            sqs: urls.sqs(),
            layers,
        };
        let text = std::fs::read_to_string(toolchain::root().join("template.yaml"))?;
        let mut stack = template::read(&text, &self.parameters, &places)?;
        for function in stack.functions.values_mut() {
            function.environment.extend(self.environment.clone());
        }
        if let Some(adjust) = self.adjust {
            adjust(&mut stack);
        }
        let cloud = Cloud::start(listeners, stack, &bootstraps, self.cloud).await?;
        Ok(RunningStack {
            endpoint: urls.http().parse().map_err(|_| LaunchError::Url)?,
            websocket: cloud
                .websocket_url()
                .parse()
                .map_err(|_| LaunchError::Url)?,
            cloud,
            peer,
        })
    }

    /// Starts the peer, if it is wanted, and names the AI in the parameters.
    async fn connect_ai(&mut self) -> Result<Option<Peer>, LaunchError> {
        let (base_urls, keys, peer) = match &self.ai {
            Ai::Simulated(options) => {
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                let peer = peer::serve(listener, (**options).clone())?;
                let urls = peer.base_urls();
                let keys = urls.keys();
                let keys = keys.map(|name| ((*name).to_owned(), options.key.clone()));
                let keys = keys.collect();
                let urls: Vec<String> = urls
                    .iter()
                    .map(|(name, url)| format!("{name}={url}"))
                    .collect();
                (Some(urls.join(",")), keys, Some(peer))
            }
            Ai::Providers { base_urls, keys } => (base_urls.clone(), keys.clone(), None),
        };
        let keys = serde_json::to_string(&keys).map_err(io::Error::other)?;
        self.parameters.insert("AiApiKeys".into(), keys);
        self.parameters
            .extend(base_urls.map(|urls| ("AiBaseUrls".into(), urls)));
        Ok(peer)
    }
}

/// The service, running on this machine.
pub struct RunningStack {
    /// URL of the HTTP API, without `/v1`.
    pub endpoint: Url,
    /// URL of the WebSocket API.
    pub websocket: Url,
    /// The cloud that it runs on.
    pub cloud: Cloud,
    /// The simulated AI peer, for want of a provider.
    pub peer: Option<Peer>,
}

impl RunningStack {
    /// Ends the functions and frees the ports.
    pub async fn shutdown(self) {
        self.cloud.shutdown().await;
    }
}

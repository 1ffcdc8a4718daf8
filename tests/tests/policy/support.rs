//! What parameters the policies are tested under.

use std::time::Duration;

use bytes::Bytes;
use dodolens_local::{
    peer::{Failures, Faults, PeerOptions},
    video::VideoSpec,
};
use dodolens_tests::stack::{AI_KEY, Setup, TestStack, showing, video};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::guard::Guard;

const WEBHOOK: &str = "/hook";

/// Parameters of the template that change what functions do, or may do.
pub struct SetUp {
    pub parameters: &'static [(&'static str, &'static str)],
    /// Whether results are delivered to the two sinks.
    pub sinks: bool,
}

/// Both sinks, each of which takes nothing at first: a webhook that fails once, and an Airtable that refuses.
pub struct Sinks(MockServer);

impl Sinks {
    pub async fn start() -> Self {
        let server = MockServer::start().await;
        let hook = || Mock::given(method("POST")).and(path(WEBHOOK));
        hook()
            .respond_with(ResponseTemplate::new(503))
            .up_to_n_times(1)
            .mount(&server)
            .await;
        hook()
            .respond_with(ResponseTemplate::new(200))
            .mount(&server)
            .await;
        Mock::given(method("PATCH"))
            .respond_with(ResponseTemplate::new(422))
            .mount(&server)
            .await;
        Self(server)
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        vec![
            ("WebhookUrl", format!("{}{WEBHOOK}", self.0.uri())),
            ("WebhookSecret", secret.into()),
            ("AirtableBaseId", "app0123456789abcd".into()),
            ("AirtableTable", "Moves".into()),
            ("AirtableToken", "pat.0123456789".into()),
        ]
    }

    /// Waits until the webhook has taken a result and Airtable has refused one.
    pub async fn asked(&self) {
        until(async || {
            let requests = self.0.received_requests().await.unwrap();
            let hooks = requests.iter().filter(|it| it.url.path() == WEBHOOK);
            let (hooks, all) = (hooks.count(), requests.len());
            hooks >= 2 && all > hooks
        })
        .await;
    }
}

/// A stack behind the guard. No schedule runs by itself; the models refuse the first requests, and tell what they see so
/// slowly that clients are shown some of it.
pub async fn start(set_up: &SetUp, sinks: Option<&Sinks>) -> (TestStack, Guard) {
    let guard = Guard::start().await;
    let mut environment = guard.proxy.environment();
    let given = set_up.parameters.iter();
    let mut parameters: Vec<_> = given
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    if let Some(sinks) = sinks {
        parameters.extend(sinks.parameters());
        environment.push(("AIRTABLE_API", format!("{}/v0", sinks.0.uri())));
    }
    let once = Faults {
        fail: Some(Failures {
            status: 400,
            requests: Some(1),
        }),
        ..Faults::default()
    };
    let stack = TestStack::start(Setup {
        peer: PeerOptions {
            vision: Faults {
                drip: Duration::from_millis(60),
                ..once.clone()
            },
            transcription: once,
            ..PeerOptions::new(AI_KEY)
        },
        parameters,
        environment,
        schedule_scale: 1e6,
        ..Setup::default()
    })
    .await;
    guard.lead_to(&stack.running);
    (stack, guard)
}

/// More than one chunk, with sound.
pub async fn some_video() -> Bytes {
    let spec = VideoSpec {
        seconds: 3.0,
        bitrate: Some(1_200_000),
        size: (640, 360),
        say: Some("The piano stays.".into()),
        ..showing(&[
            "sofa_3_seat@living_room",
            "wardrobe_3_door@bedroom",
            "piano_upright@living_room",
        ])
    };
    std::fs::read(video(&spec, ".mp4").await).unwrap().into()
}

/// Waits until something is so.
pub async fn until(so: impl AsyncFn() -> bool) {
    let wait = async {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), wait)
        .await
        .expect("it comes within two minutes");
}

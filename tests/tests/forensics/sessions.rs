use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bytes::Bytes;
use dodolens::{
    domain::session::SessionState,
    wire::http::{CreateSession, SessionCreated, Snapshot},
};
use dodolens_local::video::{Codec, Container, VideoSpec};
use dodolens_tests::{
    disk::Disk,
    stack::{Setup, TestStack, showing, video},
};
use futures::future::join_all;

use super::{
    data_key::data_key,
    files, memory,
    patterns::{Found, Kind, Patterns, Search, kinds},
    tap::{Mode, Tap},
};

/// Upload in chunks of this, so that each has more than one part.
const CHUNK: u32 = 1 << 20;

pub struct Scene {
    pub stack: TestStack,
    tap: Tap,
    secrets: Patterns,
    /// Videos that nobody sends.
    harmless: [Bytes; 2],
}

impl Scene {
    /// With these parameters of the template.
    pub async fn start(parameters: &[(&'static str, &str)]) -> Self {
        let tap = Tap::start().await;
        let parameters = parameters.iter();
        let stack = TestStack::start(Setup {
            environment: vec![("AI_BASE_URLS", tap.urls.clone())],
            parameters: parameters
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            ..Setup::default()
        })
        .await;
        tap.lead_to(&stack.running.peer.as_ref().unwrap().base_url());
        Self {
            stack,
            tap,
            secrets: Patterns::default(),
            harmless: [
                film("wardrobe_2_door", Container::Mp4).await,
                film("wardrobe_2_door", Container::Webm).await,
            ],
        }
    }

    /// Opens a session for a video, and takes note of both's secrets.
    async fn open(&mut self, video: &Bytes, content_type: &str) -> SessionCreated {
        let request = CreateSession {
            total_bytes: video.len() as u64,
            content_type: content_type.into(),
            chunk_bytes: Some(CHUNK),
            locale: None,
        };
        let session = self.stack.client.create(&request).await.unwrap();
        self.secrets.add_medium(Kind::Video, video, CHUNK as usize);
        self.secrets
            .add_secret(Kind::Token, session.token.as_bytes());
        self.secrets
            .add_secret(Kind::Token, &hex::decode(&session.token).unwrap());
        let key = data_key(&self.stack, &session).await;
        self.secrets.add_secret(Kind::DataKey, &key);
        session
    }

    async fn until(&self, session: &SessionCreated, so: impl Fn(&Snapshot) -> bool) -> Snapshot {
        let wait = async {
            loop {
                let snapshot = self.stack.client.snapshot(session).await.unwrap().snapshot;
                if so(&snapshot) {
                    return snapshot;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), wait)
            .await
            .unwrap()
    }

    /// Sends videos at the same time and waits for their receipts, with a WebSocket open for each.
    pub async fn analyze(&mut self, videos: &[(&Bytes, &str)], state: SessionState) {
        let mut sessions = Vec::new();
        for (video, content_type) in videos {
            sessions.push((self.open(video, content_type).await, *video));
        }
        let each = sessions.iter().map(async |(session, video)| {
            let mut socket = self.stack.client.connect(session).await.unwrap();
            socket.join().await.unwrap();
            self.stack.upload(session, video).await;
            self.stack.client.finalize(session).await.unwrap();
            let ended = self.until(session, |session| session.receipt.is_some());
            assert_eq!(ended.await.state, state);
        });
        join_all(each).await;
    }

    /// Everything that must not be found, and what must be.
    fn search(&self) -> Search {
        let mut all = self.tap.patterns();
        all.merge(&self.secrets);
        for video in &self.harmless {
            all.drop_common(video);
        }
        all.add_control("AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/");
        for kind in [
            Kind::Video,
            Kind::Picture,
            Kind::Sound,
            Kind::Transcript,
            Kind::Answer,
            Kind::Token,
            Kind::DataKey,
        ] {
            assert!(all.count(kind) > 0, "no pattern of {kind:?}");
        }
        all.search()
    }

    /// Looks through the memory of each function that runs.
    fn memories(&self, search: &Search) -> BTreeMap<String, Found> {
        let cloud = &self.stack.running.cloud;
        let mut all = BTreeMap::new();
        for function in cloud.stack().functions.keys() {
            for instance in cloud.instances(function) {
                let mut found = Found::new();
                memory::look(instance.pid.unwrap(), search, &mut found).unwrap();
                all.insert(format!("{function} {}", instance.number), found);
            }
        }
        all
    }

    /// The database with all its tables, and all that was logged.
    fn stored(&self, search: &Search) -> Found {
        let mut found = Found::new();
        let directory = tempfile::tempdir().unwrap();
        let image = directory.path().join("database");
        let database = self.stack.running.cloud.database();
        database.vacuum_into(image.to_str().unwrap()).unwrap();
        let image = std::fs::read(image).unwrap();
        assert!(image.starts_with(b"SQLite format 3"));
        search.look(&image, "database", &mut found);
        search.look(self.stack.logged().as_bytes(), "logs", &mut found);
        found
    }

    /// Waits until no function works.
    async fn idle(&self) {
        let cloud = &self.stack.running.cloud;
        let works = |function: &String| cloud.instances(function).iter().any(|one| one.busy);
        let wait = async {
            while cloud.stack().functions.keys().any(works) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), wait)
            .await
            .unwrap();
    }

    /// Checks that nothing is left of any session so far.
    pub async fn assert_nothing_left(&self, after: &str) {
        self.idle().await;
        let search = self.search();
        let mut left: Vec<String> = Vec::new();
        for (function, mut found) in self.memories(&search) {
            let seen = found.len();
            found.retain(|(_, kind, _), _| *kind != Kind::Control);
            assert!(found.len() < seen, "{function} was not seen");
            left.extend(found.iter().map(|what| format!("{function}: {what:?}")));
        }
        left.extend(self.stored(&search).iter().map(|what| format!("{what:?}")));
        assert!(left.is_empty(), "after {after}:\n{}", left.join("\n"));
    }
}

/// A video that no other is like.
pub async fn film(object: &str, container: Container) -> Bytes {
    let (ending, codec) = match container {
        Container::Webm => (".webm", Codec::Vp9),
        _ => (".mp4", Codec::H264),
    };
    let spec = VideoSpec {
        seconds: 4.0,
        say: Some("The piano stays.".into()),
        bitrate: Some(4_000_000),
        codec,
        container,
        ..showing(&[&format!("{object}@living_room")])
    };
    Bytes::from(std::fs::read(video(&spec, ending).await).unwrap())
}

#[tokio::test]
async fn nothing_of_a_video_outlives_its_session() {
    let disk = Disk::watch();
    let mut scene = Scene::start(&[]).await;
    let mp4 = film("armchair", Container::Mp4).await;
    let another = film("sofa_3_seat", Container::Mp4).await;
    let webm = film("bicycle", Container::Webm).await;
    assert!(mp4.len() > CHUNK as usize, "{}", mp4.len());

    // While the models are thinking, it is all there.
    scene.tap.set(Mode::Hold);
    let session = scene.open(&mp4, "video/mp4").await;
    scene.stack.upload(&session, &mp4).await;
    scene.stack.client.finalize(&session).await.unwrap();
    scene.tap.held(2).await;
    let search = scene.search();
    let during = scene.memories(&search);
    let process = during
        .iter()
        .find(|(name, _)| name.starts_with("ProcessFunction"));
    let expected = [Kind::Picture, Kind::Sound, Kind::Transcript, Kind::Control];
    let found = kinds(process.unwrap().1);
    assert!(found.is_superset(&BTreeSet::from(expected)), "{found:?}");
    assert_eq!(
        scene.stored(&search),
        Found::new(),
        "while the models are thinking"
    );
    assert!(scene.stack.parts().await > 0);
    scene.tap.set(Mode::Pass);
    scene
        .until(&session, |session| session.receipt.is_some())
        .await;
    scene.assert_nothing_left("the first").await;

    use SessionState::{Complete, Failed};
    scene.analyze(&[(&another, "video/mp4")], Complete).await;
    scene.assert_nothing_left("a second one").await;
    scene.analyze(&[(&webm, "video/webm")], Complete).await;
    scene.assert_nothing_left("one without an index").await;
    let broken = Bytes::from([&mp4[..mp4.len() / 2], &[0x5a; 1000]].concat());
    scene.analyze(&[(&broken, "video/mp4")], Failed).await;
    scene.assert_nothing_left("a broken one").await;
    scene.tap.set(Mode::Refuse);
    scene.analyze(&[(&another, "video/mp4")], Failed).await;
    scene.assert_nothing_left("one that no model takes").await;
    scene.tap.set(Mode::Pass);
    let all = [
        (&mp4, "video/mp4"),
        (&webm, "video/webm"),
        (&another, "video/mp4"),
    ];
    scene.analyze(&all, Complete).await;
    scene.assert_nothing_left("several at once").await;

    let session = scene.open(&mp4, "video/mp4").await;
    let first = mp4.slice(..CHUNK as usize);
    scene
        .stack
        .client
        .put_chunk(&session, 0, first)
        .await
        .unwrap();
    scene.stack.client.erase(&session).await.unwrap();
    scene
        .stack
        .running
        .cloud
        .run_schedule("SweepFunction")
        .await
        .unwrap();
    scene.assert_nothing_left("one that was erased").await;

    let search = scene.search();
    let mut found = Found::new();
    for file in disk.changed() {
        files::look(&file, &search, &mut found);
    }
    found.retain(|(_, kind, _), _| *kind != Kind::Control);
    assert_eq!(found, Found::new(), "in files");
    scene.stack.running.shutdown().await;
}

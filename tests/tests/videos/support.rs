//! Sending a video, and the check of what comes of it.

use std::{
    num::NonZero, path::Path, sync::LazyLock, thread::available_parallelism, time::Duration,
};

use dodolens::{
    domain::{
        evidence::Gap,
        inventory::{Inventory, NO_ROOM},
        locale::Locale,
        receipt::ErasureReason,
        session::SessionState,
    },
    wire::{http::Snapshot, problem::ProblemCode, ws::Event},
};
use dodolens_local::{
    client::{Options, VideoFile},
    video::VideoSpec,
};
use dodolens_testing::Form;
use dodolens_tests::stack::{TestStack, showing, video};
use tokio::{sync::Semaphore, time::timeout};

/// How long the last event may come after the snapshot that tells the same.
const EVENT_WITHIN: Duration = Duration::from_secs(120);

/// Sessions under way at the same time, over all tests: with more, the simulated models don't answer in time.
static AT_ONCE: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(2, NonZero::get)));

/// A session that has ended.
pub struct Sent {
    pub snapshot: Snapshot,
    /// The event that told how it ended.
    pub told: Event,
}

/// What is published of a result.
static FORM: LazyLock<Form> = LazyLock::new(|| {
    let schema = include_str!("../../../docs/inventory.schema.json");
    Form::new(serde_json::from_str(schema).unwrap())
});

/// Sends a video and hears it out, by a connection that has joined before the first byte: to one that comes later, a
/// short session has nothing more to tell.
pub async fn send(stack: &TestStack, video: &Path, locale: Locale) -> Sent {
    let _turn = AT_ONCE.acquire().await.unwrap();
    let options = Options {
        locale,
        ..Options::default()
    };
    let (client, video) = (&stack.client, VideoFile::open(video).unwrap());
    let session = client.open(&video, &options, &mut |_| {}).await.unwrap();
    let mut socket = client.connect(&session).await.unwrap();
    socket.join().await.unwrap();
    let joined = socket.next().await.unwrap().unwrap().event;
    assert!(matches!(joined, Event::SessionJoined(_)), "{joined:?}");

    let outcome = client
        .follow(&session, &video, &options, &mut |_| {})
        .await
        .expect("the session ends");
    let told = async {
        loop {
            let event = socket.next().await.unwrap().unwrap().event;
            if matches!(event, Event::AnalysisComplete(_) | Event::Error(_)) {
                return event;
            }
        }
    };
    Sent {
        snapshot: outcome.last.snapshot,
        told: timeout(EVENT_WITHIN, told)
            .await
            .expect("an event tells the end"),
    }
}

/// A video, and the inventory it has to become.
pub struct Case {
    pub name: &'static str,
    pub spec: VideoSpec,
    /// Of the file's name.
    pub ending: &'static str,
    pub locale: Locale,
    /// As `<catalogue id>@<room>x<quantity>`, sorted; the room is empty where none is known.
    pub moves: Vec<String>,
    /// As `moves`.
    pub stays: Vec<String>,
    pub degraded: Vec<Gap>,
}

impl Case {
    /// A video in which these objects, as in [`showing`], are seen, and all of which move.
    pub fn seen(name: &'static str, items: &[&str]) -> Self {
        let spec = showing(items);
        let mut moves: Vec<_> = spec
            .items
            .iter()
            .map(|item| {
                let (id, room) = (item.marker.item(), item.marker.room());
                format!("{id}@{room}x{}", item.count)
            })
            .collect();
        moves.sort();
        Self {
            name,
            spec,
            ending: ".mp4",
            locale: Locale::En,
            moves,
            stays: Vec::new(),
            degraded: Vec::new(),
        }
    }

    /// Makes the video, sends it, and checks the inventory and that the video is gone. Gives the video's length,
    /// bytes.
    pub async fn check(&self, stack: &TestStack) -> u64 {
        let name = self.name;
        let (result, bytes) = self.send(stack).await;
        assert_eq!(moving(&result), self.moves, "{name}: what moves");
        assert_eq!(staying(&result), self.stays, "{name}: what stays");
        bytes
    }

    /// Makes the video, sends it, and checks all but the objects, and that the video is gone. Gives the inventory and
    /// the video's length, bytes.
    pub async fn send(&self, stack: &TestStack) -> (Inventory, u64) {
        let name = self.name;
        let file = video(&self.spec, self.ending).await;
        let bytes = std::fs::metadata(&file).unwrap().len();
        let sent = send(stack, &file, self.locale).await;

        let problem = &sent.snapshot.problem;
        assert_eq!(
            sent.snapshot.state,
            SessionState::Complete,
            "{name}: {problem:?}"
        );
        let result = sent.snapshot.result.unwrap();
        let document = serde_json::to_value(&result).unwrap();
        assert_eq!(FORM.check(&document), Ok(()), "{name}");
        assert_eq!(result.degraded, self.degraded, "{name}");
        assert_eq!(result.locale, self.locale, "{name}");
        let receipt = sent.snapshot.receipt.unwrap();
        assert_eq!(
            (receipt.statement.reason, receipt.statement.bytes),
            (ErasureReason::Completed, bytes),
            "{name}"
        );
        assert_eq!(
            sent.told,
            Event::AnalysisComplete(Box::new(result.clone())),
            "{name}"
        );
        (result, bytes)
    }
}

/// What moves, as in [`Case::moves`].
pub fn moving(result: &Inventory) -> Vec<String> {
    let objects = result.objects().into_iter();
    lines(objects.map(|it| {
        let id = it.catalogue_id.unwrap_or_default();
        (id, it.room.unwrap_or_default(), it.quantity)
    }))
}

/// What stays, as in [`Case::stays`].
pub fn staying(result: &Inventory) -> Vec<String> {
    lines(result.staying.iter().flat_map(|(room, things)| {
        let room = if room == NO_ROOM { "" } else { room };
        let things = things.iter();
        things.map(move |(id, quantity)| (id.clone(), room.to_owned(), *quantity))
    }))
}

fn lines(entries: impl Iterator<Item = (String, String, u32)>) -> Vec<String> {
    let mut lines: Vec<_> = entries
        .map(|(id, room, quantity)| format!("{id}@{room}x{quantity}"))
        .collect();
    lines.sort();
    lines
}

/// Sends what is no good video and checks that it ends in this problem, with the video gone. Nothing else may be under
/// way on the stack.
pub async fn fails(stack: &TestStack, name: &str, video: &Path, code: ProblemCode) {
    let bytes = std::fs::metadata(video).unwrap().len();
    let sent = send(stack, video, Locale::En).await;

    assert_eq!(sent.snapshot.state, SessionState::Failed, "{name}");
    let problem = sent.snapshot.problem.unwrap();
    assert_eq!(problem.code, code, "{name}");
    assert_eq!(sent.snapshot.result, None, "{name}");
    let receipt = sent.snapshot.receipt.unwrap();
    assert_eq!(
        (receipt.statement.reason, receipt.statement.bytes),
        (ErasureReason::Failed, bytes),
        "{name}"
    );
    assert_eq!(stack.parts().await, 0, "{name}: parts are left");
    assert_eq!(sent.told, Event::Error(Box::new(problem)), "{name}");
}

/// Checks that no part is left and that nothing of `spoken` was logged, and stops the stack.
pub async fn finish(stack: TestStack, spoken: &[&str]) {
    assert_eq!(stack.parts().await, 0, "parts are left");
    let logged = stack.logged().to_lowercase();
    assert!(logged.contains("media destroyed"), "the functions log");
    for text in spoken {
        for words in text.to_lowercase().split(['.', ',']).map(str::trim) {
            assert!(
                words.is_empty() || !logged.contains(words),
                "what was said is in a log"
            );
        }
    }
    stack.running.shutdown().await;
}

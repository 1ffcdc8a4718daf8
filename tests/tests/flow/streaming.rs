use std::time::Duration;

use bytes::Bytes;
use dodolens::{
    domain::{
        fusion::FoundObject,
        inventory::Inventory,
        session::{SessionState, Stage},
    },
    wire::{
        http::Snapshot,
        ws::{AnalysisProgress, Event},
    },
};
use dodolens_local::{
    peer::{Faults, PeerOptions, Provider, Task},
    video::VideoSpec,
};
use dodolens_tests::stack::{AI_KEY, Setup, TestStack, showing, video};

/// All progress that a client is told of until the end, and the snapshot after it.
type Followed = (
    TestStack,
    Vec<AnalysisProgress>,
    Option<Inventory>,
    Snapshot,
);

/// A session whose client was told of all that was found. On a machine that is too busy to tell it in time, another follows.
async fn followed(peer: PeerOptions, vision: &str) -> Followed {
    for _ in 0..5 {
        let followed = Box::pin(follow(peer.clone(), vision)).await;
        let (_, told, inventory, _) = &followed;
        let last = told.last().map(|last| last.progress.stage);
        if inventory.is_none() || last == Some(Stage::Finishing) {
            return followed;
        }
        followed.0.running.shutdown().await;
    }
    panic!("what was found is never told");
}

async fn follow(peer: PeerOptions, vision: &str) -> Followed {
    let stack = TestStack::start(Setup {
        peer,
        parameters: vec![("AiVision", vision.to_owned())],
        ..Setup::default()
    })
    .await;
    let spec = VideoSpec {
        seconds: 8.0,
        ..showing(&[
            "armchair@living_room:0-3",
            "chair@kitchenx2:2-6",
            "bicycle@cellar:5-8",
        ])
    };
    let path = video(&spec, ".mp4").await;
    let bytes = Bytes::from(std::fs::read(&path).unwrap());
    let session = stack.open(bytes.len() as u64).await;
    stack.upload(&session, &bytes).await;
    let mut events = stack.client.connect(&session).await.unwrap();
    stack.client.finalize(&session).await.unwrap();
    let mut told = Vec::new();
    let mut last_seq = 0;
    let heard = async {
        loop {
            let message = events.next().await.unwrap().unwrap();
            assert!(message.seq >= last_seq);
            last_seq = message.seq;
            match message.event {
                Event::AiAnalysisProgress(progress) => told.push(progress),
                Event::AnalysisComplete(inventory) => break Some(*inventory),
                Event::Error(_) => break None,
                _ => {}
            }
        }
    };
    let inventory = tokio::time::timeout(Duration::from_secs(120), heard)
        .await
        .unwrap();
    let snapshot = stack.client.snapshot(&session).await.unwrap().snapshot;
    (stack, told, inventory, snapshot)
}

fn dripping(cut_after: Option<usize>) -> Faults {
    Faults {
        drip: Duration::from_millis(40),
        cut_after,
        ..Faults::default()
    }
}

/// How many objects a list has.
fn count(progress: &AnalysisProgress) -> u32 {
    let objects = progress.found.objects.iter();
    objects.map(|object| object.quantity).sum()
}

fn assert_never_back(told: &[AnalysisProgress]) {
    let fractions: Vec<f64> = told.iter().map(|now| now.progress.fraction).collect();
    assert!(fractions.is_sorted(), "{fractions:?}");
}

#[tokio::test]
async fn the_list_grows_before_the_analysis_is_complete() {
    for (provider, vision) in [
        (Provider::OpenAi, "openai:gpt-6-luna"),
        (Provider::Compatible, "compatible:sees-at-home"),
    ] {
        let mut peer = PeerOptions::new(AI_KEY);
        peer.vision = dripping(None);
        peer.elsewhere
            .insert((provider, Task::Vision), dripping(None));
        let (stack, told, inventory, snapshot) = followed(peer, vision).await;
        assert_never_back(&told);
        let (last, before) = told.split_last().unwrap();
        assert_eq!(last.progress.stage, Stage::Finishing);
        let growing: Vec<u32> = before.iter().map(count).collect();
        assert!(growing.is_sorted(), "{growing:?}");
        let partial = growing.iter().filter(|count| (1..4).contains(*count));
        assert!(partial.count() >= 1, "{growing:?}");

        // What is listed last is what the result says.
        let inventory = inventory.unwrap();
        let objects = inventory.objects().into_iter().map(|object| FoundObject {
            catalogue_id: object.catalogue_id,
            name: object.name,
            quantity: object.quantity,
        });
        let mut objects: Vec<_> = objects.collect();
        objects.sort_by(|a, b| a.catalogue_id.cmp(&b.catalogue_id));
        assert_eq!((&last.found.objects, last.found.more), (&objects, 0));
        assert_eq!(count(last), 4);
        // Nothing of it is in the snapshot's progress.
        assert_eq!(snapshot.state, SessionState::Complete);
        assert_eq!(snapshot.result, Some(inventory));
        stack.running.shutdown().await;
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_followed_by_the_next_provider() {
    let mut peer = PeerOptions::new(AI_KEY);
    // Cut off in the second half of its objects, twice.
    peer.vision = dripping(Some(40));
    let chain = "openai:gpt-6-luna,anthropic:claude-haiku-4-5";
    let (stack, told, inventory, _) = followed(peer, chain).await;
    assert_never_back(&told);
    assert_eq!(count(told.last().unwrap()), 4);
    let inventory = inventory.unwrap();
    assert_eq!(inventory.rooms.iter().map(|it| it.quantity).sum::<u32>(), 4);
    assert_eq!(inventory.degraded, []);
    let seen = stack.running.peer.as_ref().unwrap().seen();
    let mut asked: Vec<Provider> = seen
        .iter()
        .filter(|seen| seen.task == Task::Vision)
        .map(|seen| seen.provider)
        .collect();
    // How often within its share of the time depends on how fast the machine is.
    asked.dedup();
    assert_eq!(asked, [Provider::OpenAi, Provider::Anthropic]);
    stack.running.shutdown().await;
}

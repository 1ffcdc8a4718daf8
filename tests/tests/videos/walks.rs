//! Walks through homes: the whole home is seen, and each thing is counted once.

use std::collections::BTreeMap;

use dodolens::domain::{
    inventory::{Conflict, Inventory},
    locale::Locale,
};
use dodolens_local::{
    peer::{PeerOptions, Task},
    video::{Codec, Container, VideoSpec, Walk, WalkSpec},
};
use dodolens_tests::stack::{AI_KEY, Setup, TestStack, showing};

use super::support::{Case, finish};

/// How many of each kind in each room.
type Counts = BTreeMap<(String, String), u32>;

/// What a walk has, and what was found of it.
#[derive(Debug, Default)]
struct Score {
    there: u32,
    found: u32,
    right: u32,
}

impl Score {
    fn of(truth: &Counts, found: &Counts) -> Self {
        let right = |(what, count): (&_, &u32)| found.get(what).copied().unwrap_or(0).min(*count);
        Self {
            there: truth.values().sum(),
            found: found.values().sum(),
            right: truth.iter().map(right).sum(),
        }
    }

    fn recall(&self) -> f64 {
        f64::from(self.right) / f64::from(self.there)
    }

    fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from(self.found)
    }
}

fn found(inventory: &Inventory) -> Counts {
    let objects = inventory.objects().into_iter();
    let count = |object: dodolens::domain::inventory::Object| {
        let (room, id) = (object.room.unwrap(), object.catalogue_id.unwrap());
        ((room, id), object.quantity)
    };
    objects.map(count).collect()
}

/// A film of few pictures a second, which is all that is looked at.
fn film(items: &[&str], seconds: f64) -> VideoSpec {
    VideoSpec {
        seconds,
        fps: 10.0,
        audio: false,
        ..showing(items)
    }
}

async fn analysed(
    stack: &TestStack,
    name: &'static str,
    spec: VideoSpec,
    ending: &'static str,
) -> Inventory {
    let case = Case {
        spec,
        ending,
        locale: Locale::En,
        degraded: vec![dodolens::domain::evidence::Gap::NoSound],
        ..Case::seen(name, &[])
    };
    case.send(stack).await.0
}

async fn walked(
    stack: &TestStack,
    walk: &str,
    change: impl FnOnce(&mut VideoSpec),
) -> (Score, Inventory) {
    let walk = Walk::new(&walk.parse::<WalkSpec>().unwrap()).unwrap();
    let mut spec = VideoSpec {
        items: walk.placements.clone(),
        ..film(&[], walk.seconds)
    };
    change(&mut spec);
    let ending = match spec.container {
        Container::Webm => ".webm",
        _ => ".mp4",
    };
    let inventory = analysed(stack, "a walk", spec, ending).await;
    let truth = walk.truth().things.into_iter();
    let truth = truth.map(|kept| {
        (
            (kept.room.to_owned(), kept.catalogue_id.to_owned()),
            kept.count,
        )
    });
    (Score::of(&truth.collect(), &found(&inventory)), inventory)
}

#[tokio::test]
async fn a_home_is_found_whole() {
    let stack = TestStack::start(Setup::default()).await;
    for (walk, least) in [
        ("things=60,rooms=6,view=4,seed=11", 0.98),
        ("things=24,rooms=4,view=2,seed=12", 0.95),
        ("things=24,rooms=4,view=1,seed=13", 0.8),
    ] {
        let (score, inventory) = walked(&stack, walk, |_| {}).await;
        assert!(
            score.recall() >= least && score.precision() >= least,
            "{walk}: {score:?}"
        );
        assert!(
            inventory.coverage.longest_gap <= 2.6,
            "{walk}: {:?}",
            inventory.coverage
        );
    }
    // As a browser writes it: hardly any picture can be decoded alone.
    let sparse = "things=12,rooms=3,view=4,seed=14";
    let (score, _) = walked(&stack, sparse, |spec| {
        spec.codec = Codec::Vp9;
        spec.container = Container::Webm;
        spec.key_every = 10.0;
        spec.size = (960, 540);
    })
    .await;
    assert!(
        score.recall() >= 0.98 && score.precision() >= 0.98,
        "{sparse}: {score:?}"
    );
    finish(stack, &[]).await;
}

#[tokio::test]
async fn things_are_counted_and_not_how_often_they_are_seen() {
    // A few pictures take several calls.
    let limits = "pictures=4,megabytes=14,tokens=16000";
    let stack = TestStack::start(Setup {
        parameters: vec![("AiCallLimits", limits.into())],
        ..Setup::default()
    })
    .await;
    let twelve: Vec<String> = (0..6)
        .map(|pair| {
            format!(
                "chair@dining_room#{}x2:{}-{}",
                2 * pair + 1,
                8 * pair,
                8 * pair + 8
            )
        })
        .collect();
    let twelve: Vec<&str> = twelve.iter().map(String::as_str).collect();
    let inventory = analysed(
        &stack,
        "twelve chairs, two by two",
        film(&twelve, 48.0),
        ".mp4",
    )
    .await;
    let chairs = |inventory: &Inventory| -> u32 {
        inventory
            .objects()
            .iter()
            .map(|object| object.quantity)
            .sum()
    };
    assert_eq!(chairs(&inventory), 12, "{inventory:?}");
    assert!(inventory.objects()[0].conflict.is_none());

    // Two chairs all the time; something else comes and goes, so that no picture is left out.
    let mut two = vec!["chair@kitchen#1x2".to_owned()];
    let lamps = (0..15).map(|n| format!("lamp_floor@kitchen#1:{}-{}", 4 * n, 4 * n + 2));
    two.extend(lamps);
    let two: Vec<&str> = two.iter().map(String::as_str).collect();
    let inventory = analysed(
        &stack,
        "two chairs in thirty pictures",
        film(&two, 60.0),
        ".mp4",
    )
    .await;
    assert!(
        inventory.coverage.pictures >= 25,
        "{:?}",
        inventory.coverage
    );
    assert_eq!(found(&inventory).values().sum::<u32>(), 3, "{inventory:?}");
    let seen = stack.running.peer.as_ref().unwrap().seen();
    let looks = seen.iter().filter(|seen| seen.task == Task::Vision).count();
    assert!(looks >= 8, "{looks} calls");
    finish(stack, &[]).await;
}

#[tokio::test]
async fn what_nobody_decides_is_counted_as_different_and_told() {
    let mut peer = PeerOptions::new(AI_KEY);
    peer.join.fail = Some(dodolens_local::peer::Failures {
        status: 400,
        requests: None,
    });
    let stack = TestStack::start(Setup {
        peer,
        parameters: vec![(
            "AiCallLimits",
            "pictures=2,megabytes=14,tokens=16000".into(),
        )],
        ..Setup::default()
    })
    .await;
    let items = [
        "chair@kitchen#1:0-6",
        "sofa_3_seat@kitchen:6-26",
        "chair@kitchen#2:26-32",
    ];
    let inventory = analysed(&stack, "the chair at both ends", film(&items, 32.0), ".mp4").await;
    let objects = inventory.objects();
    let chairs = objects
        .iter()
        .find(|it| it.catalogue_id.as_deref() == Some("chair"))
        .unwrap();
    assert_eq!(chairs.quantity, 2);
    assert_eq!(chairs.conflict, Some(Conflict::Again { least: 1, most: 2 }));
    assert!(chairs.volume_range[0] <= 0.2, "{chairs:?}");
    let told = "Chair (Kitchen): 2 counted, or 1 if some were filmed twice.";
    assert!(
        inventory.remarks.iter().any(|remark| remark == told),
        "{:?}",
        inventory.remarks
    );
    finish(stack, &[]).await;
}

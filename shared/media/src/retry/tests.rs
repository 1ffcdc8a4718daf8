//! Which pictures take the place of others, and how few runs it takes.

use std::{ops::Range, sync::Mutex};

use super::*;
use crate::{
    batches::{Batch, batches},
    clock::{Moment, Unit},
    pictures::Point,
};
use dodolens_domain::media::{Frame, Secret};

/// A film of 16 s, ten pictures a second, with a key every so many.
fn film(group: u32) -> Pictures {
    let points = (0..160).map(|index| Point {
        index,
        pts: index.into(),
        shown: Moment {
            at: index.into(),
            length: 1,
        },
        key: index % group == 0,
        from: Some(index / group * group),
    });
    Pictures {
        points: points.collect(),
        end: 160,
        unit: Unit::per_second(10),
    }
}

/// A decoder that gives every picture but those in `at`, and remembers what it was asked.
struct Damaged {
    at: Vec<Range<u32>>,
    runs: Mutex<Vec<(usize, bool)>>,
}

impl Damaged {
    fn gives(&self, index: u32) -> bool {
        !self.at.iter().any(|at| at.contains(&index))
    }
}

impl Source for Damaged {
    async fn at_once(&self, shots: &[Shot]) -> Result<Option<Vec<Option<Secret>>>, MediaError> {
        let chained = !shots.iter().all(Shot::alone);
        self.runs.lock().unwrap().push((shots.len(), chained));
        let take = |shot: &Shot| {
            let (from, index) = (shot.decode.start, shot.decode.end - 1);
            let comes = self.gives(from) && self.gives(index);
            comes.then(|| vec![u8::try_from(index).unwrap()].into())
        };
        Ok(Some(shots.iter().map(take).collect()))
    }

    fn batches(&self, shots: &[Shot]) -> Vec<Batch> {
        batches(shots, |_| 0)
    }

    fn lanes(&self) -> usize {
        1
    }
}

/// The tenths of seconds at which pictures are seen, how many are lost, the unseen stretches in tenths, and the runs.
type Told = (Vec<u8>, usize, Vec<(u128, u128)>, Vec<(usize, bool)>);

async fn seen(group: u32, damaged: &[(u32, u32)]) -> Told {
    let source = Damaged {
        at: damaged.iter().map(|(from, to)| *from..*to).collect(),
        runs: Mutex::default(),
    };
    let film = film(group);
    let plan = Plan::choose(&film, 8).unwrap();
    let until = Instant::now() + Duration::from_secs(600);
    let batches = source.batches(&plan.shots);
    let first = take(&source, &plan.shots, batches, until).await.unwrap();
    let seen = complete(&source, &film, &plan, first, until).await.unwrap();
    let tenths = |time: Duration| time.as_millis() / 100;
    let mut frames = Vec::new();
    for Picture { frame, .. } in &seen.pictures {
        assert_eq!(tenths(frame.at), u128::from(frame.jpeg.expose()[0]));
        frames.push(frame.jpeg.expose()[0]);
    }
    let unseen = seen
        .unseen
        .iter()
        .map(|it| (tenths(it.start), tenths(it.end)))
        .collect();
    (frames, seen.lost, unseen, source.runs.into_inner().unwrap())
}

#[tokio::test]
async fn what_came_is_not_asked_for_again() {
    let (frames, lost, unseen, runs) = seen(10, &[]).await;
    assert_eq!(frames, [10, 30, 50, 70, 90, 110, 130, 150]);
    assert_eq!((lost, unseen, runs), (0, vec![], vec![(8, false)]));
}

#[tokio::test]
async fn the_next_key_or_the_one_before_takes_its_place() {
    let (frames, lost, unseen, runs) = seen(10, &[(30, 31), (70, 81)]).await;
    assert_eq!(frames, [10, 40, 50, 60, 90, 110, 130, 150]);
    assert_eq!(
        (lost, unseen, runs),
        (0, vec![], vec![(8, false), (4, false)])
    );
}

#[tokio::test]
async fn between_two_damaged_pictures_each_key_is_given_once() {
    let (frames, lost, _, runs) = seen(10, &[(30, 31), (50, 51), (60, 61)]).await;
    assert_eq!(frames, [10, 40, 49, 70, 90, 110, 130, 150]);
    assert_eq!(lost, 0);
    assert_eq!(runs, [(8, false), (3, false), (2, true)]);
}

#[tokio::test]
async fn without_another_key_the_picture_before_it_in_its_group_does() {
    let (frames, lost, unseen, runs) = seen(20, &[(40, 41)]).await;
    assert_eq!(frames, [0, 20, 39, 60, 80, 100, 120, 140]);
    assert_eq!((lost, unseen), (0, vec![]));
    assert_eq!(runs, [(8, false), (2, true)]);
}

#[tokio::test]
async fn neighbours_of_a_picture_within_a_long_group_take_its_place() {
    let (frames, lost, unseen, runs) = seen(1000, &[(82, 88)]).await;
    assert_eq!(frames, [0, 21, 42, 63, 92, 106, 127, 148]);
    assert_eq!((lost, unseen), (0, vec![]));
    assert_eq!(runs, [(1, false), (7, true), (6, true)]);
}

#[tokio::test]
async fn what_is_lost_all_around_is_told_after_three_runs_at_most() {
    for group in [10, 20] {
        let (frames, lost, unseen, runs) = seen(group, &[(41, 120)]).await;
        assert!(
            frames.iter().all(|at| !(41..120).contains(at)),
            "{frames:?}"
        );
        assert!(lost >= 2 && frames.len() + lost == 8, "{frames:?}");
        assert_eq!(unseen.len(), 1);
        assert!(runs.len() <= 3);
    }
    let (frames, lost, unseen, runs) = seen(10, &[(0, 160)]).await;
    assert_eq!((frames, lost), (vec![], 8));
    assert_eq!((unseen, runs.len()), (vec![(0, 160)], 2));
}

/// A decoder that fails at once, or never ends.
struct Broken(Option<MediaError>);

impl Source for Broken {
    async fn at_once(&self, _: &[Shot]) -> Result<Option<Vec<Option<Secret>>>, MediaError> {
        match self.0 {
            Some(error) => Err(error),
            None => std::future::pending().await,
        }
    }

    fn batches(&self, shots: &[Shot]) -> Vec<Batch> {
        batches(shots, |_| 0)
    }

    fn lanes(&self) -> usize {
        1
    }
}

#[tokio::test]
async fn what_came_is_kept_when_a_retry_fails_or_takes_too_long() {
    let film = film(10);
    let plan = Plan::choose(&film, 8).unwrap();
    for error in [Some(MediaError::TooSlow), None] {
        for kept in [7, 0] {
            let frame = Frame {
                jpeg: vec![1].into(),
                at: Duration::ZERO,
            };
            let mut first = vec![Outcome::Came(Picture { frame, look: None }); kept];
            first.resize(8, Outcome::Lost);
            let patience = if error.is_some() { 600 } else { 0 };
            let until = Instant::now() + Duration::from_secs(patience);
            let seen = complete(&Broken(error), &film, &plan, first, until).await;
            match (kept, error) {
                (0, Some(error)) => assert_eq!(seen.err(), Some(error)),
                (kept, _) => assert_eq!(seen.unwrap().lost, 8 - kept),
            }
        }
    }
}

//! What takes the place of pictures that were planned and can't be decoded: their neighbours.

#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use super::{
    losses::{Planned, unseen},
    pictures::{Pictures, Point},
    plan::{Plan, Shot},
};
use dodolens_app::ports::MediaError;
use dodolens_domain::media::{Frame, Secret};

/// Where pictures come from.
pub(super) trait Source: Sync {
    /// The pictures of `shots`, each `None` that does not come. If `chained`, others are decoded on the way; else each
    /// stands alone. `None` in the place of all when they can't be taken together.
    fn at_once(
        &self,
        shots: &[Shot],
        chained: bool,
    ) -> impl Future<Output = Result<Option<Vec<Option<Secret>>>, MediaError>> + Send;

    /// As [`Self::at_once`]; those that can't be taken together are divided.
    fn take(
        &self,
        shots: &[Shot],
        chained: bool,
    ) -> impl Future<Output = Result<Vec<Option<Secret>>, MediaError>> + Send {
        async move {
            let mut taken = Vec::with_capacity(shots.len());
            let mut rest = vec![shots];
            while let Some(shots) = rest.pop() {
                match self.at_once(shots, chained).await? {
                    Some(jpegs) => taken.extend(jpegs),
                    None if shots.len() < 2 => taken.extend(shots.iter().map(|_| None)),
                    None => {
                        let (first, second) = shots.split_at(shots.len() / 2);
                        rest.extend([second, first]);
                    }
                }
            }
            Ok(taken)
        }
    }
}

/// The pictures that came, and what did not.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// In order of time.
    pub(super) frames: Vec<Frame>,
    /// How many of the planned pictures came neither themselves nor by a neighbour.
    pub(super) lost: usize,
    /// Stretches of which nothing was seen.
    pub(super) unseen: Vec<std::ops::Range<Duration>>,
    /// Length of the video.
    pub(super) duration: Duration,
}

/// A picture that may take the place of a planned one, by its place in the plan.
type Candidate = (usize, Shot);

/// One attempt to find pictures in the place of others.
struct Attempt {
    candidates: Vec<Candidate>,
    chained: bool,
}

/// Completes what came of `plan`, `first`, with neighbours of what did not: those that stand alone, then those within a
/// group of pictures. It takes two runs at most (and lists), however many are missing, and no longer than `until`; what
/// came before is kept whatever happens.
///
/// # Errors
/// If nothing came, and an attempt failed.
pub(super) async fn complete(
    source: &impl Source,
    pictures: &Pictures,
    plan: &Plan,
    first: Vec<Option<Secret>>,
    until: Instant,
) -> Result<Seen, MediaError> {
    let mut found = Found::new(pictures, plan, first);
    let attempts = async {
        if !plan.chained {
            let attempt = found.alone();
            found.fill(source, attempt).await?;
        }
        let attempt = found.through();
        found.fill(source, attempt).await
    };
    let ended = timeout_at(until, attempts).await.unwrap_or(Ok(()));
    if found.frames.iter().all(Option::is_none) {
        ended?;
    }
    Ok(found.seen())
}

/// What was found so far.
struct Found<'a> {
    pictures: &'a Pictures,
    plan: &'a Plan,
    /// A picture for each shot of the plan.
    frames: Vec<Option<Frame>>,
    /// Places in decoding order of what came, or was tried in vain.
    came: HashSet<u32>,
    vain: HashSet<u32>,
}

impl<'a> Found<'a> {
    fn new(pictures: &'a Pictures, plan: &'a Plan, first: Vec<Option<Secret>>) -> Self {
        let mut found = Self {
            pictures,
            plan,
            frames: vec![None; plan.shots.len()],
            came: HashSet::new(),
            vain: HashSet::new(),
        };
        found.put(
            plan.shots.iter().cloned().enumerate().collect(),
            &plan.shots,
            first,
        );
        found
    }

    /// Tries the candidates, each once, and gives each shot the first of its own that came and is not taken.
    async fn fill(&mut self, source: &impl Source, attempt: Attempt) -> Result<(), MediaError> {
        let mut tried = HashSet::new();
        let shots = attempt.candidates.iter().map(|(_, shot)| shot);
        let shots: Vec<_> = shots
            .filter(|shot| tried.insert(shot.decode.end))
            .cloned()
            .collect();
        if shots.is_empty() {
            return Ok(());
        }
        let jpegs = source.take(&shots, attempt.chained).await?;
        self.put(attempt.candidates, &shots, jpegs);
        Ok(())
    }

    fn put(&mut self, candidates: Vec<Candidate>, tried: &[Shot], jpegs: Vec<Option<Secret>>) {
        let mut pool = HashMap::new();
        for (shot, jpeg) in tried.iter().zip(jpegs) {
            match jpeg {
                Some(jpeg) => {
                    self.came.insert(shot.decode.end);
                    pool.insert(shot.decode.end, jpeg);
                }
                None => {
                    self.vain.insert(shot.decode.end);
                }
            }
        }
        for (place, shot) in candidates {
            if let Some(frame @ None) = self.frames.get_mut(place) {
                *frame = pool
                    .remove(&shot.decode.end)
                    .map(|jpeg| Frame { jpeg, at: shot.at });
            }
        }
    }

    /// The shots without a picture.
    fn lost(&self) -> impl Iterator<Item = (usize, &'a Shot)> {
        let shots = self.plan.shots.iter().enumerate().zip(&self.frames);
        shots.filter_map(|(shot, frame)| frame.is_none().then_some(shot))
    }

    fn untried(&self) -> impl Iterator<Item = &'a Point> {
        self.pictures.points.iter().filter(|point| {
            let end = point.index.saturating_add(1);
            !self.came.contains(&end) && !self.vain.contains(&end)
        })
    }

    fn time(&self, point: &Point) -> Duration {
        self.pictures.unit.duration(point.shown.at)
    }

    /// Of `points`, which are in order of presentation, the first of those shown after `time` that will `do_`, and the
    /// last of those before, neither a slice or more from it; the nearer one first.
    fn around<'p>(
        &self,
        points: &[&'p Point],
        time: Duration,
        do_: impl Fn(&Point) -> bool,
    ) -> Vec<&'p Point> {
        let off = |point: &Point| self.time(point).abs_diff(time);
        let near = |point: &&&Point| off(point) < self.plan.slice;
        let (before, after) =
            points.split_at(points.partition_point(|point| self.time(point) <= time));
        let after = after.iter().take_while(near).find(|point| do_(point));
        let before = before
            .iter()
            .rev()
            .take_while(near)
            .find(|point| do_(point));
        let mut sides: Vec<_> = after.into_iter().chain(before).copied().collect();
        sides.sort_by_key(|point| off(point));
        sides
    }

    fn shot(&self, point: &Point, from: u32) -> Shot {
        Shot {
            decode: from..point.index.saturating_add(1),
            pts: point.pts,
            at: self.time(point),
        }
    }

    /// The next picture that stands alone, and the one before.
    fn alone(&self) -> Attempt {
        let keys: Vec<_> = self.untried().filter(|point| point.key).collect();
        let around = |shot: &Shot| self.around(&keys, shot.at, |_| true);
        self.attempt(false, |shot| {
            around(shot)
                .into_iter()
                .map(|key| self.shot(key, key.index))
                .collect()
        })
    }

    /// Pictures within groups. Of a damaged one that should stand alone: it itself, if it only seemed to, and the last one
    /// before it, both from the last before them that does; what follows it shows its damage. Of one that does not, its
    /// neighbours near and far.
    fn through(&self) -> Attempt {
        let keys = self
            .pictures
            .points
            .iter()
            .filter(|point| point.key)
            .map(|point| point.index);
        let mut keys: Vec<_> = keys
            .filter(|key| !self.vain.contains(&key.saturating_add(1)))
            .collect();
        keys.sort_unstable();
        let before = |index: u32| {
            let count = keys.partition_point(|key| *key < index);
            keys.get(count.checked_sub(1)?).copied()
        };
        let from = |point: &Point| before(point.from?.saturating_add(1));
        let others: Vec<_> = self
            .untried()
            .filter(|point| !point.key && from(point).is_some())
            .collect();
        let others = |time: Duration, before: u32| {
            let around = self.around(&others, time, |point| point.index < before);
            around
                .into_iter()
                .filter_map(|point| Some(self.shot(point, from(point)?)))
        };
        self.attempt(true, |shot| {
            if self.plan.chained {
                let far = self.plan.slice / 3;
                let times = [
                    shot.at,
                    shot.at.saturating_add(far),
                    shot.at.saturating_sub(far),
                ];
                return times
                    .into_iter()
                    .flat_map(|time| others(time, u32::MAX))
                    .collect();
            }
            let wanted = shot.decode.end.saturating_sub(1);
            let itself = before(wanted).map(|key| Shot {
                decode: key..shot.decode.end,
                ..shot.clone()
            });
            itself.into_iter().chain(others(shot.at, wanted)).collect()
        })
    }

    fn attempt(&self, chained: bool, candidates: impl Fn(&Shot) -> Vec<Shot>) -> Attempt {
        let of_shot = |(place, shot)| candidates(shot).into_iter().map(move |it| (place, it));
        Attempt {
            candidates: self.lost().flat_map(of_shot).collect(),
            chained,
        }
    }

    fn seen(self) -> Seen {
        let lost = self.lost().count();
        let mut frames: Vec<_> = self.frames.into_iter().flatten().collect();
        frames.sort_by_key(|frame| frame.at);
        let came: Vec<_> = frames.iter().map(|frame| frame.at).collect();
        let mut shots: Vec<_> = self.plan.shots.iter().map(|shot| shot.at).collect();
        shots.sort_unstable();
        let ends = self
            .pictures
            .points
            .iter()
            .map(|point| point.shown.at.saturating_add(point.shown.length));
        let there = self.pictures.unit.duration(ends.max().unwrap_or(0));
        let planned = Planned {
            shots: &shots,
            slice: self.plan.slice,
            there,
            promised: self.plan.duration,
        };
        Seen {
            lost,
            unseen: unseen(&planned, &came),
            frames,
            duration: self.plan.duration,
        }
    }
}

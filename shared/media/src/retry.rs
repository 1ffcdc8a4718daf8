//! What takes the place of pictures that were planned and can't be decoded: their neighbours.

#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use super::{
    losses::{Planned, unseen},
    pictures::{Pictures, Point},
    plan::{Plan, Shot},
    source::Source,
    taking::{Outcome, Picture, take},
};
use dodolens_app::ports::MediaError;

/// The pictures that came of a plan, and what did not.
#[derive(Debug, Default)]
pub(super) struct Completed {
    /// In order of time.
    pub(super) pictures: Vec<Picture>,
    /// The ends, in decoding order, of all shots that were tried.
    pub(super) tried: HashSet<u32>,
    /// How many of the planned pictures came neither themselves nor by a neighbour.
    pub(super) lost: usize,
    /// Stretches of which nothing was seen.
    pub(super) unseen: Vec<Range<Duration>>,
}

/// A picture that may take the place of a planned one, by its place in the plan.
type Candidate = (usize, Shot);

/// Completes what came of `plan`, `first`, with neighbours of what did not: those that stand alone, then those within a
/// group of pictures. It takes two rounds at most, however many are missing, and no longer than `until`; what came before
/// is kept whatever happens.
///
/// # Errors
/// If nothing came, and an attempt failed.
pub(super) async fn complete(
    source: &impl Source,
    pictures: &Pictures,
    plan: &Plan,
    first: Vec<Outcome>,
    until: Instant,
) -> Result<Completed, MediaError> {
    let mut found = Found::new(pictures, plan, first);
    let attempts = async {
        let alone = found.alone();
        found.fill(source, alone, until).await?;
        let through = found.through();
        found.fill(source, through, until).await
    };
    let ended = timeout_at(until, attempts).await.unwrap_or(Ok(()));
    if found.taken.iter().all(Option::is_none) {
        ended?;
    }
    Ok(found.completed())
}

/// What was found so far.
struct Found<'a> {
    pictures: &'a Pictures,
    plan: &'a Plan,
    /// A picture for each shot of the plan.
    taken: Vec<Option<Picture>>,
    /// Places in decoding order of what came, or was tried in vain.
    came: HashSet<u32>,
    vain: HashSet<u32>,
}

impl<'a> Found<'a> {
    fn new(pictures: &'a Pictures, plan: &'a Plan, first: Vec<Outcome>) -> Self {
        let mut found = Self {
            pictures,
            plan,
            taken: vec![None; plan.shots.len()],
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
    async fn fill(
        &mut self,
        source: &impl Source,
        candidates: Vec<Candidate>,
        until: Instant,
    ) -> Result<(), MediaError> {
        let mut tried = HashSet::new();
        let shots = candidates.iter().map(|(_, shot)| shot);
        let shots: Vec<_> = shots
            .filter(|shot| tried.insert(shot.decode.end))
            .cloned()
            .collect();
        if shots.is_empty() {
            return Ok(());
        }
        let outcomes = take(source, &shots, source.batches(&shots), until).await?;
        self.put(candidates, &shots, outcomes);
        Ok(())
    }

    fn put(&mut self, candidates: Vec<Candidate>, tried: &[Shot], outcomes: Vec<Outcome>) {
        let mut pool = HashMap::new();
        for (shot, outcome) in tried.iter().zip(outcomes) {
            match outcome.picture() {
                Some(picture) => {
                    self.came.insert(shot.decode.end);
                    pool.insert(shot.decode.end, picture);
                }
                None => {
                    self.vain.insert(shot.decode.end);
                }
            }
        }
        for (place, shot) in candidates {
            if let Some(picture @ None) = self.taken.get_mut(place) {
                let found = pool.remove(&shot.decode.end);
                *picture = found.map(|mut found| {
                    found.frame.at = shot.at;
                    found
                });
            }
        }
    }

    /// The shots without a picture.
    fn lost(&self) -> impl Iterator<Item = (usize, &'a Shot)> {
        let shots = self.plan.shots.iter().enumerate().zip(&self.taken);
        shots.filter_map(|(shot, picture)| picture.is_none().then_some(shot))
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

    /// For those that stand alone, the next picture that does, and the one before.
    fn alone(&self) -> Vec<Candidate> {
        let keys: Vec<_> = self.untried().filter(|point| point.key).collect();
        let shot = |key: &Point| Shot::new(key, key.index, self.pictures.unit);
        self.for_lost(|lost| {
            let around = match lost.alone() {
                true => self.around(&keys, lost.at, |_| true),
                false => Vec::new(),
            };
            around.into_iter().map(shot).collect()
        })
    }

    /// Pictures within groups. Of a damaged one that should stand alone: it itself, if it only seemed to, and the last one
    /// before it, both from the last before them that does; what follows it shows its damage. Of one that does not, its
    /// neighbours near and far.
    fn through(&self) -> Vec<Candidate> {
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
                .filter_map(|point| Some(Shot::new(point, from(point)?, self.pictures.unit)))
        };
        self.for_lost(|shot| {
            if !shot.alone() {
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

    /// The candidates for each shot without a picture.
    fn for_lost(&self, candidates: impl Fn(&Shot) -> Vec<Shot>) -> Vec<Candidate> {
        let of_shot = |(place, shot)| candidates(shot).into_iter().map(move |it| (place, it));
        self.lost().flat_map(of_shot).collect()
    }

    fn completed(self) -> Completed {
        let lost = self.lost().count();
        let mut pictures: Vec<_> = self.taken.into_iter().flatten().collect();
        pictures.sort_by_key(|picture| picture.frame.at);
        let came: Vec<_> = pictures.iter().map(|picture| picture.frame.at).collect();
        let mut shots: Vec<_> = self.plan.shots.iter().map(|shot| shot.at).collect();
        shots.sort_unstable();
        let planned = Planned {
            shots: &shots,
            slice: self.plan.slice,
            there: self.pictures.length(),
            promised: self.plan.duration,
        };
        Completed {
            pictures,
            tried: self.came.union(&self.vain).copied().collect(),
            lost,
            unseen: unseen(&planned, &came),
        }
    }
}

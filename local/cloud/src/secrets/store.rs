//! Secrets with their versions and staging labels.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use crate::names::{secret_name, uuid};

pub(super) const CURRENT: &str = "AWSCURRENT";
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";
pub(super) const PENDING: &str = "AWSPENDING";

/// An error of the service, under its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("ResourceNotFoundException")]
    NotFound,
    #[error("ResourceExistsException")]
    Exists,
    #[error("InvalidRequestException")]
    InvalidRequest,
    #[error("InvalidParameterException")]
    InvalidParameter,
    #[error("UnknownOperationException")]
    UnknownOperation,
}

/// A secret's value; no Debug, so that it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Payload {
    Text(String),
    /// Base64, as on the wire.
    Binary(String),
}

/// A version of a secret.
#[derive(Clone)]
pub(super) struct Version {
    pub id: String,
    /// None between the begin of a rotation and its `createSecret`.
    pub payload: Option<Payload>,
    pub stages: BTreeSet<String>,
    pub created: Timestamp,
}

/// A secret's versions, and when it was changed.
struct Entry {
    versions: Vec<Version>,
    dates: Dates,
}

/// What `DescribeSecret` tells of a secret's past.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dates {
    pub created: Timestamp,
    /// "Modified in any way": a version or a label was put, moved or removed.
    pub changed: Timestamp,
    /// The last rotation that was completed.
    pub rotated: Option<Timestamp>,
}

/// Every secret, by name.
#[derive(Default)]
pub(super) struct Store(Mutex<BTreeMap<String, Entry>>);

impl Store {
    /// Makes a secret with its first version.
    pub fn create(&self, name: &str, payload: Payload) {
        let now = Timestamp::now();
        let version = Version {
            id: uuid(),
            payload: Some(payload),
            stages: [CURRENT.to_owned()].into(),
            created: now,
        };
        let entry = Entry {
            versions: vec![version],
            dates: Dates {
                created: now,
                changed: now,
                rotated: None,
            },
        };
        self.secrets().insert(name.to_owned(), entry);
    }

    /// The version of an id, or of a stage, or both; the current one where neither is given. One without a stage is
    /// deprecated, but there until AWS deletes it, which this never does.
    pub fn get(
        &self,
        secret: &str,
        id: Option<&str>,
        stage: Option<&str>,
    ) -> Result<Version, Refusal> {
        self.read(secret, |entry| {
            let stage = stage.or(id.is_none().then_some(CURRENT));
            let fits = |version: &&Version| {
                id.is_none_or(|id| version.id == id)
                    && stage.is_none_or(|stage| version.stages.contains(stage))
                    && version.payload.is_some()
            };
            let found = entry.versions.iter().find(fits);
            found.cloned().ok_or(Refusal::NotFound)
        })
    }

    /// Every version that has a stage, and the secret's dates.
    pub fn describe(&self, secret: &str) -> Result<(Vec<Version>, Dates), Refusal> {
        self.read(secret, |entry| {
            let versions = entry.versions.iter();
            let staged = versions.filter(|version| !version.stages.is_empty());
            Ok((staged.cloned().collect(), entry.dates))
        })
    }

    /// Puts a version under the caller's token: the same again changes nothing, another value under
    /// the same token is refused.
    pub fn put(
        &self,
        secret: &str,
        token: &str,
        payload: Payload,
        stages: &[String],
    ) -> Result<Version, Refusal> {
        self.change(secret, |versions| {
            match versions.iter_mut().find(|version| version.id == token) {
                Some(version) => match &version.payload {
                    Some(before) if *before == payload => return Ok(version.clone()),
                    Some(_) => return Err(Refusal::Exists),
                    None => version.payload = Some(payload),
                },
                None => versions.push(Version {
                    id: token.to_owned(),
                    payload: Some(payload),
                    stages: BTreeSet::new(),
                    created: Timestamp::now(),
                }),
            }
            for stage in stages {
                attach(versions, stage, token);
            }
            let put = versions.iter().find(|version| version.id == token);
            put.cloned().ok_or(Refusal::NotFound)
        })
    }

    /// Moves a stage to a version, off a version, or from one to the other.
    pub fn update_stage(
        &self,
        secret: &str,
        stage: &str,
        to: Option<&str>,
        from: Option<&str>,
    ) -> Result<(), Refusal> {
        self.change(secret, |versions| {
            let holder = versions
                .iter()
                .find(|version| version.stages.contains(stage));
            let holder = holder.map(|version| version.id.clone());
            if from.is_some() && from != holder.as_deref() {
                return Err(Refusal::InvalidParameter);
            }
            let Some(to) = to else {
                // The current version's label can be moved, not taken away.
                if from.is_none() || stage == CURRENT {
                    return Err(Refusal::InvalidParameter);
                }
                detach(versions, stage);
                return Ok(());
            };
            if !versions.iter().any(|version| version.id == to) {
                return Err(Refusal::NotFound);
            }
            // Taking it from another version must be asked for.
            if from.is_none() && holder.is_some_and(|holder| holder != to) {
                return Err(Refusal::InvalidParameter);
            }
            attach(versions, stage, to);
            Ok(())
        })
    }

    /// Begins a rotation; gives the token of its version. One under way is taken up again.
    pub fn begin_rotation(&self, secret: &str) -> Result<String, Refusal> {
        self.change(secret, |versions| {
            let pending = versions
                .iter()
                .find(|version| version.stages.contains(PENDING));
            if let Some(version) = pending
                && !version.stages.contains(CURRENT)
            {
                return Ok(version.id.clone());
            }
            let id = uuid();
            versions.push(Version {
                id: id.clone(),
                payload: None,
                stages: BTreeSet::new(),
                created: Timestamp::now(),
            });
            attach(versions, PENDING, &id);
            Ok(id)
        })
    }

    /// Notes that a rotation is complete.
    pub fn end_rotation(&self, secret: &str) {
        if let Some(entry) = self.secrets().get_mut(secret_name(secret)) {
            entry.dates.rotated = Some(Timestamp::now());
        }
    }

    /// Puts everything that has happened to a secret further into the past.
    pub fn age(&self, secret: &str, by: Duration) -> Result<(), Refusal> {
        let mut secrets = self.secrets();
        let entry = secrets.get_mut(secret_name(secret));
        let Entry { versions, dates } = entry.ok_or(Refusal::NotFound)?;
        let created = versions.iter_mut().map(|version| &mut version.created);
        let of_secret = [&mut dates.created, &mut dates.changed];
        for date in created.chain(of_secret).chain(&mut dates.rotated) {
            *date = date.saturating_sub(by).unwrap_or(Timestamp::MIN);
        }
        Ok(())
    }

    fn read<T>(
        &self,
        secret: &str,
        look: impl FnOnce(&Entry) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let secrets = self.secrets();
        look(secrets.get(secret_name(secret)).ok_or(Refusal::NotFound)?)
    }

    /// Acts on the versions; the secret is changed unless that is refused.
    fn change<T>(
        &self,
        secret: &str,
        act: impl FnOnce(&mut Vec<Version>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut secrets = self.secrets();
        let entry = secrets.get_mut(secret_name(secret));
        let entry = entry.ok_or(Refusal::NotFound)?;
        let done = act(&mut entry.versions)?;
        entry.dates.changed = Timestamp::now();
        Ok(done)
    }

    fn secrets(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts a stage on one version only; what was current becomes the previous one.
fn attach(versions: &mut [Version], stage: &str, id: &str) {
    let holder = versions
        .iter()
        .find(|version| version.stages.contains(stage));
    let holder = holder
        .map(|version| version.id.clone())
        .filter(|holder| holder != id);
    detach(versions, stage);
    for version in versions.iter_mut().filter(|version| version.id == id) {
        version.stages.insert(stage.to_owned());
    }
    if stage == CURRENT
        && let Some(before) = holder
    {
        attach(versions, PREVIOUS, &before);
    }
}

fn detach(versions: &mut [Version], stage: &str) {
    for version in versions {
        version.stages.remove(stage);
    }
}

#[cfg(test)]
mod tests;

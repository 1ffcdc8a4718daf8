//! Secrets with their versions and staging labels.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

use crate::cloud::names::{secret_name, uuid};

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

/// Every secret, by name.
#[derive(Default)]
pub(super) struct Store(Mutex<BTreeMap<String, Vec<Version>>>);

impl Store {
    /// Makes a secret with its first version.
    pub fn create(&self, name: &str, payload: Payload) {
        let version = Version {
            id: uuid(),
            payload: Some(payload),
            stages: [CURRENT.to_owned()].into(),
            created: Timestamp::now(),
        };
        self.secrets().insert(name.to_owned(), vec![version]);
    }

    /// The version of an id, or of a stage, or both; the current one where neither is given.
    pub fn get(
        &self,
        secret: &str,
        id: Option<&str>,
        stage: Option<&str>,
    ) -> Result<Version, Refusal> {
        self.with(secret, |versions| {
            let stage = stage.or(id.is_none().then_some(CURRENT));
            let fits = |version: &&Version| {
                id.is_none_or(|id| version.id == id)
                    && stage.is_none_or(|stage| version.stages.contains(stage))
                    && version.payload.is_some()
            };
            versions.iter().find(fits).cloned().ok_or(Refusal::NotFound)
        })
    }

    /// Every version that has a stage.
    pub fn versions(&self, secret: &str) -> Result<Vec<Version>, Refusal> {
        self.with(secret, |versions| {
            let staged = versions.iter().filter(|version| !version.stages.is_empty());
            Ok(staged.cloned().collect())
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
        self.with(secret, |versions| {
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
        self.with(secret, |versions| {
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
        self.with(secret, |versions| {
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

    fn with<T>(
        &self,
        secret: &str,
        act: impl FnOnce(&mut Vec<Version>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        act(self
            .secrets()
            .get_mut(secret_name(secret))
            .ok_or(Refusal::NotFound)?)
    }

    fn secrets(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Version>>> {
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

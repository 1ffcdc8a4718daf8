//! The end of a master key version: Secrets Manager has no call that deletes one, but a version without a staging label
//! is deprecated, and the vault takes it for gone.
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version>

use std::{collections::HashMap, time::Duration};

use aws_sdk_secretsmanager::Client;

use super::{super::vault::CACHE_FOR, CURRENT, PREVIOUS, WHAT};
use crate::unavailable;
use dodolens_app::{
    metrics::{self, table},
    ports::Unavailable,
};
use dodolens_domain::time::Timestamp;

/// For invocations that were under way at a deadline, which last two minutes at most, and for clocks that differ.
const MARGIN: Duration = Duration::from_secs(300);

/// How long a version is needed after another has taken its place: a warm function wraps with it for as long as it
/// caches it, and what it has wrapped last lives for a session's life.
#[must_use]
pub fn needed_for(session_lifetime: Duration) -> Duration {
    session_lifetime
        .saturating_add(CACHE_FOR)
        .saturating_add(MARGIN)
}

/// What became of the version before the current one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retirement {
    /// There is none.
    Nothing,
    /// A session may need it until then.
    Needed(Timestamp),
    /// It is gone for the vault, whatever Secrets Manager still holds.
    Retired {
        /// Which one it was.
        version: String,
    },
}

/// Takes its label off the version before the current one, once it has not been current for `needed_for`.
///
/// # Errors
/// [`Unavailable`]; also when a rotation came in between. Trying again is safe.
pub async fn retire(
    client: &Client,
    secret: &str,
    needed_for: Duration,
    now: Timestamp,
) -> Result<Retirement, Unavailable> {
    let versions = Versions::describe(client, secret).await?;
    if let Some(since) = versions.rotated.or(versions.changed) {
        metrics::record(&table::KEY_AGE, now.since(since).as_secs_f64());
    }
    let Some(previous) = versions.labelled(PREVIOUS) else {
        return Ok(Retirement::Nothing);
    };
    // Any change counts, since a label can be moved without a rotation. Secrets Manager always tells of the last one.
    let since = versions.changed.max(versions.rotated);
    let until = since.ok_or(Unavailable(WHAT))? + needed_for;
    if now < until {
        return Ok(Retirement::Needed(until));
    }
    client
        .update_secret_version_stage()
        .secret_id(secret)
        .version_stage(PREVIOUS)
        .remove_from_version_id(previous)
        .send()
        .await
        .map_err(|error| unavailable(WHAT, &error))?;
    Ok(Retirement::Retired {
        version: previous.to_owned(),
    })
}

/// What Secrets Manager tells of a secret's versions and of its past.
pub(super) struct Versions {
    labels: HashMap<String, Vec<String>>,
    changed: Option<Timestamp>,
    rotated: Option<Timestamp>,
}

impl Versions {
    pub(super) async fn describe(client: &Client, secret: &str) -> Result<Self, Unavailable> {
        let described = client
            .describe_secret()
            .secret_id(secret)
            .send()
            .await
            .map_err(|error| unavailable(WHAT, &error))?;
        let time = |date: aws_sdk_secretsmanager::primitives::DateTime| {
            date.to_millis().ok().map(Timestamp::from_millis)
        };
        Ok(Self {
            labels: described.version_ids_to_stages.unwrap_or_default(),
            changed: described.last_changed_date.and_then(time),
            rotated: described.last_rotated_date.and_then(time),
        })
    }

    pub(super) fn current(&self) -> Option<&str> {
        self.labelled(CURRENT)
    }

    pub(super) fn contains(&self, version: &str) -> bool {
        self.labels.contains_key(version)
    }

    /// Whether a rotation now would take the previous version away from sessions that need it. What is asked for is the
    /// last rotation and not the last change: the rotation that is under way has changed the secret already.
    pub(super) fn forbid_rotation(&self, needed_for: Duration, now: Timestamp) -> bool {
        self.labelled(PREVIOUS).is_some()
            && self
                .rotated
                .is_some_and(|rotated| now < rotated + needed_for)
    }

    fn labelled(&self, label: &str) -> Option<&str> {
        self.labels
            .iter()
            .find(|(_, labels)| labels.iter().any(|each| each == label))
            .map(|(id, _)| id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDED_FOR: Duration = Duration::from_secs(1200);

    fn versions(previous: bool, rotated: Option<i64>) -> Versions {
        let mut labels = HashMap::from([("new".to_owned(), vec![CURRENT.to_owned()])]);
        if previous {
            labels.insert("old".to_owned(), vec![PREVIOUS.to_owned()]);
        }
        Versions {
            labels,
            changed: Some(Timestamp::from_millis(i64::MAX)),
            rotated: rotated.map(Timestamp::from_millis),
        }
    }

    #[test]
    fn a_version_is_needed_for_a_session_a_cache_and_a_margin() {
        assert_eq!(needed_for(Duration::from_secs(600)), NEEDED_FOR);
        assert_eq!(needed_for(Duration::MAX), Duration::MAX);
    }

    #[test]
    fn a_rotation_waits_for_the_sessions_of_the_one_before() {
        let at = Timestamp::from_millis(0) + NEEDED_FOR;
        let before = Timestamp::from_millis(at.as_millis() - 1);
        assert!(versions(true, Some(0)).forbid_rotation(NEEDED_FOR, before));
        assert!(!versions(true, Some(0)).forbid_rotation(NEEDED_FOR, at));
        assert!(!versions(false, Some(0)).forbid_rotation(NEEDED_FOR, before));
        assert!(!versions(true, None).forbid_rotation(NEEDED_FOR, before));
    }
}

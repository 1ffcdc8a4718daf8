use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use dodolens::{
    app::ports::{Clock, KeyVault as _},
    aws::{
        Purpose, Retirement, Rotation, RotationError, RotationStep, SecretsManagerVault,
        SystemClock, needed_for, retire, rotate,
    },
    domain::time::Timestamp,
};
use dodolens_local::cloud::SecretError;
use dodolens_tests::stack::TestStack;
use serde_json::json;

use super::stack;

/// How long the suite's stack needs a version: sessions live for 600 s.
fn needed() -> Duration {
    needed_for(Duration::from_secs(600))
}

#[derive(Clone)]
struct SetClock(Arc<AtomicI64>);

impl SetClock {
    fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_millis())))
    }

    fn set(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::Relaxed);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

async fn current(stack: &TestStack) -> String {
    stack.vault().current().await.unwrap().id().to_owned()
}

async fn opens(stack: &TestStack, version: &str) -> bool {
    stack.vault().version(version).await.unwrap().is_some()
}

async fn retire_at(stack: &TestStack, now: Timestamp) -> Retirement {
    let secret = stack.secret("MasterKey");
    retire(&stack.secrets(), &secret, needed(), now)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_version_is_retired_once_no_session_can_need_it() {
    let stack = stack().await;
    let old = current(&stack).await;
    let begin = SystemClock.now();
    assert_eq!(
        retire_at(&stack, begin + needed()).await,
        Retirement::Nothing
    );

    stack.rotate("MasterKey").await;
    let rotated = SystemClock.now();
    let Retirement::Needed(until) = retire_at(&stack, rotated).await else {
        panic!("retired too early, or not seen");
    };
    assert!(until >= begin + needed() && until <= rotated + needed());
    let before = Timestamp::from_millis(until.as_millis() - 1);
    assert_eq!(retire_at(&stack, before).await, Retirement::Needed(until));

    let clock = SetClock::at(rotated);
    let warm = SecretsManagerVault::new(stack.secrets(), stack.secret("MasterKey"), clock.clone());
    assert!(warm.version(&old).await.unwrap().is_some());
    let retired = Retirement::Retired {
        version: old.clone(),
    };
    assert_eq!(retire_at(&stack, until).await, retired);
    assert_eq!(retire_at(&stack, until).await, Retirement::Nothing);

    // Gone for whoever asks, although Secrets Manager still has it; a warm function asks again within 300 s, also after
    // its clock was put back.
    assert!(!opens(&stack, &old).await);
    let secrets = stack.secrets();
    let held = secrets
        .get_secret_value()
        .secret_id(stack.secret("MasterKey"));
    let held = held.version_id(&old).send().await.unwrap();
    assert!(held.secret_string.is_some() && held.version_stages.unwrap_or_default().is_empty());
    clock.set(rotated + Duration::from_millis(299_999));
    assert!(warm.version(&old).await.unwrap().is_some());
    clock.set(rotated + Duration::from_secs(300));
    assert!(warm.version(&old).await.unwrap().is_none());

    let new = current(&stack).await;
    assert_ne!(new, old);
    assert!(opens(&stack, &new).await);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn a_clock_that_is_put_back_prolongs_no_version_s_life() {
    let stack = stack().await;
    let (old, now) = (current(&stack).await, SystemClock.now());
    let clock = SetClock::at(now);
    let warm = SecretsManagerVault::new(stack.secrets(), stack.secret("MasterKey"), clock.clone());
    assert!(warm.version(&old).await.unwrap().is_some());
    stack.rotate("MasterKey").await;
    let later = SystemClock.now() + needed();
    assert!(matches!(
        retire_at(&stack, later).await,
        Retirement::Retired { .. }
    ));
    clock.set(Timestamp::from_millis(now.as_millis() - 1));
    assert!(warm.version(&old).await.unwrap().is_none());
    stack.running.shutdown().await;
}

/// A label can be moved by hand: back to the version before, for one.
#[tokio::test]
async fn whoever_became_the_previous_version_last_is_kept_for_as_long() {
    let stack = stack().await;
    let (secret, old) = (stack.secret("MasterKey"), current(&stack).await);
    stack.rotate("MasterKey").await;
    let new = current(&stack).await;
    stack
        .running
        .cloud
        .age_secret(&secret, 2 * needed())
        .unwrap();
    let secrets = stack.secrets();
    let moved = secrets.update_secret_version_stage().secret_id(&secret);
    let moved = moved.version_stage("AWSCURRENT").move_to_version_id(&old);
    moved.remove_from_version_id(&new).send().await.unwrap();

    let kept = retire_at(&stack, SystemClock.now()).await;
    assert!(matches!(kept, Retirement::Needed(_)), "{kept:?}");
    assert!(opens(&stack, &new).await);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn two_rotations_in_a_row_take_no_version_from_its_sessions() {
    let stack = stack().await;
    let (secret, first) = (stack.secret("MasterKey"), current(&stack).await);
    stack.rotate("MasterKey").await;
    let second = current(&stack).await;
    for _ in 0..2 {
        let refused = stack.running.cloud.rotate_secret(&secret).await;
        let Err(SecretError::Step { step, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(step, "createSecret");
        assert_eq!(current(&stack).await, second);
        assert!(opens(&stack, &first).await && opens(&stack, &second).await);
    }

    // Secrets Manager tries again, until it is time.
    stack.running.cloud.age_secret(&secret, needed()).unwrap();
    stack.rotate("MasterKey").await;
    let third = current(&stack).await;
    assert!(third != second && third != first);
    assert!(opens(&stack, &second).await);
    assert!(!opens(&stack, &first).await);
    stack.running.shutdown().await;
}

/// A rotation that was begun long ago and is finished now.
#[tokio::test]
async fn the_last_step_waits_for_the_sessions_too() {
    let stack = stack().await;
    let (secret, client) = (stack.secret("MasterKey"), stack.secrets());
    stack.rotate("MasterKey").await;
    let second = current(&stack).await;
    let now = SystemClock.now();
    let rotation = Rotation {
        purpose: Purpose::Master,
        secret: &secret,
        token: "11111111-2222-3333-4444-555555555555",
        needed_for: needed(),
    };
    let take = async |step, now| rotate(&client, &rotation, step, now).await;
    let early = take(RotationStep::Create, now).await;
    assert_eq!(early, Err(RotationError::PreviousNeeded));
    take(RotationStep::Create, now + needed()).await.unwrap();
    take(RotationStep::Create, now).await.unwrap();
    take(RotationStep::Test, now).await.unwrap();
    let early = take(RotationStep::Finish, now).await;
    assert_eq!(early, Err(RotationError::PreviousNeeded));
    assert_eq!(current(&stack).await, second);
    take(RotationStep::Finish, now + needed()).await.unwrap();
    assert_eq!(current(&stack).await, rotation.token);
    take(RotationStep::Finish, now).await.unwrap();
    stack.running.shutdown().await;
}

#[tokio::test]
async fn every_hour_the_function_retires_what_is_due() {
    let stack = stack().await;
    let (secret, old) = (stack.secret("MasterKey"), current(&stack).await);
    let cloud = &stack.running.cloud;
    let tidy = async || cloud.run_schedule("RotateKeyFunction").await.unwrap();
    tidy().await;
    stack.rotate("MasterKey").await;
    tidy().await;
    assert!(opens(&stack, &old).await);
    cloud.age_secret(&secret, needed()).unwrap();

    // What is neither a step nor the schedule's event does nothing.
    let token = "11111111-2222-3333-4444-555555555555";
    for event in [
        json!({}),
        json!({"detail-type": "EC2 Instance State-change Notification"}),
        json!({"Step": "dropSecret", "SecretId": secret, "ClientRequestToken": token}),
        json!({"Step": "createSecret", "SecretId": "another", "ClientRequestToken": token}),
    ] {
        let answer = cloud.invoke("RotateKeyFunction", &event).await;
        assert!(answer.is_err(), "{event}: {answer:?}");
    }
    assert!(opens(&stack, &old).await);
    tidy().await;
    assert!(!opens(&stack, &old).await);
    let logged = stack.logged();
    assert_eq!(
        logged
            .matches("the former master key is still needed")
            .count(),
        1
    );
    let retired = logged
        .lines()
        .find(|line| line.contains("the former master key is retired"));
    assert!(retired.unwrap().contains(&old));
    stack.running.shutdown().await;
}

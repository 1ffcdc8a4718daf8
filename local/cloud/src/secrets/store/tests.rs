use super::*;
use crate::names::secret_arn;

fn text(text: &str) -> Payload {
    Payload::Text(text.into())
}

fn store() -> Store {
    let store = Store::default();
    store.create("key", text("one"));
    store
}

fn value(store: &Store, stage: &str) -> Option<String> {
    match store.get("key", None, Some(stage)).ok()?.payload? {
        Payload::Text(text) | Payload::Binary(text) => Some(text),
    }
}

#[test]
fn a_new_current_version_leaves_a_previous_one() {
    let store = store();
    store
        .put(&secret_arn("key"), "two", text("two"), &[CURRENT.into()])
        .unwrap();
    assert_eq!(value(&store, CURRENT).unwrap(), "two");
    assert_eq!(value(&store, PREVIOUS).unwrap(), "one");
    store
        .put("key", "three", text("three"), &[CURRENT.into()])
        .unwrap();
    assert_eq!(value(&store, PREVIOUS).unwrap(), "two");
    assert_eq!(
        store.describe("key").unwrap().0.len(),
        2,
        "the first has no stage any more"
    );
}

#[test]
fn a_token_is_idempotent_and_bound_to_its_value() {
    let store = store();
    let put = |value| store.put("key", "token", text(value), &[PENDING.into()]);
    assert!(put("two").is_ok());
    assert!(put("two").is_ok());
    assert_eq!(put("other").err(), Some(Refusal::Exists));
    assert_eq!(value(&store, CURRENT).unwrap(), "one");
}

#[test]
fn a_rotation_has_a_pending_version_without_a_value_first() {
    let store = store();
    let token = store.begin_rotation("key").unwrap();
    assert_eq!(
        store.get("key", Some(&token), None).err(),
        Some(Refusal::NotFound)
    );
    let (staged, _) = store.describe("key").unwrap();
    assert!(
        staged
            .iter()
            .any(|version| version.id == token && version.stages.contains(PENDING))
    );
    assert_eq!(
        store.begin_rotation("key").unwrap(),
        token,
        "taken up again"
    );

    store
        .put("key", &token, text("two"), &[PENDING.into()])
        .unwrap();
    let before = store.get("key", None, None).unwrap().id;
    store
        .update_stage("key", CURRENT, Some(&token), Some(&before))
        .unwrap();
    assert_eq!(value(&store, CURRENT).unwrap(), "two");
    assert_eq!(value(&store, PREVIOUS).unwrap(), "one");
    assert_ne!(store.begin_rotation("key").unwrap(), token);
}

#[test]
fn wrong_moves_of_a_stage_are_refused() {
    let store = store();
    store
        .put("key", "two", text("two"), &[PENDING.into()])
        .unwrap();
    let update = |stage, to, from| store.update_stage("key", stage, to, from);
    assert_eq!(
        update(CURRENT, Some("two"), None),
        Err(Refusal::InvalidParameter)
    );
    assert_eq!(
        update(CURRENT, Some("two"), Some("two")),
        Err(Refusal::InvalidParameter)
    );
    assert_eq!(
        update(CURRENT, Some("absent"), None),
        Err(Refusal::NotFound)
    );
    assert_eq!(update(PENDING, None, None), Err(Refusal::InvalidParameter));
    assert_eq!(update(PENDING, None, Some("two")), Ok(()));
    assert_eq!(
        store.get("other", None, None).err(),
        Some(Refusal::NotFound)
    );
}

#[test]
fn a_version_without_a_label_is_deprecated_and_not_deleted() {
    let store = store();
    let one = store.get("key", None, None).unwrap().id;
    store
        .put("key", "two", text("two"), &[CURRENT.into()])
        .unwrap();
    // Only the version that has the label can lose it.
    let update = |from| store.update_stage("key", PREVIOUS, None, Some(from));
    assert_eq!(update("two"), Err(Refusal::InvalidParameter));
    assert_eq!(update(&one), Ok(()));
    assert_eq!(update(&one), Err(Refusal::InvalidParameter));

    assert_eq!(value(&store, PREVIOUS), None);
    let (labelled, _) = store.describe("key").unwrap();
    assert!(labelled.iter().all(|version| version.id == "two"));
    let deprecated = store.get("key", Some(&one), None).unwrap();
    assert!(deprecated.stages.is_empty() && deprecated.payload.is_some());
    let current = store.update_stage("key", CURRENT, None, Some("two"));
    assert_eq!(current, Err(Refusal::InvalidParameter));
}

#[test]
fn a_secret_tells_when_it_was_changed_and_when_it_was_rotated() {
    let dates = |store: &Store| store.describe("key").unwrap().1;
    let hour = Duration::from_secs(3600);
    let store = store();
    assert_eq!(dates(&store).rotated, None);
    let aged = || {
        store.age("key", hour).unwrap();
        dates(&store).changed
    };

    let before = aged();
    assert!(before <= Timestamp::now() - hour);
    assert!(store.put("key", "x", text("x"), &[]).is_ok());
    assert!(dates(&store).changed > before, "a version is a change");
    let before = aged();
    let token = store.begin_rotation("key").unwrap();
    assert!(dates(&store).changed > before, "a label is a change");
    let before = aged();
    let refused = store.update_stage("key", CURRENT, Some(&token), None);
    assert!(refused.is_err() && dates(&store).changed == before);

    assert_eq!(dates(&store).rotated, None, "it has only begun");
    store.end_rotation("key");
    let rotated = dates(&store).rotated.unwrap();
    aged();
    assert_eq!(dates(&store).rotated, Some(rotated - hour));
    assert_eq!(store.age("other", hour), Err(Refusal::NotFound));
}

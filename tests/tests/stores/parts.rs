//! The behaviour of both stores of parts. A store that keeps time itself drops what is over, so deadlines are of today.

mod lost;

use std::time::Duration;

use dodolens::{
    app::ports::{Clock as _, PartKey, PartStore},
    aws::SystemClock,
    domain::plan::PartIndex,
};
use dodolens_tests::{
    stack::Setup,
    valkey::{Mode, ValkeyServer},
};

use super::{session, stack};

fn keys() -> impl Iterator<Item = PartKey> {
    let session = session().id;
    (0..).map(move |chunk| PartKey {
        session,
        at: PartIndex { chunk, part: 0 },
    })
}

async fn a_part_is_there_until_its_time_is_over_or_it_is_deleted(store: &impl PartStore) {
    let keys: Vec<_> = keys().take(9).collect();
    let [one, other, ..] = keys[..] else {
        panic!("nine keys")
    };
    let now = SystemClock.now();
    let after = |seconds| now + Duration::from_secs(seconds);

    assert_eq!(store.get(one, now).await.unwrap(), None);
    let sealed = vec![1; 350 * 1024];
    store.put(one, sealed.clone(), after(300)).await.unwrap();
    assert_eq!(store.get(one, after(299)).await.unwrap(), Some(sealed));
    // What has expired is gone to every reader, whatever the store still holds.
    assert_eq!(store.get(one, after(300)).await.unwrap(), None);
    assert_eq!(store.count_present(&keys).await.unwrap(), 1);

    store.put(one, vec![2; 10], after(310)).await.unwrap();
    assert_eq!(store.get(one, now).await.unwrap(), Some(vec![2; 10]));

    store.delete(one, Some(after(309))).await.unwrap();
    assert_eq!(
        store.count_present(&keys).await.unwrap(),
        1,
        "its time is not over by then"
    );
    store.delete(one, Some(after(310))).await.unwrap();
    assert_eq!(store.count_present(&keys).await.unwrap(), 0);
    store.delete(one, Some(after(310))).await.unwrap();

    // Every byte comes back, also those that mean something in a protocol.
    let bytes: Vec<u8> = (0..=255).chain(*b"\r\n$-1\r\n*0\r\n").collect();
    store.put(other, bytes.clone(), after(300)).await.unwrap();
    assert_eq!(store.get(other, now).await.unwrap(), Some(bytes));
    store.delete(other, None).await.unwrap();
    store.delete(other, None).await.unwrap();
    assert_eq!(store.count_present(&keys).await.unwrap(), 0);
}

async fn parts_are_counted_beyond_one_request(store: &impl PartStore, count: usize) {
    let keys: Vec<_> = keys().take(count).collect();
    let until = SystemClock.now() + Duration::from_secs(300);
    for key in &keys {
        store.put(*key, vec![0; 16], until).await.unwrap();
    }
    assert_eq!(store.count_present(&keys).await.unwrap(), count);
    store.delete(keys[0], None).await.unwrap();
    assert_eq!(store.count_present(&keys).await.unwrap(), count - 1);
    assert_eq!(store.count_present(&[]).await.unwrap(), 0);
}

#[tokio::test]
async fn dynamodb_keeps_parts_as_it_should() {
    let stack = stack().await;
    let store = stack.chunks();
    a_part_is_there_until_its_time_is_over_or_it_is_deleted(&store).await;
    parts_are_counted_beyond_one_request(&store, 250).await;
    stack.running.shutdown().await;
}

#[tokio::test]
async fn valkey_keeps_parts_as_it_should() {
    for mode in [Mode::Plain, Mode::Cluster] {
        let mut server = ValkeyServer::start(mode).await;
        let stack = server.stack(Setup::default()).await;
        let store = server.chunks(&stack).await;
        a_part_is_there_until_its_time_is_over_or_it_is_deleted(&store).await;
        assert_eq!(server.parts().await, 0);
        parts_are_counted_beyond_one_request(&store, 1001).await;
        stack.running.shutdown().await;
    }
}

#[tokio::test]
async fn valkey_drops_a_part_at_its_deadline_by_itself() {
    let mut server = ValkeyServer::start(Mode::Cluster).await;
    let stack = server.stack(Setup::default()).await;
    let store = server.chunks(&stack).await;
    let keys: Vec<_> = keys().take(2).collect();
    let until = SystemClock.now() + Duration::from_millis(1500);
    store.put(keys[0], vec![7; 100], until).await.unwrap();
    // What comes when its time is over already is not kept for a moment.
    let past = SystemClock.now();
    store.put(keys[1], vec![7; 100], past).await.unwrap();
    let there = store.count_present(&keys).await.unwrap();
    let is_over = SystemClock.now() >= until;
    assert!(there == 1 || (there == 0 && is_over), "{there}");

    // Nobody reads or deletes it, nobody sweeps: the server's own count falls. It may count a key a moment longer than it
    // shows it.
    let gone = async {
        while server.parts().await > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        SystemClock.now()
    };
    let gone = tokio::time::timeout(Duration::from_secs(120), gone)
        .await
        .unwrap();
    assert!(gone >= until, "dropped too early");
    stack.running.shutdown().await;
}

use dodolens::{
    domain::plan::PartIndex,
    ports::{ChunkStore as _, PartKey},
};

use super::{T0, after, session, stack};

#[tokio::test]
async fn a_part_is_there_until_its_time_is_over_or_it_is_deleted() {
    let stack = stack().await;
    let (store, session) = (stack.chunks(), session());
    let keys: Vec<_> = session
        .plan
        .all_parts()
        .map(|at| PartKey {
            session: session.id,
            at,
        })
        .collect();
    let [one, other, ..] = keys[..] else {
        panic!("a video has parts")
    };

    assert_eq!(store.get(one, T0).await.unwrap(), None);
    store
        .put(one, vec![1; 350 * 1024], after(300))
        .await
        .unwrap();
    assert_eq!(
        store.get(one, after(299)).await.unwrap(),
        Some(vec![1; 350 * 1024])
    );
    // What has expired is gone to every reader, whatever the table still holds.
    assert_eq!(store.get(one, after(300)).await.unwrap(), None);
    assert_eq!(store.count_present(&keys).await.unwrap(), 1);

    store.put(one, vec![2; 10], after(310)).await.unwrap();
    assert_eq!(store.get(one, T0).await.unwrap(), Some(vec![2; 10]));

    store.delete(one, Some(after(309))).await.unwrap();
    assert_eq!(
        store.count_present(&keys).await.unwrap(),
        1,
        "its time is not over by then"
    );
    store.delete(one, Some(after(310))).await.unwrap();
    assert_eq!(store.count_present(&keys).await.unwrap(), 0);

    store.put(other, vec![3], after(300)).await.unwrap();
    store.delete(other, None).await.unwrap();
    store.delete(other, None).await.unwrap();
    assert_eq!(store.count_present(&keys).await.unwrap(), 0);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn parts_are_counted_beyond_one_request() {
    let stack = stack().await;
    let (store, session) = (stack.chunks(), session());
    let key = |chunk| PartKey {
        session: session.id,
        at: PartIndex { chunk, part: 0 },
    };
    let keys: Vec<_> = (0..250).map(key).collect();
    for key in &keys {
        store.put(*key, vec![0; 16], after(300)).await.unwrap();
    }
    assert_eq!(store.count_present(&keys).await.unwrap(), 250);
    stack.running.shutdown().await;
}

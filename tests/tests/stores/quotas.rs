use std::num::NonZeroU32;

use dodolens::{
    app::ports::{
        Admission::{Admitted, Refused},
        QuotaStore as _, Unavailable,
    },
    crypto::random,
    domain::quota::Pseudonym,
};
use futures::future::join_all;

use super::{after, stack};

fn client() -> Pseudonym {
    Pseudonym(random().unwrap())
}

#[tokio::test]
async fn sessions_are_counted_up_to_the_limit_and_no_further() {
    let stack = stack().await;
    let (store, most, until) = (stack.quotas(), NonZeroU32::new(3).unwrap(), after(60));
    let (one, other) = (client(), client());
    for expected in [Admitted, Admitted, Admitted, Refused, Refused] {
        assert_eq!(store.count_session(one, most, until).await, Ok(expected));
    }
    assert_eq!(store.count_session(other, most, until).await, Ok(Admitted));

    // An item tells nothing but that, and how long it has to be there.
    let mut items = stack.items("Quotas").await;
    items.sort_by_key(|item| item["sessions"].as_n().cloned().unwrap_or_default());
    for (item, (pseudonym, sessions)) in items.iter().zip([(other, "1"), (one, "3")]) {
        assert_eq!(item.len(), 3);
        assert_eq!(item["principal"].as_s(), Ok(&pseudonym.to_string()));
        assert_eq!(item["sessions"].as_n(), Ok(&sessions.to_owned()));
        assert_eq!(item["ttl"].as_n(), Ok(&until.as_secs_ceil().to_string()));
    }
    assert_eq!(items.len(), 2);

    // A higher limit admits more of the same client.
    let more = NonZeroU32::new(4).unwrap();
    for expected in [Admitted, Refused] {
        assert_eq!(store.count_session(one, more, until).await, Ok(expected));
    }
    stack.running.shutdown().await;
}

#[tokio::test]
async fn of_fifty_at_once_no_more_are_admitted_than_the_limit() {
    let stack = stack().await;
    let (store, client, most) = (stack.quotas(), client(), NonZeroU32::new(7).unwrap());
    let counts = (0..50).map(|_| store.count_session(client, most, after(60)));
    let admitted = join_all(counts).await;
    let count = |expected| {
        admitted
            .iter()
            .filter(|each| **each == Ok(expected))
            .count()
    };
    assert_eq!((count(Admitted), count(Refused)), (7, 43));
    stack.running.shutdown().await;
}

#[tokio::test]
async fn without_the_table_nobody_is_admitted() {
    let stack = stack().await;
    stack.lose_table("Quotas").await;
    let store = stack.quotas();
    let counted = store.count_session(client(), NonZeroU32::MIN, after(60));
    assert_eq!(counted.await, Err(Unavailable("the table of quotas")));
    stack.running.shutdown().await;
}

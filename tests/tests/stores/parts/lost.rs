//! A server of parts that is dead, hangs, comes back, is full, or lets nobody in.

use std::time::Duration;

use dodolens::{
    app::ports::{Clock as _, PartKey, PartStore as _, Unavailable},
    aws::SystemClock,
    valkey::ValkeyParts,
};
use dodolens_tests::{
    stack::{Setup, TestStack},
    valkey::{Mode, ValkeyServer},
};
use redis::cmd;

use super::keys;

const LOST: Unavailable = Unavailable("the server of parts");

struct Scene {
    server: ValkeyServer,
    stack: TestStack,
    store: ValkeyParts,
    key: PartKey,
}

impl Scene {
    async fn start() -> Self {
        let mut server = ValkeyServer::start(Mode::Plain).await;
        let stack = server.stack(Setup::default()).await;
        let store = server.chunks(&stack).await;
        let key = keys().next().unwrap();
        Self {
            server,
            stack,
            store,
            key,
        }
    }

    async fn put(&self) -> Result<(), Unavailable> {
        let until = SystemClock.now() + Duration::from_secs(300);
        self.store.put(self.key, vec![7; 1000], until).await
    }

    /// That every call fails as it should, and none hangs.
    async fn assert_unavailable(&self) {
        let (store, key, keys) = (&self.store, self.key, [self.key]);
        let calls = async {
            tokio::join!(
                self.put(),
                store.get(key, SystemClock.now()),
                store.delete(key, None),
                store.count_present(&keys),
            )
        };
        let calls = tokio::time::timeout(Duration::from_secs(120), calls).await;
        let (put, get, delete, count) = calls.unwrap();
        assert_eq!(put, Err(LOST));
        assert_eq!(get, Err(LOST));
        assert_eq!(delete, Err(LOST));
        assert_eq!(count, Err(LOST));
    }
}

#[tokio::test]
async fn a_dead_server_is_unavailable_and_one_that_is_back_is_used() {
    let mut scene = Scene::start().await;
    scene.put().await.unwrap();
    scene.server.stop().await;
    scene.assert_unavailable().await;

    scene.server.restart().await;
    let now = SystemClock.now();
    assert_eq!(
        scene.store.get(scene.key, now).await,
        Ok(None),
        "nothing outlives a server"
    );
    scene.put().await.unwrap();
    assert_eq!(scene.server.parts().await, 1);
    scene.stack.running.shutdown().await;
}

#[tokio::test]
async fn a_store_that_found_no_server_at_its_start_finds_it_later() {
    let mut scene = Scene::start().await;
    scene.server.stop().await;
    scene.store = scene.server.chunks(&scene.stack).await;
    scene.server.restart().await;
    scene.put().await.unwrap();
    scene.stack.running.shutdown().await;
}

#[tokio::test]
async fn a_server_that_hangs_is_unavailable_within_seconds() {
    let mut scene = Scene::start().await;
    scene.put().await.unwrap();
    scene.server.freeze();
    scene.assert_unavailable().await;
    // The connection that hung is not waited for again.
    scene.server.stop().await;
    scene.server.restart().await;
    scene.put().await.unwrap();
    scene.stack.running.shutdown().await;
}

#[tokio::test]
async fn a_connection_that_was_closed_is_replaced_unseen() {
    let scene = Scene::start().await;
    for _ in 0..3 {
        let mut close = cmd("CLIENT");
        close.arg("KILL").arg("USER").arg("parts");
        let closed: usize = scene.server.ask(&close).await.unwrap();
        assert_eq!(closed, 1, "one connection is shared by all");
        scene.put().await.unwrap();
    }
    scene.stack.running.shutdown().await;
}

#[tokio::test]
async fn a_full_server_takes_no_part_and_says_so() {
    let scene = Scene::start().await;
    for (name, value) in [("maxmemory-policy", "noeviction"), ("maxmemory", "1")] {
        let mut set = cmd("CONFIG");
        set.arg("SET").arg(name).arg(value);
        scene.server.ask::<()>(&set).await.unwrap();
    }
    assert_eq!(scene.put().await, Err(LOST));
    assert_eq!(scene.store.count_present(&[scene.key]).await, Ok(0));
    scene.stack.running.shutdown().await;
}

#[tokio::test]
async fn a_wrong_password_lets_nobody_in_and_a_new_one_is_followed() {
    let scene = Scene::start().await;
    let mut change = cmd("ACL");
    change.arg("SETUSER").arg("parts").arg("resetpass");
    scene
        .server
        .ask::<()>(change.clone().arg(">another password"))
        .await
        .unwrap();
    let mut close = cmd("CLIENT");
    close.arg("KILL").arg("USER").arg("parts");
    scene.server.ask::<usize>(&close).await.unwrap();
    scene.assert_unavailable().await;

    let secrets = scene.stack.secrets();
    let value = secrets.put_secret_value();
    let value = value.secret_id(scene.stack.secret("PartsPassword"));
    let value = value.secret_string("another password").send();
    value.await.unwrap();
    scene.put().await.unwrap();
    scene.stack.running.shutdown().await;
}

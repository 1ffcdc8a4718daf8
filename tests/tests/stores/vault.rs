use dodolens::{app::ports::KeyVault as _, crypto::SessionKey};

use super::{session, stack};

#[tokio::test]
async fn a_rotation_makes_a_new_version_and_the_one_before_still_opens() {
    let stack = stack().await;
    let session = session().id;
    let before = stack.vault().current().await.unwrap();
    let wrapped = before
        .wrap(session, &SessionKey::generate().unwrap())
        .unwrap();

    stack.rotate("MasterKey").await;
    // A warm function asks again only after a while, so this is another.
    let vault = stack.vault();
    let current = vault.current().await.unwrap();
    assert_ne!(current.id(), before.id());
    assert!(current.unwrap(session, &wrapped).is_err());
    let previous = vault
        .version(before.id())
        .await
        .unwrap()
        .expect("the version before is kept");
    assert!(previous.unwrap(session, &wrapped).is_ok());
    assert!(
        vault
            .version("00000000-0000-0000-0000-000000000000")
            .await
            .unwrap()
            .is_none()
    );
    stack.running.shutdown().await;
}

//! A rotation of the master key.

use dodolens::{
    app::ports::KeyVault as _,
    aws::{SecretsClient, SecretsManagerVault, SystemClock},
    crypto::random,
    domain::session::SessionState,
};
use dodolens_local::{
    client::{Options, VideoFile},
    video::VideoSpec,
};
use dodolens_tests::stack::{showing, video};
use serde_json::json;

use crate::deployment::deployment;

#[tokio::test]
async fn a_session_that_is_under_way_outlives_a_rotation_of_the_master_key() {
    let deployed = deployment().await;
    let _processing = deployed.processing.read().await;
    let client = deployed.client();
    let spec = VideoSpec {
        seconds: 2.0,
        ..showing(&["armchair@living_room"])
    };
    let file = video(&spec, ".mp4").await;
    let video = VideoFile::open(&file).unwrap();
    let options = Options::default();
    let session = client.open(&video, &options, &mut |_| {}).await.unwrap();

    // MiniStack has no rotation by a function: these are the calls that Secrets Manager makes.
    let token = hex::encode(random::<16>().unwrap());
    for step in ["createSecret", "setSecret", "testSecret", "finishSecret"] {
        let call = json!({
            "Step": step, "SecretId": deployed.id("MasterKey"), "ClientRequestToken": token,
        });
        deployed.invoke("RotateKeyFunction", &call).await;
    }
    let secrets = SecretsClient::new(&deployed.ministack.config());
    let master_key = deployed.id("MasterKey").to_owned();
    let vault = SecretsManagerVault::new(secrets, master_key, SystemClock);
    assert_eq!(vault.current().await.unwrap().id(), token);

    let outcome = client.follow(&session, &video, &options, &mut |_| {}).await;
    let snapshot = outcome.unwrap().last.snapshot;
    assert_eq!(snapshot.state, SessionState::Complete);
    assert_ne!(snapshot.receipt.unwrap().statement.key_id, token);
}

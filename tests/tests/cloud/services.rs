//! Schedules, secrets, tables.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_secretsmanager::{Client as Secrets, operation::get_secret_value::GetSecretValueError};
use dodolens_local::cloud::SecretError;
use serde_json::json;

use crate::support::{Probe, sdk};

#[tokio::test]
async fn a_schedule_runs_by_itself_and_on_demand() {
    let probe = Probe::start(|_, options| options.schedule_scale = 0.005).await;
    let events = probe.wait_for("Timer", 2).await;
    assert_eq!(events[0]["detail-type"], "Scheduled Event");
    assert_eq!(
        events[0]["resources"],
        json!(["arn:aws:events:eu-west-3:000000000000:rule/every-minute"])
    );
    probe.cloud.shutdown().await;

    let probe = Probe::start(|_, _| {}).await;
    probe.cloud.run_schedule("Timer").await.unwrap();
    assert_eq!(probe.wait_for("Timer", 1).await.len(), 1);
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn a_rotation_is_four_invocations_with_one_token() {
    let probe = Probe::start(|_, _| {}).await;
    probe.cloud.rotate_secret("app/key").await.unwrap();
    let events = probe.wait_for("Rotate", 4).await;
    let steps: Vec<_> = events
        .iter()
        .map(|event| event["Step"].as_str().unwrap())
        .collect();
    assert_eq!(
        steps,
        ["createSecret", "setSecret", "testSecret", "finishSecret"]
    );
    for event in &events {
        assert_eq!(event["ClientRequestToken"], events[0]["ClientRequestToken"]);
        assert_eq!(
            event["SecretId"],
            dodolens_local::cloud::names::secret_arn("app/key")
        );
    }
    let unknown = probe.cloud.rotate_secret("other").await;
    assert!(matches!(unknown, Err(SecretError::NoRotation(_))));
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn secrets_speak_to_the_real_client() {
    let probe = Probe::start(|_, _| {}).await;
    let client = Secrets::new(&sdk(probe.cloud.urls().secrets_manager()));
    let first = client
        .get_secret_value()
        .secret_id("app/key")
        .send()
        .await
        .unwrap();
    assert_eq!(first.secret_string().unwrap().chars().count(), 40);
    assert_eq!(first.version_stages(), ["AWSCURRENT"]);
    assert!(first.created_date().is_some());

    let token = "01234567-89ab-cdef-0123-456789abcdef";
    let put = |value: &str| {
        let put = client
            .put_secret_value()
            .secret_id(first.arn().unwrap())
            .client_request_token(token);
        put.secret_string(value).version_stages("AWSPENDING").send()
    };
    assert_eq!(put("two").await.unwrap().version_id(), Some(token));
    assert!(put("two").await.is_ok());
    let other = put("other").await.unwrap_err().into_service_error();
    assert!(other.is_resource_exists_exception());

    let promote = client
        .update_secret_version_stage()
        .secret_id("app/key")
        .version_stage("AWSCURRENT");
    let promote = promote
        .move_to_version_id(token)
        .remove_from_version_id(first.version_id().unwrap());
    promote.send().await.unwrap();
    let stage = |stage: &str| {
        client
            .get_secret_value()
            .secret_id("app/key")
            .version_stage(stage)
            .send()
    };
    assert_eq!(
        stage("AWSCURRENT").await.unwrap().secret_string(),
        Some("two")
    );
    assert_eq!(
        stage("AWSPREVIOUS").await.unwrap().version_id(),
        first.version_id()
    );
    let described = client
        .describe_secret()
        .secret_id("app/key")
        .send()
        .await
        .unwrap();
    assert_eq!(described.version_ids_to_stages().unwrap()[token].len(), 2);

    let unknown = client
        .get_secret_value()
        .secret_id("nobody")
        .send()
        .await
        .unwrap_err();
    assert!(matches!(
        unknown.into_service_error(),
        GetSecretValueError::ResourceNotFoundException(_)
    ));
    let random = client
        .get_random_password()
        .password_length(12)
        .exclude_punctuation(true);
    let random = random.send().await.unwrap();
    assert_eq!(random.random_password().unwrap().len(), 12);
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn tables_speak_to_the_real_client() {
    let probe = Probe::start(|_, _| {}).await;
    let client = aws_sdk_dynamodb::Client::new(&sdk(probe.cloud.urls().dynamodb()));
    let put = client
        .put_item()
        .table_name("things")
        .item("id", AttributeValue::S("a".into()));
    put.condition_expression("attribute_not_exists(id)")
        .send()
        .await
        .unwrap();
    let statistics = probe.cloud.database().table_stats().unwrap();
    assert_eq!(statistics.len(), 1);
    probe.cloud.shutdown().await;
}

//! Instances: their number, their end, their environment.

use std::{collections::BTreeSet, time::Duration};

use dodolens_local::cloud::{Cloud, CloudError, InvokeError, Listeners, Options};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Probe, alive, within};

async fn invoke(cloud: &Cloud, command: Value) -> Result<Value, InvokeError> {
    let response = cloud.invoke("Api", &json!({ "probe": command })).await?;
    Ok(serde_json::from_slice(&response).unwrap())
}

async fn error(cloud: &Cloud, command: Value) -> (String, String) {
    match invoke(cloud, command).await {
        Err(InvokeError::Function(error)) => (error.error_type, error.error_message),
        other => panic!("not a function's error: {other:?}"),
    }
}

#[tokio::test]
async fn an_instance_is_used_again() {
    let probe = Probe::start(|_, _| {}).await;
    let now = || jiff::Timestamp::now().as_millisecond();
    let before = now();
    let first = invoke(&probe.cloud, json!({})).await.unwrap();
    let after = now();
    let second = invoke(&probe.cloud, json!({})).await.unwrap();
    assert_eq!(first["pid"], second["pid"]);
    assert_ne!(first["requestId"], second["requestId"]);
    assert_eq!(
        first["arn"],
        "arn:aws:lambda:eu-west-3:000000000000:function:probe"
    );
    let begun = first["deadline"].as_i64().unwrap() - 20_000;
    assert!(
        (before..=after).contains(&begun),
        "{before} {begun} {after}"
    );
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn load_starts_instances_with_one_event_each() {
    let probe = Probe::start(|_, _| {}).await;
    let calls = (0..8).map(|_| invoke(&probe.cloud, json!({ "do": "sleep", "ms": 1500 })));
    let pids: BTreeSet<u64> = join_all(calls)
        .await
        .into_iter()
        .map(|result| result.unwrap()["pid"].as_u64().unwrap())
        .collect();
    assert_eq!(pids.len(), 8);
    assert_eq!(probe.cloud.instances("Api").len(), 8);
    probe.cloud.shutdown().await;
    assert!(
        pids.into_iter()
            .all(|pid| !alive(u32::try_from(pid).unwrap())),
        "orphans"
    );
}

#[tokio::test]
async fn over_the_machines_limit_events_wait_and_over_the_functions_they_are_refused() {
    let probe = Probe::start(|stack, options| {
        options.max_instances = 2;
        stack.functions.get_mut("Worker").unwrap().max_concurrency = Some(1);
    })
    .await;
    let calls = (0..6).map(|_| invoke(&probe.cloud, json!({ "do": "sleep", "ms": 50 })));
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(probe.cloud.instances("Api").len(), 2);

    let event = json!({ "probe": { "do": "sleep", "ms": 500 } });
    let calls = (0..2).map(|_| probe.cloud.invoke("Worker", &event));
    let results = join_all(calls).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(
        results
            .iter()
            .any(|result| matches!(result, Err(InvokeError::Throttled)))
    );
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn a_timeout_ends_the_process_and_not_the_function() {
    let probe = Probe::start(|stack, _| {
        stack.functions.get_mut("Api").unwrap().timeout = Duration::from_secs(15);
    })
    .await;
    invoke(&probe.cloud, json!({})).await.unwrap();
    let pid = probe.cloud.instances("Api")[0].pid.unwrap();
    let (kind, message) = error(&probe.cloud, json!({ "do": "sleep", "ms": 60_000 })).await;
    assert_eq!(kind, "Sandbox.Timedout");
    assert!(
        message.ends_with("Error: Task timed out after 15.00 seconds"),
        "{message}"
    );
    assert!(!alive(pid));
    assert!(
        probe
            .lines("Api")
            .iter()
            .any(|line| line.contains("Task timed out"))
    );
    let after = invoke(&probe.cloud, json!({})).await.unwrap();
    assert_ne!(after["pid"], pid);
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn errors_are_told_apart() {
    let probe = Probe::start(|_, _| {}).await;
    let (kind, message) = error(&probe.cloud, json!({ "do": "exit", "code": 3 })).await;
    assert_eq!(kind, "Runtime.ExitError");
    assert!(
        message.ends_with("Error: Runtime exited with error: exit status 3"),
        "{message}"
    );

    let (_, message) = error(&probe.cloud, json!({ "do": "fail" })).await;
    assert_eq!(message, "told to fail");
    let survivor = probe.cloud.instances("Api")[0].pid;

    let (kind, _) = error(
        &probe.cloud,
        json!({ "do": "big", "bytes": 6 * 1024 * 1024 + 100 }),
    )
    .await;
    assert_eq!(kind, "Function.ResponseSizeTooLarge");
    let fits = invoke(
        &probe.cloud,
        json!({ "do": "big", "bytes": 6 * 1024 * 1024 + 98 }),
    )
    .await;
    assert!(fits.is_ok());
    assert_eq!(
        probe.cloud.instances("Api")[0].pid,
        survivor,
        "an error is not an end"
    );

    let large = invoke(&probe.cloud, json!({ "x": "y".repeat(6 * 1024 * 1024) })).await;
    assert!(matches!(large, Err(InvokeError::RequestTooLarge)));
    let unknown = probe.cloud.invoke("Nobody", &json!({})).await;
    assert!(matches!(unknown, Err(InvokeError::UnknownFunction(_))));
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn a_killed_instance_is_replaced() {
    let probe = Probe::start(|_, _| {}).await;
    invoke(&probe.cloud, json!({})).await.unwrap();
    let idle = probe.cloud.kill_instance("Api").await.unwrap();
    assert!(!alive(idle));
    assert!(probe.cloud.instances("Api").is_empty());
    invoke(&probe.cloud, json!({})).await.unwrap();

    let busy = error(&probe.cloud, json!({ "do": "sleep", "ms": 60_000 }));
    let kill = async {
        probe.wait_for("Api", 3).await;
        probe.cloud.kill_instance("Api").await.unwrap()
    };
    let ((kind, message), killed) = tokio::join!(busy, kill);
    assert_eq!(kind, "Runtime.ExitError");
    assert!(message.ends_with("signal: killed"), "{message}");
    assert!(!alive(killed));
    invoke(&probe.cloud, json!({})).await.unwrap();
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn an_unused_instance_is_ended() {
    let probe = Probe::start(|_, options| options.idle_timeout = Duration::from_millis(100)).await;
    invoke(&probe.cloud, json!({})).await.unwrap();
    within(|| probe.cloud.instances("Api").is_empty().then_some(())).await;
    invoke(&probe.cloud, json!({})).await.unwrap();
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn a_failed_init_fails_the_event_and_not_the_stack() {
    let probe = Probe::start(|stack, options| {
        options.limits.init = Duration::from_secs(20);
        for (id, how) in [("Api", "exit"), ("Worker", "hang")] {
            let environment = &mut stack.functions.get_mut(id).unwrap().environment;
            environment.insert("PROBE_INIT".into(), how.into());
        }
    })
    .await;
    let (kind, message) = error(&probe.cloud, json!({})).await;
    assert_eq!(kind, "Runtime.ExitError");
    assert!(message.ends_with("exit status 9"), "{message}");
    let hung = probe.cloud.invoke("Worker", &json!({})).await;
    assert!(
        matches!(hung, Err(InvokeError::Function(error)) if error.error_type == "Sandbox.Timedout")
    );
    assert!(probe.cloud.invoke("Timer", &json!({})).await.is_ok());
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn a_function_is_started_through_its_wrapper() {
    let probe = Probe::start(|_, options| {
        let wrapper = ["/usr/bin/env", "WRAPPED=yes"].map(Into::into).to_vec();
        options.wrappers.insert("Api".into(), wrapper);
    })
    .await;
    let command = json!({ "do": "environment" });
    let environment = invoke(&probe.cloud, command.clone()).await.unwrap();
    assert_eq!(environment["WRAPPED"], "yes");
    let event = json!({ "probe": command });
    let other = probe.cloud.invoke("Timer", &event).await.unwrap();
    let other: Value = serde_json::from_slice(&other).unwrap();
    assert_eq!(other["OWN"], "variable");
    assert!(other.get("WRAPPED").is_none());
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn the_environment_is_lambdas_and_nothing_else() {
    let probe = Probe::start(|_, _| {}).await;
    let environment = invoke(&probe.cloud, json!({ "do": "environment" }))
        .await
        .unwrap();
    let urls = probe.cloud.urls();
    for (name, value) in [
        ("OWN", "variable"),
        ("AWS_REGION", "eu-west-3"),
        ("AWS_LAMBDA_FUNCTION_NAME", "probe"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_ENDPOINT_URL_DYNAMODB", &urls.dynamodb()),
        ("AWS_ENDPOINT_URL_SQS", &urls.sqs()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &urls.secrets_manager()),
    ] {
        assert_eq!(environment[name], value, "{name}");
    }
    for inherited in ["HOME", "USER", "CARGO", "CARGO_MANIFEST_DIR"] {
        assert!(environment.get(inherited).is_none(), "{inherited}");
    }
    probe.cloud.shutdown().await;
}

#[tokio::test]
async fn dropping_the_cloud_leaves_no_process() {
    let probe = Probe::start(|_, _| {}).await;
    invoke(&probe.cloud, json!({})).await.unwrap();
    let pid = probe.cloud.instances("Api")[0].pid.unwrap();
    drop(probe);
    within(|| (!alive(pid)).then_some(())).await;
}

#[tokio::test]
async fn a_stack_without_its_bootstraps_does_not_start() {
    let empty = tempfile::tempdir().unwrap();
    let mut stack = None;
    let probe = Probe::start(|given, _| stack = Some(given.clone())).await;
    probe.cloud.shutdown().await;
    let mut stack = stack.unwrap();
    let start = async |stack| {
        let listeners = Listeners::bind(0).await.unwrap();
        Cloud::start(listeners, stack, empty.path(), Options::default())
            .await
            .err()
    };
    assert!(matches!(
        start(stack.clone()).await,
        Some(CloudError::NoBootstrap { .. })
    ));
    stack.functions.remove("Api");
    let error = start(stack).await;
    assert!(matches!(error, Some(CloudError::NoFunction { function, .. }) if function == "Api"));
}

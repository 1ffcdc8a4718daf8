//! What the functions emit, on the local stack.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use bytes::Bytes;
use dodolens::{
    app::metrics::table::{ALL, Dimensions, Function, NAMESPACE},
    wire::{http::SessionCreated, ws::PROTOCOL},
};
use dodolens_local::{
    peer::{Failures, Faults, PeerOptions, Provider, Task, Throttle},
    video::VideoSpec,
};
use dodolens_tests::stack::{AI_KEY, Setup, TestStack, showing, video};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{client::IntoClientRequest as _, http::header::SEC_WEBSOCKET_PROTOCOL},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SIZE: u64 = 300_000;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
/// A metric and who emits it.
type Emission = (&'static str, Function);

fn failing(status: u16, requests: Option<u32>) -> Option<Failures> {
    Some(Failures { status, requests })
}

/// Pictures: OpenAI throttles once and then rejects, Anthropic rejects the first request. Sound: the first two requests
/// are rejected. So the first try has no evidence and the second one only pictures.
fn peer() -> PeerOptions {
    let pictures = Faults {
        throttle: Some(Throttle {
            requests: 1,
            retry_after: Duration::ZERO,
        }),
        fail: failing(400, None),
        ..Faults::default()
    };
    let sound = Faults {
        fail: failing(400, Some(2)),
        ..Faults::default()
    };
    let elsewhere = Faults {
        fail: failing(400, Some(1)),
        ..Faults::default()
    };
    PeerOptions {
        vision: pictures,
        transcription: sound,
        elsewhere: [((Provider::Anthropic, Task::Vision), elsewhere)].into(),
        ..PeerOptions::new(AI_KEY)
    }
}

async fn start(webhook: &MockServer) -> TestStack {
    let parameters = [
        ("WebhookUrl", webhook.uri()),
        ("WebhookSecret", SECRET.into()),
        (
            "AiVision",
            "openai:gpt-6-luna,anthropic:claude-haiku-4-5".into(),
        ),
    ];
    TestStack::start(Setup {
        peer: peer(),
        parameters: parameters.into(),
        schedule_scale: 1e6,
        ..Setup::default()
    })
    .await
}

async fn listen(stack: &TestStack, session: &SessionCreated) -> Socket {
    let url = stack.running.websocket.as_str();
    let mut request = url.into_client_request().unwrap();
    let credential = format!(
        "{PROTOCOL}, session.{}.{}",
        session.session_id, session.token
    );
    request
        .headers_mut()
        .insert(SEC_WEBSOCKET_PROTOCOL, credential.parse().unwrap());
    Box::pin(connect_async(request)).await.unwrap().0
}

/// Sets an attribute of a session's record.
async fn set(stack: &TestStack, session: &SessionCreated, attribute: &str, value: AttributeValue) {
    let mut tables = stack.running.cloud.stack().tables.iter();
    let table = tables
        .find(|table| table.name.ends_with("Sessions"))
        .unwrap();
    let update = stack.dynamodb().update_item().table_name(&table.name);
    let update = update
        .key("session_id", AttributeValue::S(session.session_id.clone()))
        .update_expression("SET #a = :v")
        .expression_attribute_names("#a", attribute)
        .expression_attribute_values(":v", value);
    update.send().await.unwrap();
}

/// A message of a queue.
fn event(body: &Value) -> Value {
    json!({"Records": [{
        "messageId": "m", "receiptHandle": "h", "body": body.to_string(),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "eu-west-3",
    }]})
}

/// Lets the functions do everything that is measured.
async fn everything(stack: &TestStack) -> Vec<SessionCreated> {
    let cloud = &stack.running.cloud;
    let spec = VideoSpec {
        seconds: 2.0,
        say: Some("Two bicycles in the cellar.".into()),
        ..showing(&["armchair@living_room"])
    };
    let outcome = stack.analyze(&video(&spec, ".mp4").await).await;
    let complete = outcome.last.snapshot.receipt.unwrap().statement.session_id;

    let junk = Bytes::from(vec![7; SIZE as usize]);
    let [unusable, broken, erased, expired, given_up] =
        futures::future::join_all((0..5).map(|_| stack.open(SIZE)))
            .await
            .try_into()
            .ok()
            .unwrap();
    let listening = listen(stack, &unusable).await;
    stack.upload(&unusable, &junk).await;
    stack.client.finalize(&unusable).await.unwrap();
    drop(listening);
    stack.upload(&broken, &junk).await;
    let no_key = AttributeValue::B(Blob::new(vec![0; 61]));
    set(stack, &broken, "wrapped_key", no_key).await;
    stack.client.finalize(&broken).await.unwrap();

    let listening = listen(stack, &erased).await;
    stack.client.erase(&erased).await.unwrap();
    drop(listening);

    for attribute in ["expires_at", "sweep_at"] {
        set(stack, &expired, attribute, AttributeValue::N("0".into())).await;
    }
    cloud.run_schedule("SweepFunction").await.unwrap();
    let listening = listen(stack, &given_up).await;
    let job = json!({"sessionId": given_up.session_id});
    cloud.invoke("SweepFunction", &event(&job)).await.unwrap();
    drop(listening);

    cloud.run_schedule("RotateKeyFunction").await.unwrap();
    until_delivered(stack).await;
    // Its receiver answers 410 from now on.
    let order = json!({"sessionId": complete, "sink": "webhook"});
    cloud
        .invoke("DeliverFunction", &event(&order))
        .await
        .unwrap();
    vec![unusable, broken, erased, expired, given_up]
}

async fn until_delivered(stack: &TestStack) {
    until(|| stack.logged().contains("a result was delivered")).await;
}

/// Waits, and gives up after two minutes.
async fn until(holds: impl Fn() -> bool) {
    for _ in 0..6000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The lines in the embedded metric format, with the logical id of their function.
fn lines(stack: &TestStack) -> Vec<(String, Value)> {
    let logs = stack.logs.lock().unwrap();
    let lines = logs.iter().filter_map(|line| {
        let text = serde_json::from_str::<Value>(&line.text).ok()?;
        text.get("_aws")?;
        Some((line.function.clone(), text))
    });
    lines.collect()
}

/// What was emitted so far; everything about it is as the table says.
fn emitted(stack: &TestStack) -> BTreeSet<Emission> {
    let functions = &stack.running.cloud.stack().functions;
    let mut seen = BTreeSet::new();
    for (id, mut line) in lines(stack) {
        let function = &functions[&id];
        let emitter = Function::ALL
            .into_iter()
            .find(|each| each.binary() == function.binary);
        let members = line.as_object_mut().unwrap();
        let directive = members.remove("_aws").unwrap();
        let [directive] = &directive["CloudWatchMetrics"].as_array().unwrap()[..] else {
            panic!("one directive a line")
        };
        assert_eq!(directive["Namespace"], NAMESPACE);
        assert_eq!(members.remove("FunctionName"), Some(json!(function.name)));
        let mut properties = vec![];
        for metric in directive["Metrics"].as_array().unwrap() {
            let name = metric["Name"].as_str().unwrap();
            let row = ALL.iter().find(|row| row.name == name);
            let row = row.unwrap_or_else(|| panic!("{name} is not in the table"));
            assert_eq!(metric["Unit"], row.unit.name(), "{name}");
            assert_eq!(
                directive["Dimensions"],
                json!([row.dimensions.names()]),
                "{name}"
            );
            if row.dimensions == Dimensions::Provider {
                properties = vec!["Provider", "Model", "Task", "Outcome"];
            }
            let value = members.remove(name).unwrap();
            let all = value.as_array().cloned().unwrap_or(vec![value]);
            let numbers = all.iter().map(|value| value.as_f64().unwrap());
            assert!(numbers.clone().all(|value| value >= 0.0), "{name}");
            assert!((1..=100).contains(&numbers.len()), "{name}");
            seen.insert((row.name, emitter.unwrap()));
        }
        let left: BTreeSet<_> = members.keys().map(String::as_str).collect();
        assert_eq!(left, properties.into_iter().collect(), "in no table: {id}");
    }
    seen
}

fn promised() -> BTreeSet<Emission> {
    let of =
        |(name, functions): (_, &'static [Function])| functions.iter().map(move |of| (name, *of));
    ALL.iter()
        .map(|metric| (metric.name, metric.functions))
        .flat_map(of)
        .collect()
}

/// All values of a metric by one function.
fn values(stack: &TestStack, metric: &str, function: &str) -> Vec<f64> {
    let lines = lines(stack).into_iter().filter(|(id, _)| id == function);
    lines
        .filter_map(|(_, line)| line.get(metric).cloned())
        .flat_map(|value| value.as_array().cloned().unwrap_or(vec![value]))
        .map(|value| value.as_f64().unwrap())
        .collect()
}

#[tokio::test]
async fn every_function_emits_what_the_table_says_and_nothing_else() {
    let webhook = MockServer::start().await;
    let takes = Mock::given(any()).respond_with(ResponseTemplate::new(200));
    takes.up_to_n_times(1).mount(&webhook).await;
    let refuses = Mock::given(any()).respond_with(ResponseTemplate::new(410));
    refuses.mount(&webhook).await;
    let stack = start(&webhook).await;
    let sessions = everything(&stack).await;

    until(|| emitted(&stack) == promised()).await;
    let (emitted, promised) = (emitted(&stack), promised());
    let never: Vec<_> = promised.difference(&emitted).collect();
    let unforeseen: Vec<_> = emitted.difference(&promised).collect();
    assert!(
        never.is_empty(),
        "never emitted: {never:?}\n{}",
        stack.logged()
    );
    assert!(unforeseen.is_empty(), "not by the table: {unforeseen:?}");

    let counts = [
        ("sessions.opened", "SessionFunction", 6.0),
        ("sessions.queued", "FinalizeFunction", 3.0),
        ("sessions.completed", "ProcessFunction", 1.0),
        ("sessions.unusable", "ProcessFunction", 1.0),
        ("sessions.failed", "ProcessFunction", 1.0),
        ("sessions.failed", "SweepFunction", 1.0),
        ("sessions.erased", "SessionFunction", 1.0),
        ("sessions.expired", "SweepFunction", 1.0),
        ("erasures", "ProcessFunction", 3.0),
        ("erasures", "SweepFunction", 2.0),
        ("erasures", "SessionFunction", 1.0),
        ("jobs.retried", "ProcessFunction", 1.0),
        ("jobs.given_up", "SweepFunction", 1.0),
        ("analyses.failed", "ProcessFunction", 1.0),
        ("analyses.degraded", "ProcessFunction", 1.0),
        ("ai.retries", "ProcessFunction", 1.0),
        ("ai.fallbacks", "ProcessFunction", 1.0),
        ("media.overdue", "SweepFunction", 0.0),
        ("push.failures", "ProcessFunction", 0.0),
        ("deliveries.accepted", "DeliverFunction", 1.0),
        ("deliveries.given_up", "DeliverFunction", 1.0),
    ];
    let counted = counts.map(|(metric, function, _)| {
        let sum: f64 = values(&stack, metric, function).iter().sum();
        (metric, function, sum)
    });
    assert_eq!(counted, counts);
    let size: BTreeMap<_, _> = [
        ("upload.bytes", "ChunkUploadFunction"),
        ("video.size", "FinalizeFunction"),
    ]
    .map(|(metric, function)| (metric, values(&stack, metric, function).iter().sum::<f64>()))
    .into();
    assert_eq!(size["upload.bytes"], size["video.size"]);
    let memory = values(&stack, "memory.peak", "ProcessFunction");
    assert!(
        memory.iter().all(|percent| (0.1..100.0).contains(percent)),
        "{memory:?}"
    );

    let text: String = lines(&stack)
        .iter()
        .map(|(_, line)| line.to_string())
        .collect();
    for session in &sessions {
        assert!(!text.contains(&session.session_id) && !text.contains(&session.token));
    }
    stack.running.shutdown().await;
}

use std::{collections::BTreeMap, time::Duration};

use axum::http::StatusCode;

use super::{AiCost, Asked, Counted, Item, ModelNames, Prices, Usage, tally::Stretch};
use crate::aws_proxy::{Call, Recorded, Service};
use dodolens_cloud::{LogLine, Metered};
use dodolens_peer::{Provider, Seen, Task};

/// Parts of a video of 80 MiB, and what one is written as: ~342 KB.
const PARTS: usize = 240;
const PART_UNITS: f64 = 342.0;

fn recorded(service: Service, operation: &str, units: Option<f64>) -> Recorded {
    Recorded {
        call: Call {
            function: "Uploads".into(),
            service,
            operation: operation.into(),
            resources: Vec::new(),
            request_bytes: 40_000,
        },
        status: StatusCode::OK,
        response_bytes: 2_000,
        capacity_units: units,
    }
}

fn memory() -> BTreeMap<String, u32> {
    [("Uploads".to_owned(), 512)].into()
}

fn usage(calls: Vec<Recorded>) -> Usage {
    let stretch = Stretch {
        calls,
        ..Stretch::default()
    };
    stretch.usage(&memory())
}

fn names() -> ModelNames {
    ModelNames {
        vision: "gpt-6-luna".into(),
        speech: "gpt-transcribe".into(),
        cues: "gpt-6-luna".into(),
    }
}

/// What a month of 1,000 sessions with these calls costs in a region, US dollars.
fn month(calls: Vec<Recorded>, region: &str) -> f64 {
    let counted = Counted {
        session: usage(calls),
        video_bytes: f64::from(80 << 20),
        ..Counted::default()
    };
    let ai = AiCost::of(&names(), &asked(180.0)).unwrap();
    let bill = counted.bill(&Prices::load().unwrap(), region, 1000.0, ai);
    bill.unwrap().sums.month_aws_usd
}

fn calls(operation: &str, count: usize) -> Vec<Recorded> {
    vec![recorded(Service::DynamoDb, operation, Some(PART_UNITS)); count]
}

#[test]
fn a_video_of_80_mib_costs_what_the_price_list_says() {
    let written = usage(calls("PutItem", PARTS));
    assert_eq!(written.of(Item::TableWrites), 82_080.0);
    let prices = Prices::load().unwrap();
    for (region, once) in [("us-east-1", 0.0513), ("eu-west-3", 0.0609)] {
        let priced = prices.region(region).unwrap();
        let usd = priced.cost(Item::TableWrites, 82_080.0).unwrap();
        assert!((usd - once).abs() < 1e-4, "{region}: {usd}");
        let read = priced.cost(Item::TableReads, 10_320.0).unwrap();
        assert!(read < 0.002, "{region}: {read}");
    }
}

#[test]
fn every_call_changes_the_cost() {
    let put = |count| calls("PutItem", count);
    let shredded = month(put(PARTS), "us-east-1");
    let one_more = month(put(PARTS + 1), "us-east-1");
    let units = 1000.0 * PART_UNITS * 0.625 / 1e6;
    let waits = 1000.0 * 0.5 * 0.010 * 0.000_013_333_4;
    assert!((one_more - shredded - units - waits).abs() < 1e-9);
    let deleted = [put(PARTS), calls("DeleteItem", PARTS)].concat();
    let deleted = month(deleted, "us-east-1");
    assert!(
        (1.9..2.01).contains(&(deleted / shredded)),
        "{deleted} {shredded}"
    );
    assert!(month(put(PARTS), "eu-west-3") > shredded);
}

#[test]
fn calls_are_billed_by_their_kind() {
    let all = usage(vec![
        recorded(Service::DynamoDb, "GetItem", Some(0.5)),
        recorded(Service::DynamoDb, "Query", Some(0.5)),
        // Its condition failed; what is there has 2,000 bytes.
        recorded(Service::DynamoDb, "UpdateItem", None),
        recorded(Service::Sqs, "SendMessage", None),
        recorded(Service::Secrets, "GetSecretValue", None),
        recorded(Service::Connections, "PostToConnection", None),
        recorded(Service::Ai, "POST /responses", None),
    ]);
    for (item, amount) in [
        (Item::TableReads, 1.0),
        (Item::TableWrites, 2.0),
        (Item::QueueRequests, 1.0),
        (Item::SecretCalls, 1.0),
        (Item::SocketMessages, 2.0),
        (Item::DataOut, 80_000.0 / 1e9),
        // Seven waits of 10 ms and one of 20 s for the models, in half a GB.
        (Item::Compute, (7.0 * 0.010 + 20.0) * 0.5),
    ] {
        let billed = all.of(item);
        assert!((billed - amount).abs() < 1e-9, "{item:?}: {billed}");
    }
}

#[test]
fn gateways_and_functions_are_billed_by_size_and_time() {
    let stretch = Stretch {
        metered: vec![
            Metered::Request {
                request_bytes: 1 << 20,
                response_bytes: 0,
            },
            Metered::Request {
                request_bytes: 0,
                response_bytes: 100,
            },
            Metered::Message { bytes: 33_000 },
            Metered::Invocation {
                function: "Uploads".into(),
                took: Duration::from_millis(100),
            },
            Metered::Batch,
        ],
        ..Stretch::default()
    };
    let usage = stretch.usage(&memory());
    assert_eq!(usage.of(Item::HttpRequests), 3.0);
    assert_eq!(usage.of(Item::SocketMessages), 2.0);
    assert_eq!(usage.of(Item::QueueRequests), 2.0);
    assert_eq!(usage.of(Item::Invocations), 1.0);
    // 512 MB have 0.29 of a CPU.
    assert!((usage.of(Item::Compute) - 0.1 * 0.5 * 1769.0 / 512.0).abs() < 1e-9);
}

#[test]
fn each_metric_is_counted_once_for_each_value_of_its_dimension() {
    let line = |provider: &str| LogLine {
        function: "F".into(),
        instance: 1,
        text: format!(
            r#"{{"Provider":"{provider}","a":1,"b":2,"_aws":{{"CloudWatchMetrics":[{{"Dimensions":[["Provider"]],"Metrics":[{{"Name":"a"}},{{"Name":"b"}}]}}]}}}}"#
        ),
    };
    let stretch = Stretch {
        lines: vec![line("x"), line("x"), line("y")],
        ..Stretch::default()
    };
    assert_eq!(stretch.metrics().len(), 4);
    let bytes = stretch.usage(&memory()).of(Item::LogIngestion) * 1e9;
    assert!(bytes > 300.0, "{bytes}");
}

#[test]
fn shredded_parts_are_stored_and_fixed_costs_stay_when_nobody_comes() {
    let counted = |shredded| Counted {
        video_bytes: 80e6,
        shredded,
        queue_sources: 2,
        resources: [("AWS::SecretsManager::Secret".to_owned(), 3)].into(),
        metrics: 4,
        ..Counted::default()
    };
    assert_eq!(counted(false).per_session().of(Item::TableStorage), 0.0);
    assert!(counted(true).per_session().of(Item::TableStorage) > 0.0);
    let prices = Prices::load().unwrap();
    let ai = AiCost::of(&names(), &asked(0.0)).unwrap();
    let bill = counted(false).bill(&prices, "us-east-1", 0.0, ai).unwrap();
    let polls = 2.0 * 657_000.0 * 0.40 / 1e6;
    let fixed = polls + 3.0 * 0.40 + 4.0 * 0.30;
    assert!((bill.sums.month_aws_usd - fixed).abs() < 1e-6, "{bill:?}");
    assert_eq!(bill.sums.month_ai_usd, 0.0);
}

fn asked(sound_seconds: f64) -> Asked {
    let seen = |task, pictures| Seen {
        provider: Provider::OpenAi,
        task,
        status: 200,
        body_bytes: 0,
        pictures: vec![(1024, 576); pictures],
        audio_seconds: 0.0,
    };
    let mut all: Vec<Seen> = [17, 17, 16, 16, 16, 16]
        .map(|n| seen(Task::Vision, n))
        .into();
    all.push(seen(Task::Join, 0));
    Asked::of(&all, sound_seconds)
}

#[test]
fn models_cost_by_pictures_and_sound() {
    let with = AiCost::of(&names(), &asked(180.0)).unwrap();
    // 98 pictures of 1024 by 576 in 6 requests, and one question which things are the same.
    let tokens = 98.0 * 576.0 / 1024.0 * 2_800.0 + 6.0 * 3_000.0;
    let vision = (tokens * 0.10 + 6.0 * 1_500.0 * 0.50) / 1e6;
    let text = (3_000.0 * 0.10 + 3_000.0 * 0.50) / 1e6;
    let (join, cues) = (text, text);
    assert!((with.usd() - vision - join - 0.0135 - cues).abs() < 1e-9);
    let silent = AiCost::of(&names(), &asked(0.0)).unwrap();
    assert!((silent.usd() - vision - join).abs() < 1e-9);
    let unknown = ModelNames {
        vision: "gpt-4-vision-preview".into(),
        ..names()
    };
    assert!(AiCost::of(&unknown, &asked(0.0)).is_err());
}

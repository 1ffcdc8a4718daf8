//! Each function is allowed what it does, and does what it is allowed: the template's policies against the calls of real
//! runs. What a policy does not allow is refused as IAM would, so that the run fails.
//!
//! Not in the template and so not here: what SAM adds by itself to a function (for its queues `sqs:ReceiveMessage`,
//! `sqs:DeleteMessage`, `sqs:GetQueueAttributes`; X-Ray's `xray:PutTraceSegments` and `xray:PutTelemetryRecords`; its logs;
//! in a VPC the network interfaces). None of it is called by our code.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stderr,
    missing_docs
)]

mod flows;
mod guard;
mod iam;
mod support;

use dodolens_local::{
    template::{self, Places},
    toolchain,
};

use crate::{
    guard::Guard,
    iam::Use,
    support::{SetUp, Sinks, some_video, start},
};

/// Plays everything under these parameters, and finds nothing wrong.
async fn fits(set_up: SetUp) {
    let sinks = match set_up.sinks {
        true => Some(Sinks::start().await),
        false => None,
    };
    let (stack, guard) = start(&set_up, sinks.as_ref()).await;
    flows::all(&stack, &guard, &some_video().await).await;
    if let Some(sinks) = &sinks {
        sinks.asked().await;
    }
    stack.running.shutdown().await;
    assert_nothing(&guard);
}

fn assert_nothing(guard: &Guard) {
    let (denied, unused) = guard.findings();
    let list = |uses: &[Use]| -> String { uses.iter().map(|it| format!("\n  {it}")).collect() };
    assert!(
        denied.is_empty() && unused.is_empty(),
        "not allowed:{}\nallowed, but never done:{}",
        list(&denied),
        list(&unused)
    );
}

#[tokio::test]
async fn without_sinks() {
    fits(SetUp {
        parameters: &[],
        sinks: false,
    })
    .await;
}

#[tokio::test]
async fn with_sinks() {
    fits(SetUp {
        parameters: &[],
        sinks: true,
    })
    .await;
}

#[tokio::test]
async fn with_shredded_parts() {
    fits(SetUp {
        parameters: &[("DeleteParts", "shred")],
        sinks: false,
    })
    .await;
}

/// Functions that keep parts elsewhere may do nothing to the table.
#[test]
fn with_parts_in_valkey() {
    let template = std::fs::read_to_string(toolchain::root().join("template.yaml")).unwrap();
    let parameters = [
        ("AuthMode", "none"),
        ("ChunkStore", "valkey"),
        ("Network", "vpc"),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let places = Places {
        http: "http://127.0.0.1:1".into(),
        websocket: "ws://127.0.0.1:2".into(),
        connections: "http://127.0.0.1:2".into(),
        sqs: "http://127.0.0.1:3".into(),
        layers: "/opt".into(),
    };
    let stack = template::read(&template, &parameters.into(), &places).unwrap();
    let allowed = stack.functions.values().flat_map(|it| &it.allowed);
    let resources: Vec<_> = allowed.flat_map(|it| &it.resources).collect();
    let of = |table: &str| resources.iter().any(|arn| arn.contains(table));
    assert!(of("dodolens-Sessions"));
    assert!(!of("dodolens-Chunks"), "{resources:?}");
}

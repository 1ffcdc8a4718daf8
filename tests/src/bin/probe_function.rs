//! A function that does what its event says: the bootstrap that the local cloud is tested with.
//!
//! It prints every event as a line `EVENT <json>`. A command is an object in the event's `probe`, in
//! the header `x-probe`, in the query parameter `probe`, or in an SQS message's body:
//! `{"do": "sleep", "ms": 100}`, `{"do": "exit", "code": 3}`, `{"do": "fail"}`,
//! `{"do": "big", "bytes": 7000000}`, `{"do": "environment"}`, `{"reply": …}`.

#![expect(
    clippy::disallowed_methods,
    reason = "it exits on command, to see what the cloud makes of it"
)]

use std::{collections::BTreeMap, io::Write, time::Duration};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match std::env::var("PROBE_INIT").as_deref() {
        Ok("exit") => std::process::exit(9),
        Ok("hang") => std::future::pending().await,
        Ok(_) | Err(_) => lambda_runtime::run(service_fn(handle)).await,
    }
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let LambdaEvent { payload, context } = event;
    writeln!(std::io::stdout(), "EVENT {payload}")?;
    if let Some(records) = payload.get("Records").and_then(Value::as_array) {
        return batch(records).await;
    }
    let command = command(&payload).unwrap_or_default();
    if let Some(result) = obey(&command).await? {
        return Ok(result);
    }
    let about = json!({
        "event": payload,
        "pid": std::process::id(),
        "requestId": context.request_id,
        "deadline": context.deadline,
        "arn": context.invoked_function_arn,
    });
    let is_http = payload.get("requestContext").is_some();
    Ok(command.get("reply").cloned().unwrap_or_else(|| {
        if is_http {
            json!({ "statusCode": 200, "body": about.to_string() })
        } else {
            about
        }
    }))
}

async fn batch(records: &[Value]) -> Result<Value, Error> {
    let mut failures = Vec::new();
    for record in records {
        let command = record.get("body").and_then(parsed).unwrap_or_default();
        if obey(&command).await.is_err() {
            failures.push(json!({ "itemIdentifier": record.get("messageId") }));
        }
        if let Some(reply) = command.get("reply") {
            return Ok(reply.clone());
        }
    }
    Ok(json!({ "batchItemFailures": failures }))
}

fn command(payload: &Value) -> Option<Value> {
    let within = |field: &str, name: &str| payload.get(field)?.get(name).and_then(parsed);
    payload
        .get("probe")
        .cloned()
        .or_else(|| within("headers", "x-probe"))
        .or_else(|| within("queryStringParameters", "probe"))
        .or_else(|| payload.get("body").and_then(parsed)?.get("probe").cloned())
}

fn parsed(text: &Value) -> Option<Value> {
    serde_json::from_str(text.as_str()?).ok()
}

/// Does what a command says; gives the response if it says which.
async fn obey(command: &Value) -> Result<Option<Value>, Error> {
    let number = |name: &str| {
        command
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    };
    match command.get("do").and_then(Value::as_str) {
        Some("sleep") => tokio::time::sleep(Duration::from_millis(number("ms"))).await,
        Some("exit") => std::process::exit(i32::try_from(number("code"))?),
        Some("fail") => return Err("told to fail".into()),
        Some("big") => return Ok(Some(json!("x".repeat(usize::try_from(number("bytes"))?)))),
        Some("environment") => {
            return Ok(Some(json!(std::env::vars().collect::<BTreeMap<_, _>>())));
        }
        Some(_) | None => {}
    }
    Ok(None)
}

//! Metrics. Whoever knows a value records it; at the end of the invocation they are written together, as lines in the
//! CloudWatch embedded metric format. There is nothing to pass along: an invocation is one task.

mod emf;
mod memory;
pub mod table;

use std::{
    cell::RefCell,
    future::Future,
    io::Write as _,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use self::{
    emf::{Row, Sheet},
    table::Metric,
};
use crate::ports::{Clock, ModelCall, ModelError};

/// Set by Lambda.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
const FUNCTION_NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";

tokio::task_local! {
    static SHEET: RefCell<Sheet>;
}

/// Handles one event, and writes what was recorded meanwhile.
pub async fn invocation<T>(clock: &impl Clock, handling: impl Future<Output = T>) -> T {
    let (handled, mut sheet) = gather(handling).await;
    if let Some(percent) = memory::peak_percent() {
        sheet.record(&table::MEMORY_PEAK, percent);
    }
    let function = std::env::var(FUNCTION_NAME).unwrap_or_default();
    sheet.lines(&function, clock.now()).iter().for_each(emit);
    handled
}

/// Runs a future, and gives what was recorded meanwhile.
async fn gather<T>(future: impl Future<Output = T>) -> (T, Sheet) {
    let all = async {
        let output = future.await;
        (output, SHEET.with(RefCell::take))
    };
    SHEET.scope(RefCell::default(), all).await
}

/// Records a value in the unit of its metric. Outside of an invocation nobody wants to know.
pub fn record(metric: &'static Metric, value: f64) {
    let _ = SHEET.try_with(|sheet| sheet.borrow_mut().record(metric, value));
}

/// Records a time in milliseconds.
pub fn record_time(metric: &'static Metric, time: Duration) {
    record(metric, time.as_secs_f64() * 1000.0);
}

/// Records how long a future takes, in milliseconds.
pub async fn timed<T>(metric: &'static Metric, future: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let output = future.await;
    record_time(metric, started.elapsed());
    output
}

/// Records what a request to a provider used.
pub fn record_call(call: &ModelCall) {
    let _ = SHEET.try_with(|sheet| sheet.borrow_mut().add(row(call)));
}

fn row(call: &ModelCall) -> Row {
    let usage = &call.usage;
    let outcome = call.failure.map_or("answered", ModelError::code);
    Row {
        provider: call.provider.clone(),
        values: vec![
            (&table::AI_COST, usage.cost.dollars()),
            (&table::AI_LATENCY, call.time.as_millis() as f64),
            (
                &table::AI_FAILURES,
                f64::from(u8::from(call.failure.is_some())),
            ),
            (&table::AI_TOKENS_READ, usage.input_tokens as f64),
            (&table::AI_TOKENS_WRITTEN, usage.output_tokens as f64),
            (&table::AI_SOUND, usage.audio_seconds as f64),
        ],
        properties: vec![
            ("Model", json!(call.model)),
            ("Task", json!(call.task.name())),
            ("Outcome", json!(outcome)),
        ],
    }
}

fn emit(line: &Value) {
    let line = format!("{line}\n");
    if let Err(error) = std::io::stdout().lock().write_all(line.as_bytes()) {
        tracing::error!(%error, "a metric could not be written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Task;
    use dodolens_domain::{evidence::Usage, money::Usd, time::Timestamp};

    async fn lines(future: impl Future<Output = ()>) -> Vec<Value> {
        let ((), sheet) = gather(future).await;
        sheet.lines("dodolens-Process", Timestamp::from_millis(5))
    }

    #[tokio::test]
    async fn what_is_recorded_anywhere_in_an_invocation_is_gathered() {
        let lines = lines(async {
            let elsewhere = async { record(&table::ERASURES, 1.0) };
            tokio::join!(elsewhere, timed(&table::PUSH_LATENCY, async {}));
        })
        .await;
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["erasures"], 1);
        assert!(lines[0]["push.latency"].as_f64().unwrap() < 1000.0);
    }

    #[tokio::test]
    async fn invocations_know_nothing_of_one_another() {
        record(&table::ERASURES, 1.0);
        gather(async { record(&table::ERASURES, 1.0) }).await;
        assert!(lines(async {}).await.is_empty());
    }

    #[tokio::test]
    async fn a_call_is_counted_under_its_provider() {
        let call = ModelCall {
            task: Task::Vision,
            provider: "anthropic".into(),
            model: "claude-haiku-4-5".into(),
            usage: Usage {
                input_tokens: 11,
                output_tokens: 3,
                audio_seconds: 0,
                cost: Usd::from_nanos(26_000),
            },
            time: Duration::from_millis(1_200),
            failure: Some(ModelError::Rejected { status: 400 }),
        };
        let lines = lines(async { record_call(&call) }).await;
        let mut line = lines[0].clone();
        let directive = line.as_object_mut().unwrap().remove("_aws").unwrap();
        assert_eq!(
            directive["CloudWatchMetrics"][0]["Dimensions"],
            json!([["FunctionName", "Provider"]])
        );
        let expected = json!({
            "FunctionName": "dodolens-Process", "Provider": "anthropic",
            "Model": "claude-haiku-4-5", "Task": "vision", "Outcome": "rejected",
            "ai.cost": 2.6e-5, "ai.latency": 1200, "ai.failures": 1,
            "ai.tokens.read": 11, "ai.tokens.written": 3, "ai.sound": 0,
        });
        assert_eq!(line, expected);
    }
}
